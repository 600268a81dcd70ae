"""PyTorch's side of bench/adamw.ts: clip_grad_norm_ and fused AdamW on parameters of given shapes.

Responds to "update" line by line in JSON. Checked with torch 2.15.0.
"""
import json
import sys
import time

import numpy
import torch

case = json.loads(sys.argv[1])
torch.set_num_threads(case["threads"])
torch.set_num_interop_threads(1)


def fill(shape, seed, divisor):
    i = numpy.arange(numpy.prod(shape), dtype=numpy.uint64) + numpy.uint64(seed)
    fractions = (i * numpy.uint64(0x9E3779B1) & numpy.uint64(0xFFFFFFFF)).astype(numpy.float64) / 2**32
    return torch.from_numpy(((fractions - 0.5) / divisor).astype(numpy.float32)).reshape(shape)


parameters = [torch.nn.Parameter(fill(shape, i, 4)) for i, shape in enumerate(case["shapes"])]
for i, parameter in enumerate(parameters):
    parameter.grad = fill(parameter.shape, i + 1000, 1024)
groups = [
    dict(params=[p for p in parameters if p.ndim > 1], weight_decay=case["weightDecay"]),
    dict(params=[p for p in parameters if p.ndim == 1], weight_decay=0.0),
]
optimizer = torch.optim.AdamW(
    groups, lr=case["learningRate"], betas=(case["beta1"], case["beta2"]), eps=case["epsilon"], fused=True)
kept = [p.grad.clone() for p in parameters]
updates = 0


def update():
    global updates
    for parameter, gradient in zip(parameters, kept):
        parameter.grad.copy_(gradient)  # clipping scales in place
    start = time.perf_counter()
    norm = torch.nn.utils.clip_grad_norm_(parameters, case["clipNorm"])
    optimizer.step()
    ms = (time.perf_counter() - start) * 1e3
    updates += 1
    total = sum(float(p.detach().double().abs().sum()) for p in parameters) if updates == 3 else 0
    return dict(ms=ms, norm=float(norm), sum=total)


print(json.dumps(dict(torch=torch.__version__)), flush=True)
for line in sys.stdin:
    print(json.dumps({"update": update}[line.strip()]()), flush=True)
