# Prints what TensorBoard reads of a folder of event files, as JSON: through its reader and through its HTTP interface.
# Run: python read-tensorboard.py FOLDER   (tensorboard 2.21)
import json, math, os, subprocess, sys, time, urllib.parse, urllib.request

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util import tensor_util

folder = sys.argv[1]


def number(value):
    value = float(value)
    return value if math.isfinite(value) else str(value)


readings = {}
for name in sorted(os.listdir(folder)):
    events = EventAccumulator(os.path.join(folder, name), size_guidance={"scalars": 0, "tensors": 0, "histograms": 0})
    events.Reload()
    tags = events.Tags()
    tensors = {}
    for tag in tags["tensors"]:
        values = [[event.step, tensor_util.make_ndarray(event.tensor_proto)] for event in events.Tensors(tag)]
        tensors[tag] = [[step, value.item().decode() if value.dtype == object else value.tolist()] for step, value in values]
    scalars = {tag: [[e.step, number(e.value), e.wall_time] for e in events.Scalars(tag)] for tag in tags["scalars"]}
    readings[name] = {"scalars": scalars, "tensors": tensors}

port = int(os.environ.get("PORT", "6016"))
server = subprocess.Popen([sys.executable, "-m", "tensorboard.main", "--logdir", folder, "--port", str(port), *sys.argv[2:]],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def ask(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/data/{path}", data=data, headers={"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as response:
        return json.load(response)


try:
    for _ in range(120):
        try:
            if set(readings) <= set(ask("plugin/scalars/tags")):
                break
        except OSError:
            pass
        time.sleep(0.5)
    http = {"hparams": ask("plugin/hparams/experiment", {"experimentName": ""})}
    columns = [{"hparam": info["name"]} for info in http["hparams"].get("hparamInfos", [])]
    http["sessions"] = ask("plugin/hparams/session_groups", {
        "experimentName": "", "allowedStatuses": ["STATUS_UNKNOWN", "STATUS_SUCCESS", "STATUS_FAILURE", "STATUS_RUNNING"],
        "colParams": [{"metric": info["name"]} for info in http["hparams"].get("metricInfos", [])] + columns,
        "startIndex": 0, "sliceSize": 100})
    http["last"] = {}
    for run in readings:
        http["last"][run] = {}
        for tag in readings[run]["scalars"]:
            query = urllib.parse.urlencode({"run": run, "tag": tag})
            http["last"][run][tag] = ask(f"plugin/scalars/scalars?{query}")[-1]
    http["text"] = {run: ask("plugin/text/tags").get(run, []) for run in readings}
    http["histograms"] = {run: list(ask("plugin/histograms/tags").get(run, {})) for run in readings}
finally:
    server.kill()
    server.wait()
print(json.dumps({"reader": readings, "http": http}, default=str))
