"""Prints the table of docs/anyloss.md: numgrad.check, torch.autograd.gradcheck and scipy.optimize.check_grad.

    python3 examples/measure.py

make bench-python sets the environment.
"""

import copy
import time

import numgrad
import numpy as np
import scipy.optimize
import torch
from torch import nn
from two_layer_net import TwoLayerNet


class Torch:
    """A model and its cross entropy, with NumPy arrays on the memory of the parameters."""

    def __init__(self, model, x, classes=10):
        self.model, self.x, self.t = model.double(), x, torch.randint(classes, (len(x),))
        named = dict(model.named_parameters())
        self.params = {name: p.detach().numpy() for name, p in named.items()}
        nn.functional.cross_entropy(model(x), self.t).backward()
        self.grads = {name: p.grad.numpy() for name, p in named.items()}

    def loss(self):
        with torch.no_grad():
            return float(nn.functional.cross_entropy(self.model(self.x), self.t))


class Last(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.fc = nn.LSTM(20, 30, batch_first=True), nn.Linear(30, 10)

    def forward(self, x):
        return self.fc(self.lstm(x)[0][:, -1])


def models():
    net = TwoLayerNet(sizes=(784, 50, 10), batch=100)
    net.grads = net.gradient()
    yield "the book's 784-50-10, NumPy", net
    torch.manual_seed(1)
    mlp = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))
    yield "784-128-64-10, PyTorch", Torch(mlp, torch.rand(20, 784).double())
    yield "LSTM, PyTorch", Torch(Last(), torch.randn(5, 10, 20).double())
    deep = [layer for _ in range(19) for layer in (nn.Linear(12, 12), nn.Tanh())]
    yield "40 arrays, PyTorch", Torch(nn.Sequential(*deep, nn.Linear(12, 10)), torch.randn(20, 12).double())


def with_numgrad(loss, params, grads):
    try:
        numgrad.check(loss, params, grads, timeout=None)
        return True
    except AssertionError:
        return False


def with_torch(fast):
    def agrees(loss, params, grads):
        class Loss(torch.autograd.Function):
            """The loss, with grads for its gradient. The tensors share the memory of params."""

            @staticmethod
            def forward(ctx, *tensors):
                return torch.tensor(loss(), dtype=torch.float64)

            @staticmethod
            def backward(ctx, dout):
                return tuple(dout * torch.from_numpy(np.ascontiguousarray(g)) for g in grads.values())

        tensors = [torch.from_numpy(p).requires_grad_() for p in params.values()]
        return torch.autograd.gradcheck(Loss.apply, tensors, raise_exception=False, fast_mode=fast)

    return agrees


def with_scipy(loss, params, grads):
    """check_grad returns a distance, not a verdict; 1e-6 of the gradient's length passes here."""
    def f(v):
        at = 0
        for p in params.values():
            p.flat = v[at : at + p.size]
            at += p.size
        return loss()

    flat = lambda arrays: np.concatenate([a.ravel() for a in arrays.values()])
    x, g = flat(params), flat(grads)
    distance = scipy.optimize.check_grad(f, lambda v: g, x)
    f(x)
    return distance <= 1e-6 * np.linalg.norm(g)


def planted(right):
    """Yield gradients with a bug each."""
    first, last = list(right)[0], list(right)[-1]

    def bug(change):
        grads = copy.deepcopy(right)
        change(grads)
        return grads

    def element(g):
        flat = g[first].reshape(-1)
        flat[np.argsort(abs(flat))[int(0.9 * flat.size)]] *= 1.001

    yield bug(lambda g: g.update({first: -g[first]}))
    yield bug(lambda g: g.update({last: 0 * g[last]}))
    yield bug(lambda g: g.update({n: 2 * a for n, a in g.items()}))
    yield bug(lambda g: g.update({first: 1.01 * g[first]}))
    yield bug(lambda g: g.update({first: (1 + 1e-5) * g[first]}))
    yield bug(lambda g: g.update({first: np.roll(g[first], 1, 0)}))
    yield bug(element)


CHECKERS = {
    "`numgrad.check`": with_numgrad,
    "`gradcheck`": with_torch(False),
    "`gradcheck`, `fast_mode`": with_torch(True),
    "`check_grad`": with_scipy,
}

# A checker that needs longer than this many seconds is not run: its losses times the time of one are shown.
LONGEST = 40

print("| | elements | one loss |", " | ".join(CHECKERS), "|\n|---|---|---|" + "---|" * len(CHECKERS))
for title, model in models():
    calls = [0]

    def loss():
        calls[0] += 1
        return float(model.loss())

    begin = time.perf_counter()
    for _ in range(100):
        loss()
    one, size = (time.perf_counter() - begin) / 100, sum(p.size for p in model.params.values())
    cells = [title, f"{size:,}", f"{1000 * one:.2g} ms"]
    for checker, agrees in CHECKERS.items():
        needs = {"`gradcheck`": 2 * size, "`check_grad`": size + 1}.get(checker, 0)
        if needs * one > LONGEST:
            cells.append(f"{needs:,} losses, about {needs * one:.2g} s")
            continue
        calls[0], begin = 0, time.perf_counter()
        right = agrees(loss, model.params, model.grads)
        seconds = time.perf_counter() - begin
        cell = f"{calls[0]:,} losses, {seconds:.2g} s"
        if right and seconds < LONGEST / 4:
            caught = [not agrees(loss, model.params, g) for g in planted(model.grads)]
            cell += f", {sum(caught)} of {len(caught)} bugs"
        elif not right:
            cell += ", calls the right gradient wrong"
        cells.append(cell)
    print("| " + " | ".join(cells) + " |", flush=True)
