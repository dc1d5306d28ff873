"""Runs the snippets of the READMEs as they stand: make test-python."""

import os
import pathlib
import re
import subprocess

import numpy as np
import pytest

import numgrad

ROOT = pathlib.Path(__file__).resolve().parents[1]


class TwoLayerNet:
    """A net with the interface, the loss and the backprop of the book's."""

    delta = 1e-7

    def __init__(self, input_size=784, hidden_size=50, output_size=10, weight_init_std=0.01):
        r = np.random.default_rng(0)
        self.params = {
            "W1": weight_init_std * r.standard_normal((input_size, hidden_size)),
            "b1": np.zeros(hidden_size),
            "W2": weight_init_std * r.standard_normal((hidden_size, output_size)),
            "b2": np.zeros(output_size),
        }

    def hidden(self, x):
        return 1 / (1 + np.exp(-(x @ self.params["W1"] + self.params["b1"])))

    def predict(self, x):
        a = self.hidden(x) @ self.params["W2"] + self.params["b2"]
        e = np.exp(a - a.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def loss(self, x, t):
        return -np.sum(np.log(self.predict(x)[np.arange(len(t)), t] + self.delta)) / len(t)

    def gradient(self, x, t):
        z, dy = self.hidden(x), self.predict(x)
        dy[np.arange(len(t)), t] -= 1
        dy /= len(t)
        da = (dy @ self.params["W2"].T) * z * (1 - z)
        return {"W1": x.T @ da, "b1": da.sum(axis=0), "W2": z.T @ dy, "b2": dy.sum(axis=0)}


def snippets(readme, language, word):
    text = (ROOT / readme).read_text(encoding="utf8")
    found = [s for s in re.findall(rf"```{language}\n(.*?)```", text, re.S) if word in s]
    assert len(found) == 1, f"{len(found)} snippets in {language} with {word} in {readme}"
    return found[0]


r = np.random.default_rng(1)
X, T = r.random((100, 784)) * (r.random((100, 784)) < 0.2), r.integers(0, 10, 100)
READMES = pytest.mark.parametrize("readme", ["README.md", "README.ja.md"])


@READMES
def test_numpy(readme):
    """The report on the book's net names 1e-7; with precision=1e-5, or without 1e-7, the gradient agrees."""
    code, net = snippets(readme, "python", "net.params"), TwoLayerNet()
    with pytest.raises(AssertionError, match="wrong: W1, b1, W2, b2: .*1e-7 in the logarithm.* check with precision=1e-5\n"):
        exec(code, {"net": net, "x": X, "t": T})
    exec(code.replace("net.gradient(x, t))", "net.gradient(x, t), precision=1e-5)"), {"net": net, "x": X, "t": T})
    net.delta = 0
    exec(code, {"net": net, "x": X, "t": T})


@READMES
def test_pytorch(readme):
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(20, 8), torch.nn.Sigmoid(), torch.nn.Linear(8, 10))
    exec(snippets(readme, "python", "named_parameters"), {"torch": torch, "numgrad": numgrad, "model": model, "x": torch.rand(30, 20), "t": torch.randint(10, (30,))})


def against_case(tmp_path, *flags):
    command = [os.environ["NUMGRAD_GRADCHECK"], "-case", "case.npz", "-against", "grads.npz", *flags]
    return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True).stdout


@READMES
def test_files(readme, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    net = TwoLayerNet()
    code = snippets(readme, "python", "-against grads.npz")
    assert "gradcheck -case case.npz -against grads.npz" in code
    exec(code, {"params": net.params, "grads": net.gradient(X, T), "x": X, "t": T})
    assert "\nagrees: W1, b1, W2, b2\n" in against_case(tmp_path)
    assert "the gradient agrees with -book=false" in against_case(tmp_path, "-book")
    torch = pytest.importorskip("torch")
    fc1, fc2 = torch.nn.Linear(20, 8), torch.nn.Linear(8, 10)
    exec(snippets(readme, "python", "fc1.weight"), {"torch": torch, "np": np, "fc1": fc1, "fc2": fc2, "x": torch.rand(30, 20), "t": torch.randint(10, (30,))})
    assert "\nagrees: W1, b1, W2, b2\n" in against_case(tmp_path)


@READMES
def test_go(readme, tmp_path):
    program = tmp_path / "main.go"
    program.write_text(
        'package main\n\nimport (\n\t"fmt"\n\n\t"numgrad/gradcheck"\n)\n\nfunc main() {\n'
        "\tw1, dw1 := make([]float64, 784*50), make([]float64, 784*50)\n"
        "\tfor i := range w1 {\n\t\tw1[i] = float64(i%7 + 1)\n\t\tif i < 700 {\n\t\t\tdw1[i] = 2 * w1[i]\n\t\t}\n\t}\n"
        "\tloss := func() (sum float64) {\n\t\tfor _, w := range w1[:700] {\n\t\t\tsum += w * w\n\t\t}\n\t\treturn sum\n\t}\n"
        + snippets(readme, "go", "gradcheck.Check")
        + "\tif err != nil {\n\t\tpanic(err)\n\t}\n}\n",
        encoding="utf8",
    )
    got = subprocess.run(["go", "run", program], cwd=ROOT, capture_output=True, text=True)
    assert got.returncode == 0 and "agrees: W1" in got.stdout, got
