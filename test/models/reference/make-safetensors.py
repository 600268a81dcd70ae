"""Writes the safetensors fixtures read by src/learning/models/safetensors.test.ts, and checks a file of ours.

    python test/models/reference/make-safetensors.py                 # writes python.safetensors beside this file
    python test/models/reference/make-safetensors.py check FILE      # prints what safetensors reads from FILE
Made with safetensors 0.5+, torch 2.
"""
import pathlib
import sys

import torch
from safetensors import safe_open
from safetensors.torch import save_file

here = pathlib.Path(__file__).parent


def make():
    save_file(
        {
            "f32": torch.tensor([[1.5, -2.25, 0.1], [3e38, -1e-42, 0.0]], dtype=torch.float32),
            "f64": torch.tensor([0.1, -1e300], dtype=torch.float64),
            "f16": torch.tensor([1.0, -0.333251953125, 65504.0, 5.960464477539063e-08, float("inf")], dtype=torch.float16),
            "bf16": torch.tensor([1.0, -0.333984375, 3.3895313892515355e38], dtype=torch.bfloat16),
            "i32": torch.tensor([-2147483648, 7], dtype=torch.int32),
            "i64": torch.tensor([-9007199254740993, 7], dtype=torch.int64),
            "u8": torch.tensor([0, 1, 255], dtype=torch.uint8),
            "bool": torch.tensor([True, False, True], dtype=torch.bool),
            "scalar": torch.tensor(42.0),
            "empty": torch.zeros([0, 3]),
        },
        here / "python.safetensors",
        metadata={"format": "pt", "note": "größer"},
    )


def check(path):
    with safe_open(path, framework="pt") as file:
        print("metadata", dict(sorted((file.metadata() or {}).items())))
        for name in sorted(file.keys()):
            tensor = file.get_tensor(name)
            print(name, tensor.dtype, list(tensor.shape), tensor.flatten().tolist())


if __name__ == "__main__":
    check(sys.argv[2]) if sys.argv[1:2] == ["check"] else make()
