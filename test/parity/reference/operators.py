"""Values and gradients of every operator from PyTorch (2.15.0, CPU, float64 rounded to float32 when written).

Run: python test/parity/reference/operators.py     writes operators.json beside this script.
loss = sum(output * weights); each entry: op, attributes, inputs, weights, outputs, gradients (null = none).
"""
import json
import pathlib

import torch
import torch.nn.functional as F

torch.manual_seed(11)
entries = []


def tensor(t):
    return dict(shape=list(t.shape), data=[float(x) for x in t.detach().double().flatten()])


def case(op, attributes, inputs, function, fixed=()):
    inputs = [t if not t.is_floating_point() else t.float().double() for t in inputs]
    wanted = [i for i, t in enumerate(inputs) if t.is_floating_point() and i not in fixed]
    for i in wanted:
        inputs[i].requires_grad_(True)
    outputs = function(*inputs)
    outputs = list(outputs) if isinstance(outputs, (tuple, list)) else [outputs]
    weights = [torch.randn(o.shape).float().double() for o in outputs]
    sum((o * w).sum() for o, w in zip(outputs, weights)).backward()
    entries.append(dict(
        op=op, attributes=attributes, inputs=[dict(tensor(t), integer=not t.is_floating_point()) for t in inputs],
        weights=[tensor(w) for w in weights], outputs=[tensor(o) for o in outputs],
        gradients=[tensor(inputs[i].grad) if i in wanted else None for i in range(len(inputs))]))


R = torch.randn
P = lambda *s: 0.5 + 2 * torch.rand(*s)
case("Add", {}, [R(2, 3), R(3)], lambda a, b: a + b)
case("Sub", {}, [R(2, 3), R(2, 1)], lambda a, b: a - b)
case("Mul", {}, [R(2, 3), R(3)], lambda a, b: a * b)
case("Div", {}, [R(2, 3), P(3)], lambda a, b: a / b)
case("Neg", {}, [R(4)], lambda x: -x)
case("Exp", {}, [R(4)], torch.exp)
case("Log", {}, [P(4)], torch.log)
case("Sqrt", {}, [P(4)], torch.sqrt)
case("Erf", {}, [R(6)], torch.erf)
case("Tanh", {}, [R(6)], torch.tanh)
case("Sigmoid", {}, [R(6)], torch.sigmoid)
case("Relu", {}, [torch.tensor([-1.5, -0.2, 0.0, 0.3, 2.0])], torch.relu)
case("Gelu", {}, [torch.tensor([-6.0, -2.0, -0.5, 0.0, 0.5, 2.0, 6.0])], F.gelu)
case("Cast", dict(to="float32"), [R(3)], lambda x: x)
for ta in (False, True):
    for tb in (False, True):
        a = R(2, 4, 3) if ta else R(2, 3, 4)
        b = R(2, 5, 4) if tb else R(2, 4, 5)
        case("MatMul", dict(transposeA=ta, transposeB=tb, alpha=0.5), [a, b],
             lambda a, b, ta=ta, tb=tb: 0.5 * (a.mT if ta else a) @ (b.mT if tb else b))
case("MatMul", dict(transposeA=False, transposeB=True, alpha=1), [R(2, 3, 4), R(5, 4)], lambda x, w: F.linear(x, w))
case("ReduceSum", dict(axes=[0, 2], keepDims=False), [R(2, 3, 4)], lambda x: x.sum((0, 2)))
case("ReduceMean", dict(axes=[-1], keepDims=True), [R(2, 3, 4)], lambda x: x.mean(-1, keepdim=True))
case("Softmax", {}, [3 * R(2, 5)], lambda x: x.softmax(-1))
case("LogSoftmax", {}, [3 * R(2, 5)], lambda x: x.log_softmax(-1))
case("LayerNormalization", dict(epsilon=1e-5), [R(2, 3, 8), P(8), R(8)], lambda x, g, b: F.layer_norm(x, (8,), g, b, 1e-5))
case("LayerNormalization", dict(epsilon=1e-5), [R(4, 8), P(8)], lambda x, g: F.layer_norm(x, (8,), g, None, 1e-5))
case("Reshape", dict(shape=[3, 4]), [R(2, 6)], lambda x: x.reshape(3, 4))
case("Transpose", dict(permutation=[0, 2, 1, 3]), [R(2, 3, 4, 2)], lambda x: x.permute(0, 2, 1, 3))
case("Concat", dict(axis=1), [R(2, 1), R(2, 3)], lambda a, b: torch.cat([a, b], 1))
case("Split", dict(axis=1, sizes=[1, 2, 1]), [R(3, 4)], lambda x: x.split([1, 2, 1], 1))
case("Slice", dict(axis=1, start=0, end=1), [R(2, 3, 4)], lambda x: x[:, 0:1])
case("PadLike", dict(axis=1, start=1), [R(2, 2), R(2, 5)], lambda x, like: F.pad(x, (1, 2)), fixed=(1,))
case("ExpandLike", {}, [R(2, 1), R(2, 3)], lambda x, like: x.expand(2, 3), fixed=(1,))
ids = torch.tensor([[0, 2, 2], [1, 0, 3]])
case("Gather", {}, [R(4, 3), ids], lambda table, ids: F.embedding(ids, table))
case("ScatterAdd", {}, [ids, R(2, 3, 3), R(4, 3)],
     lambda ids, u, table: torch.zeros(4, 3).double().index_add(0, ids.flatten(), u.reshape(-1, 3)), fixed=(2,))


def rotary(x, cos, sin):
    B, T, D = x.shape
    h = x.reshape(B, T, D // 4, 4)
    c, s = (torch.cat([t[:T], t[:T]], -1)[None, :, None] for t in (cos, sin))
    half = torch.cat([-h[..., 2:], h[..., :2]], -1)
    return (h * c + half * s).reshape(B, T, D)


angles = R(5, 2)
case("RotaryEmbedding", dict(inverse=False), [R(2, 3, 8), angles.cos(), angles.sin()], rotary, fixed=(1, 2))
case("RotaryEmbedding", dict(inverse=True), [R(2, 3, 8), angles.cos(), angles.sin()], lambda x, c, s: rotary(x, c, -s), fixed=(1, 2))
case("FirstRows", {}, [R(5, 2), R(2, 3)], lambda table, like: table[:3], fixed=(1,))
case("ErfGelu", {}, [torch.tensor([-12.0, -2.0, -0.5, 0.0, 0.5, 2.0, 12.0])], lambda s: s * (1 + torch.erf(s)) / 2)
case("Linear", dict(alpha=0.5, beta=2), [R(2, 3, 4), R(5, 4), R(5)], lambda x, w, b: 0.5 * F.linear(x, w) + 2 * b)
case("Linear", dict(alpha=1, beta=1), [R(3, 8), R(2, 8), R(2)], lambda x, w, b: F.linear(x, w, b))

path = pathlib.Path(__file__).with_name("operators.json")
path.write_text(json.dumps(dict(torch=torch.__version__, entries=entries)) + "\n")
