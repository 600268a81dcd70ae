"""PyTorch's side of the train-step bench: transformers' ModernBERT of the same sizes, weights, batch and threads.

Started by bench/train-step.ts if VERACITY_PYTHON names a Python with torch and transformers. Responds to "step" and
"loss" line by line in JSON. AdamW is fused and attention is scaled_dot_product_attention, the fastest choices without
a compiler. Checked with torch 2.15.0, transformers 5.23.0.
"""
import json
import pathlib
import resource
import sys
import time

import torch
import transformers
from safetensors.torch import load_file
from transformers import ModernBertConfig, ModernBertForSequenceClassification

folder = pathlib.Path(sys.argv[1])
case = json.loads((folder / "case.json").read_text())
torch.set_num_threads(case["threads"])
torch.set_num_interop_threads(1)
torch.manual_seed(1)

sizes, dropout, batch, rule = case["config"], case["config"]["dropout"], case["batch"], case["optimizer"]
rope = dict(rope_type="default", rope_theta=160000.0)
config = ModernBertConfig(
    vocab_size=sizes["vocabularySize"], hidden_size=sizes["width"], intermediate_size=sizes["feedForward"],
    num_hidden_layers=sizes["layers"], num_attention_heads=sizes["heads"], max_position_embeddings=sizes["maxTokens"],
    layer_types=["full_attention"] * sizes["layers"], rope_parameters=dict(full_attention=rope, sliding_attention=rope),
    classifier_pooling="mean", num_labels=len(case["classNames"]), pad_token_id=0,
    bos_token_id=None, eos_token_id=None, cls_token_id=None, sep_token_id=None,
    embedding_dropout=dropout["embedding"], attention_dropout=dropout["attention"],
    mlp_dropout=dropout["hidden"], classifier_dropout=dropout["classifier"], attn_implementation="sdpa",
)
model = ModernBertForSequenceClassification(config)
model.load_state_dict(load_file(folder / "weights.safetensors"))
model.train()
groups = [
    dict(params=[p for p in model.parameters() if p.ndim > 1], weight_decay=rule["weightDecay"]),
    dict(params=[p for p in model.parameters() if p.ndim == 1], weight_decay=0.0),
]
optimizer = torch.optim.AdamW(
    groups, lr=case["learningRate"], betas=(rule["beta1"], rule["beta2"]), eps=rule["epsilon"], fused=True)
ids = torch.tensor(batch["inputIds"]).view(batch["size"], batch["length"])
mask = torch.ones_like(ids)
labels = torch.tensor(batch["labels"])


def compute_loss():
    logits = model(input_ids=ids, attention_mask=mask).logits
    return torch.nn.functional.cross_entropy(logits, labels)


def step():
    start = time.perf_counter()
    optimizer.zero_grad()
    loss = compute_loss()
    loss.backward()
    update_start = time.perf_counter()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), case["clipNorm"])
    optimizer.step()
    end = time.perf_counter()
    return dict(
        ms=(end - start) * 1e3, maskMs=0, graphMs=(update_start - start) * 1e3, updateMs=(end - update_start) * 1e3,
        loss=float(loss.detach()), gradientNorm=float(norm),
        peakMemoryBytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


def loss():
    model.eval()
    with torch.no_grad():
        value = float(compute_loss())
    model.train()
    return dict(loss=value)


print(json.dumps(dict(torch=torch.__version__, transformers=transformers.__version__)), flush=True)
for line in sys.stdin:
    print(json.dumps({"step": step, "loss": loss}[line.strip()]()), flush=True)
