"""PyTorch's side of the DistilBERT bench: transformers' model with the same weights, articles and threads.

Started by bench/distilbert.ts: distilbert-torch.py FOLDER (train | head | infer | ort) (longest | max | length)
[compile]. Responds to lines of commands in JSON. Attention is scaled_dot_product_attention, AdamW the fused one. `longest`
and `max` take random batches and pad them to the longest article or to the limit; `length` takes our batches.
`ort` runs ONNX Runtime on an export by torch.onnx that onnxruntime.transformers.optimizer has fused.
Checked with torch 2.15.0, transformers 5.23.0, onnxruntime 1.32.0.
"""
import json
import pathlib
import resource
import sys
import tempfile
import time

import numpy
import torch
import transformers
from safetensors.torch import load_file
from transformers import DistilBertConfig, DistilBertForSequenceClassification

folder = pathlib.Path(sys.argv[1])
mode, padding = sys.argv[2], sys.argv[3]
case = json.loads((folder / "case.json").read_text())
torch.set_num_threads(case["threads"])
torch.set_num_interop_threads(1)
torch.manual_seed(1)
rate = case["dropout"]
model = DistilBertForSequenceClassification(DistilBertConfig(
    dropout=rate, attention_dropout=rate, seq_classif_dropout=rate, num_labels=2, attn_implementation="sdpa"))
model.load_state_dict(load_file(folder / "../weights.safetensors"))


def pad(articles):
    length = case["maxTokens"] if padding == "max" else max(len(a["ids"]) for a in articles)
    ids = torch.zeros(len(articles), length, dtype=torch.long)
    mask = torch.zeros_like(ids)
    for i, article in enumerate(articles):
        ids[i, :len(article["ids"])] = torch.tensor(article["ids"])
        mask[i, :len(article["ids"])] = 1
    return ids, mask, torch.tensor([a["label"] for a in articles])


batches = [pad(articles) for articles in case["byLength" if padding == "length" else "random"]]
first = pad(case["random"][0])


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def timed(work):
    start = time.perf_counter()
    result = work()
    return (time.perf_counter() - start) * 1e3, result


def serve_training():
    model.train()
    decayed = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim == 1]
    optimizer = torch.optim.AdamW(
        [dict(params=decayed, weight_decay=0.01), dict(params=others, weight_decay=0.0)],
        lr=case["learningRate"], betas=(0.9, 0.999), eps=1e-8, fused=True)
    forward = torch.compile(model) if "compile" in sys.argv else model
    count = 0

    def loss_of(batch):
        return torch.nn.functional.cross_entropy(forward(input_ids=batch[0], attention_mask=batch[1]).logits, batch[2])

    def step(batch=None):
        nonlocal count
        batch = batch or batches[count % len(batches)]
        count += 1
        start = time.perf_counter()
        optimizer.zero_grad()
        value = loss_of(batch)
        value.backward()
        update = time.perf_counter()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        end = time.perf_counter()
        return dict(ms=(end - start) * 1e3, maskMs=0, graphMs=(update - start) * 1e3, updateMs=(end - update) * 1e3,
                    loss=float(value.detach()), gradientNorm=float(norm), peakMemoryBytes=peak())

    def epoch():
        return dict(ms=sum(step(batch)["ms"] for batch in batches), peakMemoryBytes=peak())

    def loss():
        model.eval()
        with torch.no_grad():
            value = float(loss_of(first))
        model.train()
        return dict(loss=value)

    return dict(step=step, epoch=epoch, loss=loss)


def serve_head():
    """The predecessor's epoch: the encoder without gradients, then a linear head, AdamW."""
    model.eval()
    head = torch.nn.Linear(768, 1)
    optimizer = torch.optim.AdamW(head.parameters(), lr=case["learningRate"], fused=True)

    def epoch():
        for ids, mask, labels in batches:
            with torch.no_grad():
                pooled = model.distilbert(input_ids=ids, attention_mask=mask)[0][:, 0]
            optimizer.zero_grad()
            torch.nn.functional.binary_cross_entropy_with_logits(head(pooled)[:, 0], labels.float()).backward()
            optimizer.step()

    return dict(epoch=lambda: dict(ms=timed(epoch)[0]))


def serve_inference():
    model.eval()

    def run(count):
        ids, mask = first[0][:count], first[1][:count]
        with torch.inference_mode():
            ms, result = timed(lambda: model(input_ids=ids, attention_mask=mask).logits)
        return dict(ms=ms, logits=result.flatten().tolist())

    return dict(one=lambda: run(1), all=lambda: run(len(first[0])))


def serve_onnxruntime():
    import onnxruntime
    from onnxruntime.transformers import optimizer

    model.eval()
    model.config._attn_implementation = "eager"  # the form that the optimizer's patterns know
    with tempfile.TemporaryDirectory() as scratch:
        path = f"{scratch}/model.onnx"
        axes = dict(input_ids={0: "B", 1: "T"}, attention_mask={0: "B", 1: "T"}, logits={0: "B"})
        with torch.no_grad():
            torch.onnx.export(model, (first[0][:2], first[1][:2]), path, input_names=["input_ids", "attention_mask"],
                              output_names=["logits"], dynamic_axes=axes, opset_version=17, dynamo=False)
        fused = optimizer.optimize_model(path, model_type="bert", num_heads=12, hidden_size=768)
        fused.save_model_to_file(f"{scratch}/fused.onnx")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = case["threads"]
        options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(f"{scratch}/fused.onnx", options, providers=["CPUExecutionProvider"])
    print("fused:", {k: v for k, v in fused.get_fused_operator_statistics().items() if v}, file=sys.stderr)
    names = [i.name for i in session.get_inputs()]

    def run(count):
        given = dict(input_ids=first[0][:count].numpy(), attention_mask=first[1][:count].numpy())
        feeds = {name: given[name].astype(numpy.int64) for name in names}
        ms, result = timed(lambda: session.run(None, feeds)[0])
        return dict(ms=ms, logits=result.flatten().tolist())

    return dict(one=lambda: run(1), all=lambda: run(len(first[0])))


handlers = dict(train=serve_training, head=serve_head, infer=serve_inference, ort=serve_onnxruntime)[mode]()
print(json.dumps(dict(torch=torch.__version__, transformers=transformers.__version__)), flush=True)
for line in sys.stdin:
    print(json.dumps(handlers[line.strip()]()), flush=True)
