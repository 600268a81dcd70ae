"""A server with FastAPI + PyTorch: transformers' model in eval and inference mode, attention by scaled_dot_product_attention.

Started by bench/serving.ts. Checked with torch 2.15.0, transformers 5.23.0, fastapi 0.165.0, uvicorn 0.54.0.
"""
import torch
from transformers import AutoModelForSequenceClassification

import serve_app

torch.set_num_threads(serve_app.threads)
torch.set_num_interop_threads(1)
model = AutoModelForSequenceClassification.from_pretrained(
    serve_app.folder, attn_implementation="sdpa", dtype=torch.float32).eval()


def compute_probabilities(ids):
    with torch.inference_mode():
        inputs = torch.tensor([ids])  # [1, T]
        logits = model(input_ids=inputs, attention_mask=torch.ones_like(inputs)).logits[0]  # [C]
        return torch.softmax(logits / serve_app.temperature, dim=-1).tolist()


compute_probabilities([2, 3] * 64)  # warm, before the port opens
serve_app.serve(compute_probabilities)
