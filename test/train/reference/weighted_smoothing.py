"""Reference values of cross-entropy with class weights and label smoothing together, by PyTorch: loss and gradient of
cross_entropy(logits, labels, weight=weights, label_smoothing=smoothing) over six articles.
Run: python test/train/reference/weighted_smoothing.py > test/train/reference/weighted_smoothing.json
Made with torch 2.15.0."""
import json

import torch
import torch.nn.functional as F

torch.manual_seed(1)
cases = []
for weights, smoothing in [
    ([1.0, 1.0, 1.0], 0.1),
    ([0.5, 1.0, 2.0], 0.0),
    ([0.5, 1.0, 2.0], 0.1),
    ([3.0, 0.25], 0.3),
    ([0.2, 1.0, 1.0, 5.0, 0.7], 0.6),
]:
    classes = len(weights)
    logits = (2 * torch.randn(6, classes, dtype=torch.float64)).requires_grad_(True)
    labels = torch.randint(0, classes, (6,))
    weight = torch.tensor(weights, dtype=torch.float64)
    loss = F.cross_entropy(logits, labels, weight=weight, label_smoothing=smoothing)
    loss.backward()
    single = [
        F.cross_entropy(logits[i : i + 1], labels[i : i + 1], weight=weight, label_smoothing=smoothing).item() for i in range(6)
    ]
    cases.append(
        {
            "weights": weights,
            "smoothing": smoothing,
            "logits": logits.flatten().tolist(),
            "labels": labels.tolist(),
            "loss": loss.item(),
            "gradient": logits.grad.flatten().tolist(),
            "lossOfEach": single,
        }
    )
print(json.dumps({"torch": torch.__version__, "cases": cases}, indent=2))
