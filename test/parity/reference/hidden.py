"""Compares token ids and hidden states that export-hidden.ts wrote with transformers' own.
Run: python hidden.py CHECKPOINT_FOLDER OUT.safetensors; exits 1 above 1e-4."""
import json
import pathlib
import sys

import torch
import transformers
from safetensors.torch import load_file
from transformers import AutoModel, AutoTokenizer

folder, path = sys.argv[1:]
ours = load_file(path)
lines = (pathlib.Path(__file__).parent / "../../../sample/articles.jsonl").read_text().strip().split("\n")[:16]
contents = [f"{row['title']} {row['text']}" for row in map(json.loads, lines)]
inputs = AutoTokenizer.from_pretrained(folder)(contents, truncation=True, max_length=128, padding=True, return_tensors="pt")
assert torch.equal(inputs["input_ids"].int(), ours["input_ids"]) and torch.equal(inputs["attention_mask"].int(), ours["attention_mask"])
with torch.no_grad():
    hidden = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()(**inputs, output_hidden_states=True).hidden_states
worst = {f"hidden_{i}": float((h - ours[f"hidden_{i}"]).abs().max()) for i, h in enumerate(hidden[:-1])}
worst["pooled"] = float((hidden[-1][:, 0] - ours["pooled"]).abs().max())
print(transformers.__version__, torch.__version__, list(inputs["input_ids"].shape), "largest value", float(hidden[-1].abs().max()), worst)
sys.exit(max(worst.values()) >= 1e-4)
