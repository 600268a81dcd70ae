"""Ten updates of each optimizer by torch.optim (2.15.0, CPU, float32). Writes optimizers.json beside this script."""
import json
import pathlib

import torch

torch.manual_seed(3)
start = torch.randn(8)
gradients = torch.randn(10, 8)
rules = {
    "adamw": (torch.optim.AdamW, dict(lr=0.01, betas=(0.9, 0.99), eps=1e-8, weight_decay=0.1)),
    "adam": (torch.optim.Adam, dict(lr=0.01, betas=(0.9, 0.99), eps=1e-8, weight_decay=0.1)),
    "sgd": (torch.optim.SGD, dict(lr=0.01, momentum=0.0, weight_decay=0.1)),
    "sgd with momentum": (torch.optim.SGD, dict(lr=0.01, momentum=0.9, weight_decay=0.1)),
}
results = {}
for name, (rule, options) in rules.items():
    w = torch.nn.Parameter(start.clone())
    optimizer = rule([w], **options)
    for g in gradients:
        w.grad = g.clone()
        optimizer.step()
    results[name] = w.tolist()
pathlib.Path(__file__).with_name("optimizers.json").write_text(
    json.dumps(dict(torch=torch.__version__, start=start.tolist(), gradients=gradients.tolist(), results=results)) + "\n")
