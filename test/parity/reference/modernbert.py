"""Reference values for a small ModernBERT classifier: logits, loss, every gradient, 20 AdamW steps.

Run: python test/parity/reference/modernbert.py     (torch 2.15.0, transformers 5.23.0, CPU, float32)
Writes modernbert.safetensors and modernbert.json beside this script. Weights are random and seeded.
"""
import json
import pathlib

import torch
from safetensors.torch import save_file
from transformers import ModernBertConfig, ModernBertForSequenceClassification

here = pathlib.Path(__file__).parent
torch.manual_seed(7)
torch.set_num_threads(1)

sizes = dict(vocab_size=50, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2)
config = ModernBertConfig(
    **sizes, max_position_embeddings=32, layer_types=["full_attention"] * 2, classifier_pooling="mean",
    rope_parameters={k: dict(rope_type="default", rope_theta=160000.0) for k in ("full_attention", "sliding_attention")},
    pad_token_id=0, bos_token_id=None, eos_token_id=None, cls_token_id=None, sep_token_id=None, num_labels=3,
    attn_implementation="eager",
)
model = ModernBertForSequenceClassification(config).eval()
with torch.no_grad():
    for name, p in model.named_parameters():
        p.copy_(1 + 0.1 * torch.randn_like(p) if name.endswith("norm.weight") else 0.3 * torch.randn_like(p))

def batch(size, length, seed):
    g = torch.Generator().manual_seed(seed)
    ids = torch.randint(1, 50, (size, length), generator=g)
    lengths = torch.randint(2, length + 1, (size,), generator=g)
    lengths[0] = length
    mask = (torch.arange(length)[None] < lengths[:, None]).long()
    return ids * mask, mask, torch.randint(0, 3, (size,), generator=g)

batches = [batch(4, 9, 1), batch(3, 6, 2)]
out = {f"initial.{n}": p.detach().clone() for n, p in model.named_parameters()}
decayed = [p for p in model.parameters() if p.ndim > 1]
plain = [p for p in model.parameters() if p.ndim == 1]
optimizer = torch.optim.AdamW([dict(params=decayed, weight_decay=0.01), dict(params=plain, weight_decay=0.0)], lr=1e-3)
losses, norms = [], []
for step in range(20):
    ids, mask, labels = batches[step % 2]
    result = model(input_ids=ids, attention_mask=mask)
    loss = torch.nn.functional.cross_entropy(result.logits, labels)
    optimizer.zero_grad()
    loss.backward()
    if step == 0:
        out["logits"] = result.logits.detach().clone()
        out.update({f"gradient.{n}": p.grad.clone() for n, p in model.named_parameters()})
    norms.append(float(torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)))
    losses.append(float(loss.detach()))
    optimizer.step()
out.update({f"final.{n}": p.detach().clone() for n, p in model.named_parameters()})
save_file({k: v.contiguous() for k, v in out.items()}, here / "modernbert.safetensors")
(here / "modernbert.json").write_text(json.dumps({
    "torch": torch.__version__, "losses": losses, "norms": norms,
    "batches": [dict(inputIds=i.tolist(), attentionMask=m.tolist(), labels=l.tolist()) for i, m, l in batches],
}) + "\n")
