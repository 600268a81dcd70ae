"""Compares a model folder in Python: transformers' own weights and code, and onnxruntime on onnx/model.onnx, with the
logits that export-logits.ts wrote. Run: python hugging-face.py MODEL_FOLDER OUT.json; exits 1 above 1e-4."""
import json
import sys

import numpy as np
import onnxruntime
import torch
import transformers
from transformers import AutoModelForSequenceClassification, AutoTokenizer

folder, path = sys.argv[1:]
ours = json.load(open(path))
expected = np.array(ours["logits"]).reshape(len(ours["contents"]), -1)
tokenizer = AutoTokenizer.from_pretrained(folder)
model, info = AutoModelForSequenceClassification.from_pretrained(folder, output_loading_info=True)
assert not info["missing_keys"] and not info["unexpected_keys"], info
inputs = tokenizer(ours["contents"], truncation=True, max_length=ours["maxTokens"], padding=True, return_tensors="pt")
with torch.no_grad():
    by_transformers = model.eval()(**inputs).logits.numpy()
session = onnxruntime.InferenceSession(folder + "/onnx/model.onnx")
by_onnx = session.run(None, {k: inputs[k].numpy() for k in ("input_ids", "attention_mask")})[0]
worst = {name: float(abs(found - expected).max()) for name, found in (("transformers", by_transformers), ("onnxruntime", by_onnx))}
print(transformers.__version__, onnxruntime.__version__, torch.__version__, len(expected), "articles:", worst)
sys.exit(max(worst.values()) >= 1e-4)
