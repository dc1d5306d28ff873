"""Tests of numgrad.py and the examples: make test-python. NUMGRAD_GRADCHECK names the program gradcheck."""

import os
import pathlib
import pty
import subprocess
import sys
import time

import numpy as np
import pytest

import numgrad

EXAMPLES = pathlib.Path(__file__).parent / "examples"
sys.path.insert(0, str(EXAMPLES))


class Quadratic:
    """Σ k·w[k]²/2 + Σ b, with a loss that does something at the 30th call."""

    def __init__(self, w, b, at30=lambda: None):
        self.params = {"w": w, "b": b}
        self.grads = {"w": np.array(self.factors() * w, w.dtype), "b": np.ones_like(b)}
        self.at30, self.calls = at30, 0
        self.first = {name: a.tobytes() for name, a in self.params.items()}

    def factors(self):
        w = self.params["w"]
        return np.arange(1.0, w.size + 1).reshape(w.shape)

    def loss(self):
        self.calls += 1
        if self.calls == 30:
            self.at30()
        w, b = self.params["w"], self.params["b"]
        return (self.factors() * w**2).sum() / 2 + b.sum()

    def check(self, **settings):
        return numgrad.check(self.loss, self.params, self.grads, **settings)

    def restored(self):
        return self.first == {name: a.tobytes() for name, a in self.params.items()}


def quadratic(**settings):
    return Quadratic(np.array([[0.1, -0.0, 5e-324], [1 / 3, -2.5, 7.0]]), np.array([1.0, 2.0]), **settings)


def test_agrees():
    q = quadratic()
    report = q.check()
    # Two elements of w lie at the minimum, where the gradient is round-off.
    assert report.splitlines()[2] == "agrees: w (but 2 of 6 cannot be told), b"
    assert q.restored()


def test_wrong():
    q = quadratic()
    q.grads["w"][1, 0] *= 1.001
    with pytest.raises(AssertionError, match=r"wrong: w: w\[1,0\] alone"):
        q.check()
    assert q.restored()


def test_fault():
    q = quadratic()
    with pytest.raises(AssertionError, match="no verdict: the loss is nan|no verdict: the loss is NaN"):
        numgrad.check(lambda: np.nan, q.params, q.grads)
    assert q.restored()


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, SystemExit])
def test_loss_raises(error, capfd):
    def fail():
        raise error("halt")

    q = quadratic(at30=fail)
    with pytest.raises(error, match="halt"):
        q.check()
    assert q.restored() and q.calls == 30
    assert capfd.readouterr().err == ""


def test_loss_raises_when_served(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "import numpy as np, numgrad\n"
        "w, calls = np.array([0.1, -0.0]), []\n"
        "def loss():\n"
        "    calls.append(1)\n"
        "    return (w**2).sum() / (len(calls) != 30)\n"
        "np.seterr(all='raise')\n"
        "try:\n    numgrad.serve(loss, {'w': w}, {'w': 2 * w})\n"
        "finally:\n    print(list(w))\n"
    )
    got = gradcheck(f"{sys.executable} {program}")
    assert got.returncode == 1 and got.stdout == ""
    assert "[0.1, -0.0]" in got.stderr
    assert f"gradcheck: {sys.executable} {program}: reports FloatingPointError: divide by zero" in got.stderr


def test_gradcheck_is_killed(monkeypatch):
    started = []

    class Popen(subprocess.Popen):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Popen)
    q = quadratic(at30=lambda: started[0].kill())
    with pytest.raises(RuntimeError, match="ended with status -9 before its report"):
        q.check()
    assert q.restored()


def test_no_gradcheck(monkeypatch):
    monkeypatch.setenv("NUMGRAD_GRADCHECK", "")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(FileNotFoundError, match="gradcheck is not on PATH"):
        quadratic().check()


@pytest.mark.parametrize(
    "w",
    [
        np.asfortranarray([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),
        np.arange(48.0).reshape(8, 6)[1::3, ::-2],
        np.arange(24.0).reshape(2, 3, 4).transpose(2, 0, 1),
        np.array([[0.1, 0.2, -0.3]], np.float32),
        np.array(2.5),
    ],
    ids=["Fortran", "view", "transposed", "float32", "scalar"],
)
def test_arrays(w):
    q = Quadratic(w, np.array([1.0]))
    q.check()
    assert q.restored()
    q.grads["w"][(-1,) * w.ndim] *= 1.01
    with pytest.raises(AssertionError, match="wrong: w"):
        q.check()
    assert q.restored()


def test_all():
    q = Quadratic(np.linspace(-1, 1, 3000), np.array([1.0]))
    assert "2045 of 3000" in q.check()
    assert " of 3000 " not in q.check(all=True)
    assert q.restored()


def test_refused():
    q = quadratic()
    w, g = np.ones(3), np.ones(3)
    fixed = np.ones(3)
    fixed.flags.writeable = False
    for params, grads, error, text in [
        ({"w": [1.0]}, {"w": g}, TypeError, "w is a list, want a NumPy array or a dense PyTorch tensor of float64 or float32"),
        ({"w": np.ones(3, int)}, {"w": g}, TypeError, "w is an array of int64, want"),
        ({"w": w}, {"w": np.ones(3, complex)}, TypeError, "the gradient of w is an array of complex128, want"),
        ({"w": w}, {"w": np.ones((3, 1))}, ValueError, r"w has shape \(3,\), its gradient \(3, 1\)"),
        ({"w": w, "b": w}, {"w": g}, ValueError, "there is no gradient of b: compute it first, or leave the parameter out"),
        ({"w": w}, None, ValueError, "there is no gradient of w"),
        ({"w": fixed}, {"w": g}, ValueError, "w cannot be written to"),
        ({"w": np.ones((2, 3))}, {"w": np.ones((3, 2))}, ValueError, r"w has .* \(3, 2\): is it transposed\?"),
        ({"w": w}, {"w": g, "b": w}, ValueError, "there is a gradient of b, but params has no such name"),
        ({"w": w}, [g], TypeError, "grads is a list, want a dict by the names of params"),
        ([w], [g], TypeError, "params has a ndarray, want pairs of a name and an array, as of model.named_parameters"),
        (3, {}, TypeError, r"params is a int, want a dict, or model.named_parameters\(\)"),
        ({0: w}, {0: g}, ValueError, "a parameter is named 0, want a text of one line that no other has"),
        ({"w\n": w}, {"w\n": g}, ValueError, r"a parameter is named 'w\\n', want a text"),
        ([("w", w), ("w", g)], {"w": g}, ValueError, "a parameter is named 'w', want a text of one line that no other has"),
        ({}, {}, ValueError, "params has no elements to check"),
        ({"w": np.ones(0)}, {"w": np.ones(0)}, ValueError, "params has no elements to check"),
        ({"w": np.array([[1, np.inf]])}, {"w": np.ones((1, 2))}, ValueError, r"w\[0,1\] is inf, want finite numbers"),
    ]:
        with pytest.raises(error, match=text):
            numgrad.check(q.loss, params, grads)
    for value, text in [
        (w * 1, r"ndarray of float64 and shape \(3,\)"),
        (np.complex128(1j), "complex128"),
        (1j, "complex"),
        (None, "NoneType"),
    ]:
        with pytest.raises(TypeError, match=rf"loss\(\) returned a {text}, want a real number"):
            numgrad.check(lambda: value, {"w": w}, {"w": g})
    with pytest.raises(TypeError, match="loss is a float, want a function of no arguments"):
        numgrad.check(3.5, {"w": w}, {"w": g})
    with pytest.raises(ValueError, match="precision is 'half', want 'float64' or 'float32'"):
        numgrad.check(q.loss, {"w": w}, {"w": g}, precision="half")


def test_refused_tensors():
    torch = pytest.importorskip("torch")
    model = torch.nn.Linear(3, 2)
    with pytest.raises(TypeError, match=r"params is a Linear, want a dict, or model.named_parameters\(\)"):
        numgrad.check(lambda: 1.0, model)
    with pytest.raises(TypeError, match="params has a Parameter, want pairs of a name and an array"):
        numgrad.check(lambda: 1.0, model.parameters())
    half = torch.ones(3, dtype=torch.bfloat16)
    with pytest.raises(TypeError, match="b is a tensor of torch.bfloat16, torch.strided, want a NumPy array or a dense"):
        numgrad.check(lambda: 1.0, {"b": half}, {"b": half})
    with pytest.raises(TypeError, match="the gradient of w is a tensor of torch.float32, torch.sparse_coo, want"):
        numgrad.check(lambda: 1.0, {"w": torch.ones(3)}, {"w": torch.ones(3).to_sparse()})
    w = torch.ones(3)
    with pytest.raises(TypeError, match=r"loss\(\) returned a Tensor of torch.complex64 and shape \(\), want a real"):
        numgrad.check(lambda: (w * 1j).sum(), {"w": w}, {"w": w})


@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_what_numpy_makes():
    """The result of an operation on an array without axes is no array; a matrix has two axes always."""
    s, m = np.array(1.5), np.matrix([[1.0, 2.0]])
    numgrad.check(lambda: s**2, {"s": s}, {"s": 2 * s})
    numgrad.check(lambda: np.square(m).sum(), {"m": m}, {"m": 2 * m})


def test_precision():
    """A gradient that was computed in float32 and is given as float64."""
    w = np.linspace(0.1, 1, 50)
    args = lambda: (w**3).sum(), {"w": w}, {"w": (3 * w**2).astype(np.float32).astype(np.float64)}
    with pytest.raises(AssertionError, match="it agrees with -precision float32"):
        numgrad.check(*args)
    numgrad.check(*args, precision="float32")


def test_progress_on_a_terminal():
    """A check that takes longer than two seconds shows a bar and the time left."""
    program = (
        "import sys, time, numpy as np, numgrad\n"
        "w = np.ones(60)\n"
        "def loss():\n    time.sleep(0.01)\n    return (w**2).sum()\n"
        "numgrad.check(loss, {'w': w}, {'w': 2 * w})\n"
    )
    ours, theirs = pty.openpty()
    with subprocess.Popen([sys.executable, "-c", program], stderr=theirs) as process:
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
    assert len(losses) < 45000  # less than a minute, if one takes a millisecond
    with pytest.raises(AssertionError, match="wrong: "):
        numgrad.check(wrong.loss, wrong.params, wrong.gradient())
    for n in right, wrong:
        assert first == {name: np.array(getattr(p, "data", p)).tobytes() for name, p in n.params.items()}


def test_model_parameters():
    """model.named_parameters() and the .grads, without those that need none; a tensor that is not contiguous."""
    torch = pytest.importorskip("torch")
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1)).double()
    model[0].weight.data = torch.randn(3, 4).double().t()
    model[2].bias.requires_grad_(False)
    x = torch.randn(5, 3).double()
    loss = lambda: (model(x) ** 2).mean()
    with pytest.raises(ValueError, match="there is no gradient of 0.weight, 0.bias, 2.weight"):
        numgrad.check(loss, model.named_parameters())
    loss().backward()
    report = numgrad.check(loss, model.named_parameters())
    assert "agrees: 0.weight, 0.bias, 2.weight\n" in report
    model[0].weight.grad[2, 1] *= -1
    with pytest.raises(AssertionError, match=r"wrong: 0.weight: 0.weight\[2,1\] alone"):
        numgrad.check(loss, model.named_parameters())


def test_tensor_elsewhere():
    """A tensor whose memory is not the CPU's, played by one that hands out copies."""

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

    w = np.array([0.1, -0.0, 3.0])
    loss = lambda: (w**2).sum()
    numgrad.check(loss, {"w": Elsewhere(w)}, {"w": 2 * w})
    with pytest.raises(AssertionError, match=r"wrong: w: w\[2\] alone"):
        numgrad.check(loss, {"w": Elsewhere(w)}, {"w": np.array([0.2, 0, 7])})
    assert w.tobytes() == np.array([0.1, -0.0, 3.0]).tobytes()


def test_float32_model():
    torch = pytest.importorskip("torch")
    torch.manual_seed(1)
    model = torch.nn.Sequential(torch.nn.Linear(20, 10), torch.nn.Tanh(), torch.nn.Linear(10, 5))
    x, t = torch.randn(30, 20), torch.randint(5, (30,))
    loss = lambda: torch.nn.functional.cross_entropy(model(x), t)
    loss().backward()
    numgrad.check(loss, model.named_parameters())
    model[0].weight.grad *= 1.1
    with pytest.raises(AssertionError, match="wrong: 0.weight"):
        numgrad.check(loss, model.named_parameters())


def gradcheck(command, **settings):
    return subprocess.run(
        [os.environ["NUMGRAD_GRADCHECK"], "-loss", command], capture_output=True, text=True, **settings
    )


def test_c(tmp_path):
    program = tmp_path / "logistic"
    subprocess.run(["cc", "-O2", "-o", program, EXAMPLES / "logistic.c", "-lm"], check=True)
    right = gradcheck(str(program))
    assert right.returncode == 0 and "\nagrees: w, b\n" in right.stdout, right
    wrong = gradcheck(f"{program} bug")
    assert wrong.returncode == 1 and "\nwrong: w, b\n" in wrong.stdout, wrong


def test_serve():
    program = f"{sys.executable} {EXAMPLES}/two_layer_net.py"
    right = gradcheck(program)
    assert right.returncode == 0 and "\nagrees: W1, b1, W2, b2\n" in right.stdout, right
    wrong = gradcheck(program + " bug")
    assert wrong.returncode == 1 and "\nwrong: b1: 10 times too small" in wrong.stdout, wrong


def test_serve_prints_to_standard_error(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "import os, numpy as np, numgrad\n"
        "w = np.array([0.5, 1.0])\n"
        "def loss():\n    print('asked')\n    os.write(1, b'here\\n')\n    return (w**2).sum()\n"
        "numgrad.serve(loss, {'w': w}, {'w': 2 * w})\n"
        "print(list(w))\n"
    )
    got = gradcheck(f"{sys.executable} {program}")
    assert got.returncode == 0 and "agrees: w" in got.stdout, got
    assert "asked\n" in got.stderr and "here\n" in got.stderr


def test_serve_when_gradcheck_is_killed(tmp_path):
    """The program has its values back and goes on."""
    program = tmp_path / "program.py"
    program.write_text(
        "import os, signal, numpy as np, numgrad\n"
        "w, calls = np.array([0.1, -0.0]), []\n"
        "def loss():\n"
        "    calls.append(w.copy())\n"
        "    if len(calls) == 40: os.kill(os.getppid(), signal.SIGKILL)\n"
        "    return (w**2).sum()\n"
        "agrees = numgrad.serve(loss, {'w': w}, {'w': 2 * w})\n"
        f"open({str(tmp_path / 'verdict')!r}, 'w').write(repr((agrees, list(w), len(calls))))\n"
    )
    gradcheck(f"exec {sys.executable} {program}")
    verdict = tmp_path / "verdict"
    for _ in range(100):
        if verdict.exists() and verdict.read_text():
            break
        time.sleep(0.1)
    assert verdict.read_text() == "(False, [0.1, -0.0], 40)"
