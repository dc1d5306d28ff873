"""Models that people check, with right and with wrong gradients: make test-python."""

import copy
import functools
import math
import random

import numpy as np
import pytest

import numgrad

try:
    import torch
except ModuleNotFoundError:
    torch = None

r = np.random.default_rng(7)
A = lambda *v: np.array(v, float)
CASES = []


def case(name, right, loss, params, grads=None, says=(), omits=(), **options):
    CASES.append(pytest.param(right, loss, params, grads, says, omits, options, id=name))


def verdict(loss, params, grads, **options):
    try:
        return "agrees", numgrad.check(loss, params, grads, **options)
    except AssertionError as e:
        lines = str(e).splitlines()
        return "wrong" if any(line.startswith("wrong:") for line in lines) else "cannot tell", str(e)


def pair(name, loss, params, grads, off=1.01, **options):
    """The right gradient, and one in which an element of the first array is off."""
    case(name, "agrees", loss, params, grads, **options)
    wrong = {n: np.array(g, float) for n, g in grads.items()}
    first = next(iter(wrong))
    i = np.unravel_index(np.abs(wrong[first]).argmax(), wrong[first].shape)
    wrong[first][i] *= off
    case(f"{name}, {off} times in one element", "wrong", loss, params, wrong, says=[first], omits=["transpose", "twice", "sign"], **options)


# The book's net, with 1e-7 in the logarithm and without.
def book(delta, n_in=100, n_hidden=20, batch=30):
    p = dict(W1=0.01 * r.standard_normal((n_in, n_hidden)), b1=np.zeros(n_hidden), W2=0.01 * r.standard_normal((n_hidden, 10)), b2=np.zeros(10))
    x, t = r.random((batch, n_in)) * (r.random((batch, n_in)) < 0.2), r.integers(0, 10, batch)

    def forward():
        z = 1 / (1 + np.exp(-(x @ p["W1"] + p["b1"])))
        a = z @ p["W2"] + p["b2"]
        e = np.exp(a - a.max(1, keepdims=True))
        return z, e / e.sum(1, keepdims=True)

    def loss():
        return float(-np.log(forward()[1][np.arange(batch), t] + delta).mean())

    z, y = forward()
    d = y.copy()
    d[np.arange(batch), t] -= 1
    d /= batch
    da = (d @ p["W2"].T) * z * (1 - z)
    return loss, p, dict(W1=x.T @ da, b1=da.sum(0), W2=z.T @ d, b2=d.sum(0))


case("1e-7 in the logarithm", "wrong", *book(1e-7), says=["1e-7"])
loss, p, g = book(0)
pair("the book's net", loss, p, g)
case("one row of W1 shifted", "wrong", loss, p, {**g, "W1": np.roll(g["W1"], 1, 0)}, says=["W1"])
case("biases not summed over the batch", "wrong", loss, p, {**g, "b1": g["b1"] / 30, "b2": g["b2"] / 30}, says=["b1", "b2"])
case("a factor that means nothing", "wrong", loss, p, {**g, "W2": 12345.4 * g["W2"]}, says=["W2"], omits=["mean", "sum"])

# Derivatives that are zero for a reason.
x, w, b, v = r.standard_normal((15, 6)), r.standard_normal((6, 5)), r.standard_normal(5), r.standard_normal(5)


def batch_norm(x=x):
    a = x @ w + b
    return float((np.tanh((a - a.mean(0)) / np.sqrt(a.var(0) + 1e-5)) @ v).mean() ** 2)


a = x @ w + b
s = np.sqrt(a.var(0) + 1e-5)
h = (a - a.mean(0)) / s
T, o = np.tanh(h), (np.tanh(h) @ v).mean()
dh = 2 * o / 15 * (1 - T**2) * v
da = (dh - dh.mean(0) - h * (dh * h).mean(0)) / s
g = dict(w=x.T @ da, b=da.sum(0), v=2 * o * T.mean(0))
pair("batch normalisation", batch_norm, dict(w=w, b=b, v=v), g)
case("batch normalisation, an exact zero", "agrees", batch_norm, dict(w=w, b=b, v=v), {**g, "b": 0 * b}, says=["zero"])
case("batch normalisation, the bias as if it mattered", "wrong", batch_norm, dict(w=w, b=b, v=v), {**g, "b": dh.sum(0)}, says=["b"])
u = np.zeros(4)
case("a minimum", "agrees", lambda: float((u**2).sum()), dict(u=u), dict(u=2 * u))
case("a minimum, one element wrong", "wrong", lambda: float((u**2).sum()), dict(u=u), dict(u=A(0, 1e-2, 0, 0)))
E, rows = r.standard_normal((10, 3)), np.array([1, 4, 4, 7])
gE = np.zeros((10, 3))
np.add.at(gE, rows, 3 * E[rows] ** 2)
pair("an embedding with unused rows", lambda: float((E[rows] ** 3).sum()), dict(E=E), dict(E=gE))
case("an embedding, = in place of +=", "wrong", lambda: float((E[rows] ** 3).sum()), dict(E=E), dict(E=np.where(gE != 0, 3 * E**2, 0)))

# Steep losses, and other units.
q = A(1.1, 1.4, 2.0)
for n in (6, 12):
    pair(f"sum of r^-{n}", lambda n=n: float((q**-n).sum()), dict(q=q), dict(q=-n * q ** (-n - 1)), off=1 + 1e-7)
positions = 3.8e-10 * (np.array([[0, 0, 0], [1, 0.1, 0], [0.2, 1.1, 0.1], [0.9, 0.8, 1.0]]) + 0.02 * r.standard_normal((4, 3)))


def argon(p=positions, forces=False):
    sigma, epsilon = 3.4e-10, 1.65e-21
    energy, f = 0.0, np.zeros_like(p)
    for i in range(4):
        for j in range(i):
            d = p[i] - p[j]
            s6 = (sigma**2 / (d @ d)) ** 3
            energy += 4 * epsilon * (s6**2 - s6)
            k = 4 * epsilon * (-12 * s6**2 + 6 * s6) / (d @ d) * d
            f[i] += k
            f[j] -= k
    return f if forces else energy


pair("argon in metres and joules", argon, dict(p=positions), dict(p=argon(forces=True)), off=1 + 1e-6)
k = A(0.9, 1.0, 1.2)
pair("exp(13/T)", lambda: 1e-5 * float(np.exp(13 / k).sum()), dict(k=k), dict(k=-1e-5 * 13 / k**2 * np.exp(13 / k)), off=1 + 1e-6)
tiny = A(5e-7, -2e-6)
pair("1e-14 tanh(a / 1e-6)", lambda: 1e-14 * float(np.tanh(tiny / 1e-6).sum()), dict(a=tiny), dict(a=1e-8 * (1 - np.tanh(tiny / 1e-6) ** 2)))

# Losses that are not defined everywhere.
c, data = A(2.0, 0.7), A(0.8, 0.9, 1.0, 1.1)
normal = lambda: sum(math.log(c[1]) + (d - c[0]) ** 2 / (2 * c[1] ** 2) for d in data)
pair("a likelihood with math.log", normal, dict(c=c), dict(c=A(((c[0] - data) / c[1] ** 2).sum(), (1 / c[1] - (data - c[0]) ** 2 / c[1] ** 3).sum())))
probabilities = A(0.2, 0.5, 0.3)
pair("an entropy of probabilities", lambda: sum(x * math.log(x) for x in probabilities), dict(p=probabilities), dict(p=1 + np.log(probabilities)))
angle = A(0.999, -0.4)
pair("arccos near its edge", lambda: sum(math.acos(x) for x in angle), dict(x=angle), dict(x=-1 / np.sqrt(1 - angle**2)))


def newton(v):
    z = max(v, 1.0)
    while True:
        y = (z + v / z) / 2
        if abs(y - z) <= 1e-15 * z:
            return y
        z = y


n1 = A(2.0, 3.0)
pair("a loop that never ends below 0", lambda: newton(n1[0]) + newton(n1[1]), dict(n=n1), dict(n=0.5 / np.sqrt(n1)))

# Kinks.
y2 = A(1, 1)
case("max of a tie, both get 1", "wrong", lambda: float(y2.max()), dict(y=y2), dict(y=A(1, 1)))
case("max of a tie, halves", "agrees", lambda: float(y2.max() + (y2**2).sum()), dict(y=y2), dict(y=A(0.5, 0.5) + 2 * y2))
l1 = A(0, 1.5, -2)
case("absolute values, 0 at 0", "agrees", lambda: float(np.abs(l1).sum()), dict(w=l1), dict(w=np.sign(l1)))
case("absolute values, 2 at 0", "wrong", lambda: float(np.abs(l1).sum()), dict(w=l1), dict(w=A(2, 1, -1)))

# Losses that repeat but for the last bits, or not at all.
j = r.random(5)
for seed in range(4):
    noise = random.Random(seed)
    case(f"a last bit that changes, {seed}", "agrees", lambda noise=noise: float((j**2).sum()) * (1 + noise.choice([0, 2.3e-16])), dict(j=j), dict(j=2 * j))
drop = np.random.default_rng(0)
case("dropout", "cannot tell", lambda: float((j**2 * (drop.random(5) < 0.5)).sum()), dict(j=j), dict(j=2 * j), says=["dropout"])

# Hints.
S = r.standard_normal((5, 5))
gS = 6 * (S + S.T) ** 2
bad = gS.copy()
bad[0, 1] *= 1.1
case("a symmetric gradient is not called a transpose", "wrong", lambda: float(((S + S.T) ** 3).sum()), dict(S=S), dict(S=bad), says=["S[0,1]"], omits=["transpose"])
M = r.standard_normal((4, 4))
case("the transpose", "wrong", lambda: float((M**3).sum()), dict(M=M), dict(M=3 * M.T**2), says=["transpose"])
B = r.standard_normal((3, 4))
case("the sign", "wrong", lambda: float((B**3).sum()), dict(B=B), dict(B=-3 * B**2), says=["sign"])
case("twice", "wrong", lambda: float((B**3).sum()), dict(B=B), dict(B=6 * B**2), says=["twice"])

# A solver that stops early: its gradient is right to 1e-6 or so.
D = r.standard_normal((4, 4)) + 5 * np.eye(4)


def solve(d):
    z = np.zeros(4)
    for _ in range(9):
        z = z + 0.2 * (d - D @ z)
    return z


d0 = r.standard_normal(4)
exact = np.linalg.solve(D.T, 2 * np.linalg.solve(D, d0))
case("an implicit gradient", "agrees", lambda: float((np.linalg.solve(D, d0) ** 2).sum()), dict(d=d0), dict(d=exact * (1 + 1e-6 * A(1, -1, 1, -1))), precision=1e-3)
case("an implicit gradient, 2 % off", "wrong", lambda: float((np.linalg.solve(D, d0) ** 2).sum()), dict(d=d0), dict(d=exact * 1.02), precision=1e-3)

# Forty arrays.
deep = {f"W{i}": 0.4 * r.standard_normal((6, 6)) for i in range(40)}
x40 = r.standard_normal((8, 6))


def chain(p):
    zs = [x40]
    for w in p.values():
        zs.append(np.tanh(zs[-1] @ w) + zs[-1])
    return zs


def chain_gradient():
    zs, names, g = chain(deep), list(deep), {}
    d = 2 * zs[-1] / 48
    for i in reversed(range(40)):
        t = d * (1 - np.tanh(zs[i] @ deep[names[i]]) ** 2)
        g[names[i]] = zs[i].T @ t
        d = d + t @ deep[names[i]].T
    return {n: g[n] for n in names}


pair("forty arrays", lambda p: float((chain(p)[-1] ** 2).mean()), deep, chain_gradient())

if torch:
    torch.manual_seed(3)
    F, nn = torch.nn.functional, torch.nn
    X, Y, ids = torch.randn(6, 5, 8), torch.randint(4, (6,)), torch.randint(0, 9, (6, 5))

    class Sequence(nn.Module):
        """A layer over a sequence, and a linear one over its mean."""

        def __init__(self, layer, size, out=lambda y: y):
            super().__init__()
            self.layer, self.fc, self.out = layer, nn.Linear(size, 4), out

        def forward(self, x):
            return self.fc(self.out(self.layer(x)).mean(1))

    class Attention(nn.Module):
        def __init__(self):
            super().__init__()
            self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
            nn.init.normal_(self.attention.in_proj_bias)

        def forward(self, x):
            return self.attention(x, x, x)[0]

    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.w = nn.Parameter(torch.randn(8, 8) / 3)

        def forward(self, x):
            return torch.tanh(x @ self.w) @ self.w.t()

    class Expanded(nn.Module):
        def __init__(self):
            super().__init__()
            self.b = nn.Parameter(torch.randn(1, 1, 8))

        def forward(self, x):
            return torch.sin(x + self.b.expand_as(x))

    class Padded(nn.Embedding):
        """An embedding whose padding does not count."""

        def forward(self, ids):
            return super().forward(ids) * (ids != self.padding_idx)[..., None]

    class Convolution(nn.Sequential):
        def __init__(self, pool):
            super().__init__(nn.Conv1d(5, 6, 3), nn.BatchNorm1d(6), nn.ReLU(), pool)

    nets = {
        "an MLP with batch normalisation": (Sequence(nn.Sequential(nn.Flatten(0, 1), nn.Linear(8, 7), nn.BatchNorm1d(7), nn.ReLU(), nn.Unflatten(0, (6, 5))), 7), X),
        "an LSTM": (Sequence(nn.LSTM(8, 6, batch_first=True), 6, lambda y: y[0]), X),
        "a GRU of two layers": (Sequence(nn.GRU(8, 6, 2, batch_first=True), 6, lambda y: y[0]), X),
        "attention with biases": (Sequence(Attention(), 8), X),
        "layer normalisation": (Sequence(nn.Sequential(nn.Linear(8, 6), nn.LayerNorm(6), nn.GELU()), 6), X),
        "group normalisation": (Sequence(nn.Sequential(nn.GroupNorm(5, 5), nn.Linear(8, 6), nn.SiLU()), 6), X),
        "max pooling": (Sequence(Convolution(nn.MaxPool1d(2)), 3), X),
        "average pooling": (Sequence(Convolution(nn.AvgPool1d(2)), 3), X),
        "an embedding with padding": (Sequence(Padded(9, 6, padding_idx=0), 6), ids),
        "tied weights": (Sequence(Tied(), 8), X),
        "an expanded bias": (Sequence(Expanded(), 8), X),
        "a transformer layer": (Sequence(nn.TransformerEncoderLayer(8, 2, 12, dropout=0, batch_first=True), 8), X),
    }
    for name, (net, x) in nets.items():
        single = copy.deepcopy(net)
        right = lambda net, x: F.cross_entropy(net(x), Y).backward() or {n: p.grad.clone() for n, p in net.named_parameters()}
        net, x64 = net.double(), x.double() if x.is_floating_point() else x
        grads = right(net, x64)
        loss = lambda net=net, x=x64: F.cross_entropy(net(x), Y)
        case(name, "agrees", loss, dict(net.named_parameters()), grads)
        first = max(grads, key=lambda n: float(grads[n].abs().max()))
        case(f"{name}, 1.01 times {first}", "wrong", loss, dict(net.named_parameters()), {**grads, first: grads[first] * 1.01}, says=[first])
        grads = right(single, x)
        loss = lambda net=single, x=x: F.cross_entropy(net(x), Y)
        case(f"{name} in float32", "agrees|cannot tell", loss, dict(single.named_parameters()), grads)
        case(f"{name} in float32, twice", "wrong|cannot tell", loss, dict(single.named_parameters()), {n: 2 * g for n, g in grads.items()})


@pytest.mark.parametrize("right, loss, params, grads, says, omits, options", CASES)
def test_case(right, loss, params, grads, says, omits, options):
    calls = []

    @functools.wraps(loss)
    def counted(*p):
        calls.append(1)
        return loss(*p)

    got, text = verdict(counted, params, grads, **options)
    assert got in right.split("|"), text
    for word in says:
        assert word.lower() in text.lower(), text
    for word in omits:
        assert word not in text, text
    arrays = len(params) if hasattr(params, "__len__") else 1
    assert len(calls) <= {(True, True): 2000, (True, False): 4500, (False, True): 5000, (False, False): 7500}[arrays <= 10, got == "agrees"]
