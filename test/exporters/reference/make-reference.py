# Makes the references for the bytes of the exporters with the programs that read them: expected.json holds the event file
# that TensorBoard's writer makes of case.json, the messages that wandb's classes make of it, and a log that wandb wrote
# itself with the records in it. Values of case.json that JSON does not have are strings.
# The parameters of case.json are sorted, as protobuf sorts a map when it is to be the same every time.
# Run: python make-reference.py   (tensorboard 2.21, wandb 0.31)
import base64, gzip, io, json, os, pathlib, struct, tempfile

import numpy as np
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, types_pb2
from tensorboard.plugins.histogram import metadata as histogram_metadata
from tensorboard.plugins.hparams import metadata as hparams_metadata, plugin_data_pb2
from tensorboard.plugins.text import metadata as text_metadata
from tensorboard.summary.writer.record_writer import RecordWriter
from tensorboard.util import tensor_util
from wandb.proto import wandb_internal_pb2 as wandb_pb2

here = pathlib.Path(__file__).parent
case = json.loads((here / "case.json").read_text())
run = case["run"]
start = run["startedMs"] / 1000


def packed(data):
    return base64.b64encode(gzip.compress(data, mtime=0)).decode()


def tensorboard_file():
    written = io.BytesIO()
    written.close = lambda: None
    writer = RecordWriter(written)

    def write(event):
        writer.write(event.SerializeToString())

    def summary(at, step, **value):
        event = event_pb2.Event(wall_time=at, step=step)
        event.summary.value.add(**value)
        write(event)

    def text(name, content, at=start, step=0):
        metadata = text_metadata.create_summary_metadata(None, None)
        metadata.data_class = summary_pb2.DATA_CLASS_TENSOR
        tensor = tensor_util.make_tensor_proto(content.encode(), dtype=types_pb2.DT_STRING)
        summary(at, step, tag=f"text/{name}", metadata=metadata, tensor=tensor)

    def hparams(tag, at, **content):
        data = plugin_data_pb2.HParamsPluginData(**content)
        metadata = summary_pb2.SummaryMetadata(data_class=summary_pb2.DATA_CLASS_TENSOR)
        metadata.plugin_data.plugin_name = "hparams"
        metadata.plugin_data.content = data.SerializeToString(deterministic=True)
        summary(at, 0, tag=tag, metadata=metadata, tensor=hparams_metadata.NULL_TENSOR)

    write(event_pb2.Event(wall_time=start, file_version="brain.Event:2"))
    info = plugin_data_pb2.SessionStartInfo(group_name=run["id"], start_time_secs=start)
    for name, value in run["parameters"].items():
        if isinstance(value, bool):
            info.hparams[name].bool_value = value
        elif isinstance(value, str):
            info.hparams[name].string_value = value
        else:
            info.hparams[name].number_value = value
    hparams("_hparams_/session_start_info", start, session_start_info=info)
    text("note", run["note"])
    text("tags", ", ".join(run["tags"]))
    text("origin", ", ".join([*run["parents"], f"commit {run['commit']}"]))
    rows = [f"| {a['name']} | {a['kind']} | {a['digest']} | {a['sizeBytes']} |" for a in case["artifacts"]]
    text("artifacts", "\n".join(["| name | kind | digest | bytes |", "| --- | --- | --- | --- |", *rows]))
    for series in case["series"]:
        for point in series["points"]:
            summary(point["timeMs"] / 1000, point["step"], tag=series["name"], simple_value=float(point["value"]))
    for item in case["texts"]:
        text(item["name"], item["text"], item["timeMs"] / 1000, item["step"])
    for item in case["histograms"]:
        edges, counts = item["edges"], item["counts"]
        buckets = np.array([[edges[i], edges[i + 1], counts[i]] for i in range(len(counts))], dtype=np.float64)
        metadata = histogram_metadata.create_summary_metadata(None, None)
        metadata.data_class = summary_pb2.DATA_CLASS_TENSOR
        summary(item["timeMs"] / 1000, item["step"], tag=f"histogram/{item['name']}", metadata=metadata,
                tensor=tensor_util.make_tensor_proto(buckets, dtype=types_pb2.DT_DOUBLE))
    end = plugin_data_pb2.SessionEndInfo(status="STATUS_FAILURE", end_time_secs=run["endedMs"] / 1000)
    hparams("_hparams_/session_end_info", run["endedMs"] / 1000, session_end_info=end)
    return written.getvalue()


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def wandb_records():
    records = []

    def add(**content):
        records.append(wandb_pb2.Record(num=len(records) + 1, **content).SerializeToString())

    def items(message, values):
        for key, value in values.items():
            message.add(key=key, value_json=value)

    header = wandb_pb2.HeaderRecord()
    header.version_info.producer, header.version_info.min_consumer = run["producer"], "0.12.0"
    add(header=header)
    message = wandb_pb2.RunRecord(run_id="20260101000000abcd", project="veracity", display_name=run["id"], notes=run["note"], tags=run["tags"])
    config = {**run["parameters"], **run["changed"], "dataset_version": run["datasetVersion"], "parents": run["parents"],
              "artifacts": {a["name"]: a["digest"] for a in case["artifacts"]}}
    items(message.config.update, {key: compact(value) for key, value in config.items()})
    message.start_time.seconds, message.start_time.nanos = divmod(run["startedMs"], 1000)
    message.start_time.nanos *= 1_000_000
    message.git.commit = run["commit"]
    add(run=message)
    rows = {}

    def put(item, name, value):
        row = rows.setdefault(item["step"], {"timeMs": 0, "values": {}})
        row["timeMs"] = max(row["timeMs"], item["timeMs"])
        row["values"][name] = value

    for series in case["series"]:
        for point in series["points"]:
            put(point, series["name"], point["value"] if isinstance(point["value"], str) else repr(point["value"]))
    for item in case["texts"]:
        put(item, item["name"], compact(item["text"]))
    for item in case["histograms"]:
        put(item, item["name"], compact({"_type": "histogram", "bins": item["edges"], "values": item["counts"]}))
    for step, row in sorted(rows.items()):
        message = wandb_pb2.HistoryRecord()
        seconds = lambda ms: repr(ms / 1000).removesuffix(".0")
        items(message.item, {"_step": str(step), "_timestamp": seconds(row["timeMs"]), "_runtime": seconds(row["timeMs"] - run["startedMs"]), **row["values"]})
        message.step.num = step
        add(history=message)
    message = wandb_pb2.SummaryRecord()
    last = {series["name"]: series["points"][-1]["value"] for series in case["series"]}
    items(message.update, {name: value if isinstance(value, str) else repr(value) for name, value in last.items()})
    add(summary=message)
    add(exit=wandb_pb2.RunExitRecord(exit_code=1, runtime=61))
    return records


def read_log(data):
    """The records of a LevelDB log behind a header of 7 bytes, with its checksums left unchecked."""
    records, at, record = [], 7, b""
    while at + 7 <= len(data):
        room = 32768 - at % 32768
        if room < 7:
            at += room
            continue
        _, length, kind = struct.unpack("<IHB", data[at : at + 7])
        if kind == 0:
            at += room
            continue
        record += data[at + 7 : at + 7 + length]
        at += 7 + length
        if kind in (1, 4):
            records.append(record)
            record = b""
    return records


def wandb_log():
    """A log of wandb's own, with rows around the size of a block, so that records are cut in every way."""
    import wandb

    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(WANDB_MODE="offline", WANDB_DIR=folder, WANDB_SILENT="true", WANDB_CONSOLE="off", WANDB_ERROR_REPORTING="false",
                          WANDB_DISABLE_GIT="true", WANDB_DISABLE_CODE="true", WANDB_X_DISABLE_STATS="true", WANDB_X_DISABLE_META="true", WANDB_PROJECT="try")
        started = wandb.init(settings=wandb.Settings(x_disable_stats=True, x_disable_meta=True, x_disable_machine_info=True))
        for size in [10, 32_000, 33_000, 90_000, *range(31_900, 32_700, 40)]:
            started.log({"text": "y" * size})
        started.finish()
        wandb.teardown()  # otherwise the last block may not be written yet
        [path] = pathlib.Path(folder).rglob("*.wandb")
        return path.read_bytes()


log = wandb_log()
expected = {
    "tensorboard": packed(tensorboard_file()),
    "wandb": [packed(record) for record in wandb_records()],
    "log": packed(log),
    "logRecords": [packed(record) for record in read_log(log)],
}
(here / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
print(len(log), "bytes in", len(expected["logRecords"]), "records")
