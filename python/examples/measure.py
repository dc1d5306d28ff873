"""Prints the table of docs/anyloss.md: numgrad.check beside torch.autograd.gradcheck on the examples.

    python3 examples/measure.py PROGRAM     where PROGRAM is the compiled logistic.c

make bench-python sets the environment.
"""

import json
import subprocess
import sys
import time

import numgrad
import numpy as np
import torch
from conv_net import ConvNet
from gelu import GeluNet
from multi_layer_net import MultiLayerNet
from two_layer_net import TwoLayerNet


class Program:
    """A program that speaks the protocol, as a model."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        params = json.loads(self.process.stdout.readline())["params"]
        self.params = {p["name"]: np.array(p["values"], float) for p in params}
        self.grads = {p["name"]: np.array(p["gradient"], float) for p in params}

    def loss(self):
        values = [[i, 0, *p.tolist()] for i, p in enumerate(self.params.values())]
        lines = json.dumps({"set": values}, separators=(",", ":")) + '\n{"loss":true}\n'
        self.process.stdin.write(lines.encode())
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())["loss"]

    def gradient(self):
        return self.grads


def array(p):
    return p.detach().numpy() if hasattr(p, "detach") else p


def planted(right, wrong):
    """Yield gradients with ten bugs: the example's own, and nine that are planted in the right one."""
    yield {name: array(g) for name, g in wrong.gradient().items()}
    names = list(right.params)
    first, last = names[0], names[-1]

    def plant(change):
        grads = {name: array(g).copy() for name, g in right.gradient().items()}
        change(grads)
        return grads

    def turn(g):
        g[first] *= -1

    def clear_first(g):
        g[first][...] = 0

    def clear_last(g):
        g[last][...] = 0

    def sum_for_mean(g):
        for a in g.values():
            a *= 20

    def add_twice(g):
        for a in g.values():
            a *= 2

    def one_element(g):
        flat = g[first].reshape(-1)
        flat[np.argsort(abs(flat))[flat.size // 2]] *= 1.001

    def percent(g):
        g[first] *= 1.01

    def tiny(g):
        g[first] *= 1 + 1e-5

    def swap(g):
        g[first][[0, 1]] = g[first][[1, 0]]

    for change in turn, clear_first, clear_last, sum_for_mean, add_twice, one_element, percent, tiny, swap:
        yield plant(change)


def with_numgrad(all):
    def agrees(model, grads):
        try:
            numgrad.check(model.loss, model.params, grads, all=all)
            return True
        except AssertionError:
            return False

    return agrees


def with_torch(fast):
    def agrees(model, grads):
        class Loss(torch.autograd.Function):
            """The model's loss, with grads for its gradient. The tensors share the model's memory."""

            @staticmethod
            def forward(ctx, *tensors):
                return torch.tensor(float(model.loss()), dtype=torch.float64)

            @staticmethod
            def backward(ctx, dout):
                return tuple(dout * torch.from_numpy(np.ascontiguousarray(grads[name])) for name in model.params)

        tensors = [torch.from_numpy(array(p)).requires_grad_() for p in model.params.values()]
        return torch.autograd.gradcheck(Loss.apply, tensors, raise_exception=False, fast_mode=fast)

    return agrees


def main(program):
    columns = [
        ("numgrad.check", with_numgrad(False)),
        ("all=True", with_numgrad(True)),
        ("gradcheck", with_torch(False)),
        ("fast_mode=True", with_torch(True)),
    ]
    print("| | elements | one loss |", " | ".join(title for title, _ in columns), "|\n|---|---|---|---|---|---|---|")
    for title, make in [
        ("logistic regression, C", lambda bug=False: Program(program, *["bug"] * bug)),
        ("`autograd.Function`, PyTorch", GeluNet),
        ("`MultiLayerNet`, NumPy", MultiLayerNet),
        ("`TwoLayerNet`, NumPy", TwoLayerNet),
        ("convolutional net, PyTorch", ConvNet),
    ]:
        right, wrong = make(), make(bug=True)
        grads = {name: array(g).copy() for name, g in right.gradient().items()}
        size = sum(g.size for g in grads.values())
        begin = time.perf_counter()
        for _ in range(100):
            right.loss()
        cells = [title, f"{size:,}", f"{(time.perf_counter() - begin) * 10:.1g} ms"]
        bugs = list(planted(right, wrong))
        for column, agrees in columns:
            if column == "all=True" and size <= 2000:
                cells.append("the same")
                continue
            begin = time.perf_counter()
            right_agrees = agrees(right, grads)
            seconds = time.perf_counter() - begin
            if column == "all=True":
                cells.append(f"{seconds:.2g} s")
                continue
            caught = [not agrees(right, wrong_grads) for wrong_grads in bugs]
            print(column, right_agrees, caught, file=sys.stderr)
            cells.append(f"{seconds:.2g} s, {sum(caught)} of {len(caught)}" if right_agrees else "calls the right one wrong")
        print("| " + " | ".join(cells) + " |", flush=True)


main(*sys.argv[1:])
