"""Tests of numgrad.py and the examples: make test-python. NUMGRAD_GRADCHECK names the program gradcheck."""

import collections
import math
import os
import pathlib
import pty
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import numgrad

EXAMPLES = pathlib.Path(__file__).parent / "examples"
sys.path.insert(0, str(EXAMPLES))


class Quadratic:
    """Σ k·w[k]²/2 + Σ b, with a loss that does something at some calls."""

    def __init__(self, w, b, at=(), do=lambda: None):
        self.params = {"w": w, "b": b}
        self.grads = {"w": np.array(self.factors() * w, w.dtype), "b": np.ones_like(b)}
        self.at, self.do, self.calls = at, do, 0
        self.first = {name: a.tobytes() for name, a in self.params.items()}

    def factors(self):
        w = self.params["w"]
        return np.arange(1.0, w.size + 1).reshape(w.shape)

    def loss(self):
        self.calls += 1
        if self.calls in self.at:
            self.do()
        w, b = self.params["w"], self.params["b"]
        return (self.factors() * w**2).sum() / 2 + b.sum()

    def check(self, **settings):
        return numgrad.check(self.loss, self.params, self.grads, **settings)

    def restored(self):
        return self.first == {name: a.tobytes() for name, a in self.params.items()}


def quadratic(**settings):
    return Quadratic(np.array([[0.1, -0.0, 5e-324], [1 / 3, -2.5, 7.0]]), np.array([1.0, 2.0]), **settings)


def test_right_and_wrong():
    q = quadratic()
    assert "agrees: w" in q.check()
    assert q.restored()
    q.grads["w"][1, 0] *= 1.001
    with pytest.raises(AssertionError, match=r"wrong: w(.|\n)*w\[1,0\]"):
        q.check()
    assert q.restored()
    with pytest.raises(AssertionError, match="no verdict: the loss is nan|no verdict: the loss is NaN"):
        numgrad.check(lambda: np.nan, q.params, q.grads)
    assert q.restored()


def raiser(error):
    def fail():
        raise error

    return fail


def test_exception_at_the_given_place(capfd):
    q = quadratic(at=[1], do=raiser(ZeroDivisionError("halt")))
    with pytest.raises(ZeroDivisionError, match="halt"):
        q.check()
    assert q.restored() and q.calls == 1
    assert capfd.readouterr().err == ""


def test_exception_where_displaced():
    """Near the edge of the loss's domain, places beyond it are left out."""
    w = np.array([1e-3, 2.0])

    assert "agrees: w" in numgrad.check(lambda: sum(math.log(v) for v in w), {"w": w}, {"w": 1 / w})
    assert w.tolist() == [1e-3, 2.0]


def test_exception_wherever_displaced():
    w = np.array([2.0])

    def loss():
        if w[0] != 2:
            raise FloatingPointError("no convergence")
        return 1.0

    with pytest.raises(RuntimeError, match=r"loss\(\) raises FloatingPointError wherever a parameter is displaced: no convergence"):
        numgrad.check(loss, w, np.array([1.0]))
    assert w[0] == 2


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_interrupt(error):
    q = quadratic(at=[20], do=raiser(error("halt")))
    with pytest.raises(error, match="halt"):
        q.check()
    assert q.restored() and q.calls == 20


def test_timeout():
    def forever():
        while True:
            pass

    q = quadratic(at=[20], do=forever)
    with pytest.raises(TimeoutError, match="took longer than 0.5 s"):
        q.check(timeout=0.5)
    assert q.restored() and q.calls == 20


def test_in_a_thread():
    reports = []
    thread = threading.Thread(target=lambda: reports.append(quadratic().check()))
    thread.start()
    thread.join()
    assert len(reports) == 1


def test_gradcheck_is_killed(monkeypatch):
    started = []

    class Popen(subprocess.Popen):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Popen)
    q = quadratic(at=[20], do=lambda: started[0].kill())
    with pytest.raises(RuntimeError, match="ended with status -9 before its report"):
        q.check()
    assert q.restored()


def test_no_gradcheck(monkeypatch):
    monkeypatch.setenv("NUMGRAD_GRADCHECK", "")
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(numgrad.sysconfig, "get_path", lambda *_: "/nowhere")
    with pytest.raises(FileNotFoundError, match="gradcheck is not on PATH: install the wheel"):
        quadratic().check()


@pytest.mark.parametrize(
    "w",
    [
        np.asfortranarray([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),
        np.arange(48.0).reshape(8, 6)[1::3, ::-2] + 0,
        np.arange(48.0).reshape(8, 6)[1::3, ::-2],
        np.arange(24.0).reshape(2, 3, 4).transpose(2, 0, 1),
        np.array([[0.1, 0.2, -0.3]], np.float32),
        np.array(2.5),
    ],
    ids=["Fortran", "copy", "view", "transposed", "float32", "scalar"],
)
def test_arrays(w):
    q = Quadratic(w, np.array([1.0]))
    q.check()
    assert q.restored()
    q.grads["w"][(-1,) * w.ndim] *= 1.1 if w.dtype == np.float32 else 1.01
    with pytest.raises(AssertionError, match="wrong: w"):
        q.check()
    assert q.restored()


def test_structures():
    """One array, lists, tuples, nested ones, and pairs of names, with a loss that takes them or not."""
    a, b = np.array([0.5, 2.0]), np.array([[1.0, -3.0]])
    square = lambda p: sum(float((x**2).sum()) for x in p)
    Pair = collections.namedtuple("Pair", "w b")
    pair = Pair(np.array(0.25), (a, [b]))
    for params, loss, grads, names in [
        (a, lambda p: square([p]), 2 * a, "params"),
        ([a, b], square, [2 * a, 2 * b], "params[0], params[1]"),
        ((a, b), lambda: square([a, b]), (2 * a, 2 * b), "params[0], params[1]"),
        ({"a": a, "b": b}, lambda p: square(p.values()), [2 * a, 2 * b], "a, b"),
        ([("a", a), ("b", b)], lambda: square([a, b]), {"b": 2 * b, "a": 2 * a}, "a, b"),
        (iter([("a", a), ("b", b)]), lambda p: square(x for _, x in p), {"b": 2 * b, "a": 2 * a}, "a, b"),
        ({"l": [{"w": a}, {"w": b}]}, lambda p: square(l["w"] for l in p["l"]), {"l": [{"w": 2 * a}, {"w": 2 * b}]}, "l[0].w, l[1].w"),
        (pair, lambda p: square([p.w, p.b[0], *p.b[1]]), Pair(np.array(0.5), (2 * a, [2 * b])), "params[0], params[1][0], params[1][1][0]"),
    ]:
        report = numgrad.check(loss, params, grads)
        assert f"agrees: {names}\n" in report
        assert a.tolist() == [0.5, 2.0] and b.tolist() == [[1.0, -3.0]]


def test_values_that_cannot_be_displaced_in_place():
    """Floats and read-only arrays are made anew for a loss that takes params."""
    fixed = np.array([1.0, 2.0])
    fixed.flags.writeable = False
    Pair = collections.namedtuple("Pair", "a b")
    loss = lambda p: p.a["x"] ** 2 + float((p.b**3).sum())
    numgrad.check(loss, Pair({"x": 1.5}, fixed), Pair({"x": 3.0}, 3 * fixed**2))
    with pytest.raises(AssertionError, match="wrong: params"):
        numgrad.check(loss, Pair({"x": 1.5}, fixed), Pair({"x": 3.1}, 3 * fixed**2))
    with pytest.raises(TypeError, match="x is a float; want .* or a loss that takes params as its argument"):
        numgrad.check(lambda: 1.0, {"x": 1.5}, {"x": 3.0})


def test_refused():
    q = quadratic()
    w, g = np.ones(3), np.ones(3)
    fixed = np.ones(3)
    fixed.flags.writeable = False
    for params, grads, error, text in [
        ({"w": "1"}, {"w": g}, TypeError, "w is a str; want a NumPy array or a dense PyTorch tensor of float64 or float32"),
        ({"w": np.ones(3, int)}, {"w": g}, TypeError, "w is an array of int64; want"),
        ({"w": w}, {"w": np.ones(3, complex)}, TypeError, "the gradient of w is an array of complex128; want"),
        ({"w": w}, {"w": np.ones((3, 1))}, ValueError, r"w has shape \(3,\), its gradient \(3, 1\)"),
        ({"w": np.ones((2, 3))}, {"w": np.ones((3, 2))}, ValueError, r"its gradient \(3, 2\): is it transposed\?"),
        ({"w": w}, {}, ValueError, "there is no gradient of w: compute it first, or leave the parameter out"),
        ({"w": w}, {"w": g, "b": g}, ValueError, "there is a gradient of b, but params has no such name"),
        ({"w": w}, None, ValueError, "there is no gradient of w"),
        ([w, w + 1], [g], ValueError, r"there is no gradient of params\[1\]"),
        ([("w", w), ("w", w + 1)], {"w": g}, ValueError, "two parameters are named w"),
        ({"w": np.array([1, np.inf])}, {"w": np.ones(2)}, ValueError, r"w\[1\] is inf, want finite numbers"),
        ({"w": fixed}, {"w": g}, ValueError, "w cannot be written to: give a copy that the loss reads"),
        ({}, {}, ValueError, "params has no elements to check"),
        ({"w": np.ones((0, 3))}, {"w": np.ones((0, 3))}, ValueError, "params has no elements to check"),
        ({"w": np.broadcast_to(w, (2, 3)).view()}, {"w": np.ones((2, 3))}, ValueError, "w"),
    ]:
        with pytest.raises(error, match=text):
            numgrad.check(lambda: 0.0, params, grads)
    for loss, error, text in [
        (1.0, TypeError, "loss is a float, want a function that returns the loss"),
        (lambda x, t: 0.0, TypeError, "loss requires the arguments x, t, want none"),
        (lambda *, x: 0.0, TypeError, "loss requires the arguments x, want none"),
        (lambda: None, TypeError, r"loss\(\) returned a NoneType, want a real number"),
        (lambda: np.ones(3), TypeError, r"loss\(\) returned a ndarray of float64 and shape \(3,\), want a real number"),
        (lambda: 1j, TypeError, r"loss\(\) returned a complex, want a real number"),
        (lambda: q.params["b"].__iadd__(1).sum(), ValueError, r"loss\(\) changes b, which it is to read"),
    ]:
        with pytest.raises(error, match=text):
            numgrad.check(loss, q.params, q.grads)
        assert q.restored()
    for settings, text in [
        ({"precision": "half"}, "precision is 'half', want 'float64', 'float32' or a relative error such as 1e-3"),
        ({"precision": 2}, "precision is 2, want"),
        ({"losses": 0}, "losses is 0, want a positive whole number"),
        ({"losses": 1e3}, "losses is 1000.0, want a positive whole number"),
        ({"losses": 10, "all": True}, "all and losses are both given"),
        ({"timeout": -1}, "timeout is -1, want seconds, or None"),
    ]:
        with pytest.raises(ValueError, match=text):
            q.check(**settings)


def strided(a, shape, strides):
    return np.lib.stride_tricks.as_strided(a, shape, strides)


def test_shared_memory():
    """Views that overlap are refused before the first loss, and views that only interleave are not."""
    a, flat = np.arange(1.0, 13.0), np.arange(1.0, 25.0).reshape(4, 6)
    calls = []
    loss = lambda: calls.append(1)
    for params, text in [
        ({"w": strided(a, (3, 4), (0, 8))}, "elements of w share memory"),
        ({"w": strided(a, (4, 3), (8, 8))}, "elements of w share memory"),
        ({"enc": a.reshape(3, 4), "dec": a.reshape(3, 4).T}, "enc and dec share memory: leave one out"),
        ({"x": a, "first": a[:1]}, "x and first share memory"),
    ]:
        with pytest.raises(ValueError, match=text):
            numgrad.check(loss, params, {name: np.ones(p.shape) for name, p in params.items()})
    assert not calls
    left, right = flat[:, :3], flat[:, 3:]
    numgrad.check(lambda: (left**2).sum() - (right**3).sum(), {"l": left, "r": right}, {"l": 2 * left, "r": -3 * right**2})


def test_other_arrays():
    """Masked arrays, matrices, and gradients that are NumPy scalars."""
    m = np.ma.masked_array([1.0, 2.0, 3.0], [0, 1, 0])
    numgrad.check(lambda: float((m**3).sum()), {"m": m}, {"m": 3 * m**2})
    s, matrix = np.array(1.5), np.matrix([[1.0, 2.0]])
    numgrad.check(lambda: s**2, {"s": s}, {"s": 2 * s})
    numgrad.check(lambda: np.square(matrix).sum(), {"m": matrix}, {"m": 2 * matrix})


def test_precision():
    """A gradient that was computed in float32 and is given as float64, and one of a solver."""
    w = np.linspace(0.1, 1, 50)
    exact = 3 * w**2
    args = lambda g: (lambda: (w**3).sum(), {"w": w}, {"w": g})
    rounded = exact.astype(np.float32).astype(np.float64)
    with pytest.raises(AssertionError, match="wrong: w"):
        numgrad.check(*args(rounded))
    numgrad.check(*args(rounded), precision="float32")
    off = np.where(np.arange(50) % 2, 1 + 3e-4, 1 - 2e-4)
    numgrad.check(*args(exact * off), precision=1e-3)
    with pytest.raises(AssertionError, match="wrong: w"):
        numgrad.check(*args(exact * 1.02), precision=1e-3)


def test_budget():
    """losses= asks for about as many losses; all=True checks each element."""
    def asked(**settings):
        q = Quadratic(np.linspace(1, 2, 3000), np.array([1.0]))
        q.check(**settings)
        return q.calls

    few, usual, each = asked(losses=300), asked(), asked(all=True)
    assert few < 900 and usual < 2200 and each > 6000
    assert few < usual < each


def test_progress_on_a_terminal():
    """A check that takes longer than two seconds shows a bar and the time left."""
    program = (
        "import sys, time, numpy as np, numgrad\n"
        "w = np.ones(60)\n"
        "def loss():\n    time.sleep(0.01)\n    return (w**2).sum()\n"
        "numgrad.check(loss, {'w': w}, {'w': 2 * w})\n"
    )
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm"}
    with subprocess.Popen([sys.executable, "-c", program], stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = b""
        try:
            while chunk := os.read(ours, 1024):
                shown += chunk
        except OSError:  # the other end is closed
            pass
    os.close(ours)
    assert process.returncode == 0
    assert b"checking, " in shown and b"s left" in shown and b"%" in shown


def examples():
    import multi_layer_net
    import two_layer_net

    nets = [two_layer_net.TwoLayerNet, multi_layer_net.MultiLayerNet]
    try:
        import conv_net
        import gelu
    except ModuleNotFoundError as e:
        assert e.name == "torch"
    else:
        nets += [conv_net.ConvNet, gelu.GeluNet]
    return nets


@pytest.mark.parametrize("net", examples(), ids=lambda net: net.__name__)
def test_example(net):
    right, wrong = net(), net(bug=True)
    first = {name: np.array(getattr(p, "data", p)).tobytes() for name, p in right.params.items()}
    losses = []

    def loss():
        losses.append(right.loss())
        return losses[-1]

    numgrad.check(loss, right.params, right.gradient())
    assert len(losses) <= 2000
    with pytest.raises(AssertionError, match="wrong: "):
        numgrad.check(wrong.loss, wrong.params, wrong.gradient())
    for n in right, wrong:
        assert first == {name: np.array(getattr(p, "data", p)).tobytes() for name, p in n.params.items()}


def test_pytorch_model():
    """named_parameters, parameters and the model, with the .grad of each tensor that requires one; a tensor that is not contiguous."""
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1)).double()
    model[0].weight.data = torch.randn(3, 4).double().t()
    model[2].bias.requires_grad_(False)
    x = torch.randn(5, 3).double()
    loss = lambda: (model(x) ** 2).mean()
    with pytest.raises(ValueError, match="there is no gradient of 0.weight, 0.bias, 2.weight"):
        numgrad.check(loss, model.named_parameters())
    loss().backward()
    assert "agrees: 0.weight, 0.bias, 2.weight\n" in numgrad.check(loss, model.named_parameters())
    assert "agrees: 0.weight, 0.bias, 2.weight\n" in numgrad.check(loss, model)
    assert "agrees: params[0], params[1], params[2]\n" in numgrad.check(loss, model.parameters())
    required = [p for p in model.parameters() if p.requires_grad]
    numgrad.check(loss, required, torch.autograd.grad(loss(), required))
    model[0].weight.grad[2, 1] *= -1
    with pytest.raises(AssertionError, match=r"wrong: 0.weight(.|\n)*0.weight\[2,1\]"):
        numgrad.check(loss, model.named_parameters())


def test_pytorch_views():
    torch = pytest.importorskip("torch")
    expanded = torch.ones(1, dtype=torch.float64).expand(3)
    with pytest.raises(ValueError, match="elements of w share memory"):
        numgrad.check(lambda: 0.0, {"w": expanded}, {"w": torch.ones(3).double()})
    negative = torch.tensor([1 + 2j, 3 - 1j]).to(torch.complex128).conj().imag
    assert negative.is_neg()
    with pytest.raises(TypeError, match="w is a tensor of torch.float64.*negative bit"):
        numgrad.check(lambda: 0.0, {"w": negative}, {"w": torch.ones(2).double()})
    w = torch.tensor([2.0, -1.0], dtype=torch.float64)
    numgrad.check(lambda: (w * negative).sum(), {"w": w}, {"w": negative})
    half = torch.ones(2, dtype=torch.bfloat16)
    with pytest.raises(TypeError, match="w is a tensor of torch.bfloat16"):
        numgrad.check(lambda: 0.0, {"w": half}, {"w": half})


def test_tensor_elsewhere():
    """A tensor in the memory of a GPU, played by an object that hands out copies."""

    class Elsewhere:
        device = type("device", (), {"type": "cuda"})

        def __init__(self, values):
            self.memory = values

        def detach(self):
            return self

        def cpu(self):
            return self

        def numpy(self):
            return self.memory.copy()

        def new_tensor(self, values):
            return values.copy()

        def copy_(self, values):
            self.memory[...] = values

        dtype = layout = None

    w = np.array([0.1, -0.0, 3.0])
    loss = lambda: (w**2).sum()
    numgrad.check(loss, {"w": Elsewhere(w)}, {"w": 2 * w})
    with pytest.raises(AssertionError, match=r"wrong: w(.|\n)*w\[2\]"):
        numgrad.check(loss, {"w": Elsewhere(w)}, {"w": np.array([0.2, 0, 7])})
    assert w.tobytes() == np.array([0.1, -0.0, 3.0]).tobytes()


def gradcheck(command, **settings):
    return subprocess.run([os.environ["NUMGRAD_GRADCHECK"], "-loss", command], capture_output=True, text=True, **settings)


def test_version():
    printed = subprocess.run([os.environ["NUMGRAD_GRADCHECK"], "-version"], capture_output=True, text=True).stdout
    assert printed == f"gradcheck {numgrad.__version__}\n"


def test_c(tmp_path):
    program = tmp_path / "logistic"
    subprocess.run(["cc", "-O2", "-o", program, EXAMPLES / "logistic.c", "-lm"], check=True)
    right = gradcheck(str(program))
    assert right.returncode == 0 and "\nagrees: w, b\n" in right.stdout, right
    wrong = gradcheck(f"{program} bug")
    assert wrong.returncode == 1 and "\nwrong: w, b" in wrong.stdout, wrong


def test_serve(tmp_path):
    program = f"{sys.executable} {EXAMPLES}/two_layer_net.py"
    right = gradcheck(program)
    assert right.returncode == 0 and "\nagrees: W1, b1, W2, b2\n" in right.stdout, right
    wrong = gradcheck(program + " bug")
    assert wrong.returncode == 1 and "\nwrong: b1" in wrong.stdout, wrong
    # What the program prints goes to standard error.
    prints = tmp_path / "prints.py"
    prints.write_text(
        "import os, numpy as np, numgrad\n"
        "w = np.array([0.5, 1.0])\n"
        "def loss():\n    print('asked')\n    os.write(1, b'here\\n')\n    return (w**2).sum()\n"
        "numgrad.serve(loss, {'w': w}, {'w': 2 * w})\n"
    )
    got = gradcheck(f"{sys.executable} {prints}")
    assert got.returncode == 0 and "agrees: w" in got.stdout and "asked\n" in got.stderr and "here\n" in got.stderr, got
    raises = tmp_path / "raises.py"
    raises.write_text("import numpy as np, numgrad\nw = np.ones(2)\nnumgrad.serve(lambda: 1 / 0, {'w': w}, {'w': w})\n")
    got = gradcheck(f"{sys.executable} {raises}")
    assert got.returncode == 1 and got.stdout == "" and "reports ZeroDivisionError: division by zero" in got.stderr, got


def test_serve_when_gradcheck_is_killed(tmp_path):
    """The program has its values back and goes on."""
    program = tmp_path / "program.py"
    program.write_text(
        "import os, signal, numpy as np, numgrad\n"
        "w, calls = np.array([0.1, -0.0]), []\n"
        "def loss():\n"
        "    calls.append(w.copy())\n"
        "    if len(calls) == 20: os.kill(os.getppid(), signal.SIGKILL)\n"
        "    return (w**2).sum()\n"
        "agrees = numgrad.serve(loss, {'w': w}, {'w': 2 * w})\n"
        f"open({str(tmp_path / 'verdict.part')!r}, 'w').write(repr((agrees, list(w), len(calls))))\n"
        f"os.rename({str(tmp_path / 'verdict.part')!r}, {str(tmp_path / 'verdict')!r})\n"
    )
    gradcheck(f"exec {sys.executable} {program}")
    verdict = tmp_path / "verdict"
    while not verdict.exists():
        time.sleep(0.1)
    assert verdict.read_text() == "(False, [0.1, -0.0], 20)"
