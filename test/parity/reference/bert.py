"""Reference values for a small BERT and a small DistilBERT classifier: hidden states, logits, loss, every gradient,
20 AdamW steps.

Run: python test/parity/reference/bert.py     (torch 2.15.0, transformers 5.23.0, CPU, float32)
Writes bert.json, bert.safetensors and distilbert.safetensors beside this script. Weights are random and seeded.
"""
import json
import pathlib

import torch
from safetensors.torch import save_file
from transformers import (BertConfig, BertForSequenceClassification, DistilBertConfig,
                          DistilBertForSequenceClassification)

here = pathlib.Path(__file__).parent
torch.set_num_threads(1)

common = dict(vocab_size=50, max_position_embeddings=12, num_labels=3, pad_token_id=0, attn_implementation="eager")
models = {
    "bert": lambda: BertForSequenceClassification(BertConfig(
        hidden_size=16, intermediate_size=24, num_hidden_layers=3, num_attention_heads=2, **common)),
    "distilbert": lambda: DistilBertForSequenceClassification(DistilBertConfig(
        dim=16, hidden_dim=24, n_layers=3, n_heads=2, **common)),
}


def batch(size, length, seed):
    g = torch.Generator().manual_seed(seed)
    ids = torch.randint(1, 50, (size, length), generator=g)
    lengths = torch.randint(2, length + 1, (size,), generator=g)
    lengths[0] = length
    mask = (torch.arange(length)[None] < lengths[:, None]).long()
    return ids * mask, mask, torch.randint(0, 3, (size,), generator=g)


batches = [batch(4, 9, 1), batch(3, 6, 2)]
values = {}
for family, create in models.items():
    torch.manual_seed(7)
    model = create().eval()
    with torch.no_grad():
        for name, p in model.named_parameters():
            is_gain = p.ndim == 1 and "norm" in name.lower() and name.endswith("weight")
            p.copy_(1 + 0.1 * torch.randn_like(p) if is_gain else 0.3 * torch.randn_like(p))
    out = {f"initial.{n}": p.detach().clone() for n, p in model.named_parameters()}
    decayed = [p for p in model.parameters() if p.ndim > 1]
    plain = [p for p in model.parameters() if p.ndim == 1]
    optimizer = torch.optim.AdamW(
        [dict(params=decayed, weight_decay=0.01), dict(params=plain, weight_decay=0.0)], lr=1e-3)
    losses, norms = [], []
    for step in range(20):
        ids, mask, labels = batches[step % 2]
        result = model(input_ids=ids, attention_mask=mask, output_hidden_states=True)
        loss = torch.nn.functional.cross_entropy(result.logits, labels)
        optimizer.zero_grad()
        loss.backward()
        if step == 0:
            out["logits"] = result.logits.detach().clone()
            out.update({f"hidden.{i}": h.detach().clone() for i, h in enumerate(result.hidden_states)})
            out.update({f"gradient.{n}": p.grad.clone() for n, p in model.named_parameters()})
        norms.append(float(torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)))
        losses.append(float(loss.detach()))
        optimizer.step()
    out.update({f"final.{n}": p.detach().clone() for n, p in model.named_parameters()})
    save_file({k: v.contiguous() for k, v in out.items()}, here / f"{family}.safetensors")
    values[family] = dict(losses=losses, norms=norms, config=model.config.to_dict())
(here / "bert.json").write_text(json.dumps({
    "torch": torch.__version__, **values,
    "batches": [dict(inputIds=i.tolist(), attentionMask=m.tolist(), labels=l.tolist()) for i, m, l in batches],
}) + "\n")
