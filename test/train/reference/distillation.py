"""Reference values of the distillation loss, by PyTorch: loss and gradient of
(1 - alpha) * cross_entropy + alpha * T^2 * kl_div over three articles of three classes.
The cross-entropy form that Veracity trains on has the same gradient; its loss is larger by the entropy of the targets,
which is written too. Run: python test/train/reference/distillation.py > test/train/reference/distillation.json
Made with torch 2.15.0."""
import json

import torch
import torch.nn.functional as F

torch.manual_seed(0)
student = torch.randn(3, 3, dtype=torch.float64)
teacher = 3 * torch.randn(3, 3, dtype=torch.float64)
labels = torch.tensor([0, 2, 1])
cases = []
for temperature, alpha in [(1.0, 0.3), (2.0, 0.5), (4.0, 0.9), (4.0, 0.0), (0.5, 1.0)]:
    z = student.clone().requires_grad_(True)
    targets = F.softmax(teacher / temperature, dim=1)
    soft = F.kl_div(F.log_softmax(z / temperature, dim=1), targets, reduction="batchmean")
    loss = (1 - alpha) * F.cross_entropy(z, labels) + alpha * temperature**2 * soft
    loss.backward()
    entropy = -(targets * targets.log()).sum(1).mean()
    cases.append(
        {
            "temperature": temperature,
            "alpha": alpha,
            "loss": loss.item(),
            "targetEntropy": (alpha * temperature**2 * entropy).item(),
            "gradient": z.grad.flatten().tolist(),
        }
    )
print(
    json.dumps(
        {
            "torch": torch.__version__,
            "student": student.flatten().tolist(),
            "teacher": teacher.flatten().tolist(),
            "labels": labels.tolist(),
            "cases": cases,
        },
        indent=2,
    )
)
