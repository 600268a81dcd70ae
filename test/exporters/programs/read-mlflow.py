# Prints what MLflow's own client finds of an exported run, as JSON. Non-finite numbers become strings.
# Run: python read-mlflow.py URL EXPERIMENT RUN_ID   (mlflow 3.17)
import json, math, sys

import mlflow
from mlflow import MlflowClient

url, experiment_name, run_id = sys.argv[1:4]
mlflow.set_tracking_uri(url)
client = MlflowClient(url)


def number(value):
    return value if math.isfinite(value) else str(value)


experiment = client.get_experiment_by_name(experiment_name)
found = mlflow.search_runs([experiment.experiment_id], f"tags.`veracity.run_id` = '{run_id}'", output_format="list")
answer = []
for run in found:
    mlflow_id = run.info.run_id
    run = client.get_run(mlflow_id)
    history = {key: [[m.step, number(m.value), m.timestamp] for m in client.get_metric_history(mlflow_id, key)] for key in run.data.metrics}
    versions = client.search_model_versions(f"run_id = '{mlflow_id}'")
    outputs = run.outputs.model_outputs if run.outputs else []

    def files(path=None):
        listed = client.list_artifacts(mlflow_id, path)
        return [f for item in listed for f in (files(item.path) if item.is_dir else [item.path])]

    models = []
    for output in outputs:
        model = client.get_logged_model(output.model_id)
        folder = mlflow.artifacts.download_artifacts(f"models:/{model.model_id}")
        import os
        names = sorted(os.path.relpath(os.path.join(at, name), folder) for at, _, all in os.walk(folder) for name in all)
        models.append({"name": model.name, "status": str(model.status), "files": names, "tags": dict(model.tags)})
    answer.append({
        "id": mlflow_id, "name": run.info.run_name, "status": run.info.status, "lifecycle": run.info.lifecycle_stage,
        "params": dict(run.data.params), "tags": dict(run.data.tags), "history": history,
        "inputs": [[d.dataset.name, d.dataset.digest, [t.value for t in d.tags]] for d in run.inputs.dataset_inputs],
        "artifacts": files(), "models": models,
        "versions": [{"name": v.name, "version": str(v.version), "aliases": list(client.get_model_version(v.name, v.version).aliases), "source": v.source} for v in versions],
        "flavors": [sorted(mlflow.models.get_model_info(f"models:/{v.name}@{a}").flavors) for v in versions for a in client.get_model_version(v.name, v.version).aliases],
    })
deleted = client.search_runs([experiment.experiment_id], f"tags.`veracity.run_id` = '{run_id}'", run_view_type=2)
print(json.dumps({"runs": answer, "deleted": [run.info.run_id for run in deleted]}))
