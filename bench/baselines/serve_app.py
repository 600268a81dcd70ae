"""The HTTP side of both Python servers in the serving bench, as a competent engineer writes it with FastAPI.

A plain `def` endpoint (it runs in Starlette's thread pool, so the event loop stays free), a fast tokenizer from
tokenizer.json, one uvicorn worker, no access log, pydantic models in and out. At most AT_ONCE requests use the model
at a time, because more would only share the same cores. Arguments: model folder, port, threads, at once.
"""
import json
import pathlib
import sys
import threading

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from tokenizers import Tokenizer

folder = pathlib.Path(sys.argv[1])
port, threads = int(sys.argv[2]), int(sys.argv[3])
at_once = int(sys.argv[4]) if len(sys.argv) > 4 else 1

info = json.loads((folder / "veracity.json").read_text())
class_names = [name for _, name in sorted(
    (int(i), name) for i, name in json.loads((folder / "config.json").read_text())["id2label"].items())]
temperature = info["calibration"]["temperature"]
tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
tokenizer.enable_truncation(info["maxTokens"])
tokenizer.no_padding()


class Article(BaseModel):
    title: str
    text: str


class Verdict(BaseModel):
    label: str
    probability: float
    probabilities: dict[str, float]


def serve(compute_probabilities):
    """compute_probabilities: ids [T] of one article -> probability of each class, from logits / temperature."""
    app = FastAPI()
    turn = threading.BoundedSemaphore(at_once)

    @app.post("/v1/predict")
    def predict(article: Article) -> Verdict:
        content = f"{article.title} {article.text}" if article.title else article.text
        ids = tokenizer.encode(content).ids
        with turn:
            values = compute_probabilities(ids)
        best = max(range(len(values)), key=values.__getitem__)
        return Verdict(label=class_names[best], probability=values[best], probabilities=dict(zip(class_names, values)))

    uvicorn.run(app, host="127.0.0.1", port=port, workers=1, access_log=False, log_level="warning")
