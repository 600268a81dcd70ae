"""A server with FastAPI + ONNX Runtime: the same ONNX file as ours, all graph optimisations, one session.

Started by bench/serving.ts. Checked with onnxruntime 1.32.0, fastapi 0.165.0, uvicorn 0.54.0.
"""
import numpy as np
import onnxruntime as ort

import serve_app

options = ort.SessionOptions()
options.intra_op_num_threads = serve_app.threads
options.inter_op_num_threads = 1
options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
session = ort.InferenceSession(
    serve_app.folder / "onnx" / "model.onnx", options, providers=["CPUExecutionProvider"])
wanted = {value.name for value in session.get_inputs()}


def compute_probabilities(ids):
    inputs = np.array([ids], dtype=np.int64)  # [1, T]
    feeds = {"input_ids": inputs, "attention_mask": np.ones_like(inputs)}
    logits = session.run(None, {name: value for name, value in feeds.items() if name in wanted})[0][0]  # [C]
    scaled = logits / serve_app.temperature
    powers = np.exp(scaled - scaled.max())
    return (powers / powers.sum()).tolist()


compute_probabilities([2, 3] * 64)  # warm, before the port opens
serve_app.serve(compute_probabilities)
