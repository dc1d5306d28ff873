"""Mistakes as pupils write them: check.py names each one. Run it with python3 -m unittest, in this folder."""
import contextlib, io, re, sys, types, unittest

import check

SOLUTIONS = {e["file"]: (check.HERE / "solutions" / (e["file"] + ".py")).read_text(encoding="utf-8") for e in check.WORDS["exercises"]}

# The key of a mistake: the exercise, a line of its solution, and what the pupil has written in its place.
PLANTED = [
    ("overflow", "losses", "a = a - np.max(a, axis=-1, keepdims=True)  # exp(a) would overflow", "pass"),
    ("whole batch", "losses", "np.sum(np.exp(a), axis=-1, keepdims=True)", "np.sum(np.exp(a))"),
    ("columns", "losses", "np.sum(np.exp(a), axis=-1, keepdims=True)", "np.sum(np.exp(a), axis=0)"),
    ("half forgotten", "losses", "0.5 * np.sum", "np.sum"),
    ("mean of squares", "losses", "0.5 * np.sum((y - t) ** 2)", "((y - t) ** 2).mean()"),
    ("sum for mean", "losses", "+ 1e-7)) / n", "+ 1e-7))"),
    ("mean of all", "losses", "-np.sum(np.log(y[np.arange(n), t.reshape(n)] + 1e-7)) / n", "-np.sum(np.log(y[np.arange(n), t.reshape(n)] + 1e-7)) / y.size"),
    ("minus forgotten", "losses", "return -np.sum(np.log", "return np.sum(np.log"),
    ("log of zero", "losses", " + 1e-7", ""),
    ("labels as one-hot", "losses", "-np.sum(np.log(y[np.arange(n), t.reshape(n)] + 1e-7)) / n", "-np.sum(T * np.log(y + 1e-7)) / n"),
    ("answer for label", "losses", "y[np.arange(n), t.reshape(n)]", "y.max(axis=1)"),
    ("one sample", "losses", "y, t = y.reshape(1, y.size), np.reshape(t, (1, np.size(t)))", "return -np.sum(t * np.log(y + 1e-7)) / y.shape[0]"),
    ("forward", "numerical_diff", "(f(x + h) - f(x - h)) / (2 * h)", "(f(x + h) - f(x)) / h"),
    ("h too small", "numerical_diff", "h = 1e-4", "h = 10e-50"),
    ("h too large", "numerical_diff", "h = 1e-4", "h = 0.1"),
    ("2h forgotten", "numerical_diff", "(2 * h)", "h"),
    ("parentheses", "numerical_diff", "(2 * h)", "2 * h"),
    ("parentheses", "numerical_gradient", "(2 * h)", "2 * h"),
    ("forward", "partial_derivatives", "fxh2 = f(x)\n    x[i] = tmp\n    return (fxh1 - fxh2) / (2 * h)", "x[i] = tmp\n    return (fxh1 - f(x)) / h"),
    ("h too small", "partial_derivatives", "h, tmp = 1e-4, x[i]", "h, tmp = 1e-20, x[i]"),
    ("2h forgotten", "partial_derivatives", "(2 * h)", "h"),
    ("not put back", "partial_derivatives", "x[i] = tmp\n", "\n"),
    ("other variable", "partial_derivatives", "h, tmp = 1e-4, x[i]", "i = i - 1\n    h, tmp = 1e-4, x[i]"),
    ("all variables", "partial_derivatives", "h, tmp = 1e-4, x[i]", "return (f(x + 1e-4) - f(x - 1e-4)) / 2e-4\n    h = tmp = 0"),
    ("fixed value", "partial_derivatives", "function_tmp1(x0):\n    return x0 * x0 + 4.0**2.0", "function_tmp1(x0):\n    return x0 * x0 + 3.0**2.0"),
    ("forward", "numerical_gradient", "x[idx] = tmp - h\n        fxh2 = f(x)\n        grad[idx] = (fxh1 - fxh2) / (2 * h)", "x[idx] = tmp\n        grad[idx] = (fxh1 - f(x)) / h"),
    ("h too small", "numerical_gradient", "h, grad = 1e-4,", "h, grad = 1e-50,"),
    ("2h forgotten", "numerical_gradient", "(2 * h)", "h"),
    ("not put back", "numerical_gradient", "        x[idx] = tmp\n", ""),
    ("copy", "numerical_gradient", "h, grad = 1e-4, np.zeros_like(x)", "x = x.copy()\n    h, grad = 1e-4, np.zeros_like(x)"),
    ("integers", "numerical_gradient", 'if x.dtype.kind != "f":', "if False:"),
    ("rows", "numerical_gradient", "for idx in np.ndindex(*x.shape):\n        tmp = x[idx]", "for idx in range(x.shape[0]):\n        tmp = np.copy(x[idx])"),
    ("one dimension", "numerical_gradient", "for idx in np.ndindex(*x.shape):", "for idx in range(x.size):"),
    ("transposed", "numerical_gradient", "return grad", "return grad.T"),
    ("ascent", "gradient_descent", "x -=", "x +="),
    ("gradient once", "gradient_descent", "for i in range(step_num):\n        x -= lr * numerical_gradient(f, x)", "g = numerical_gradient(f, x)\n    for i in range(step_num):\n        x -= lr * g"),
    ("rate forgotten", "gradient_descent", "lr * numerical", "numerical"),
    ("one step less", "gradient_descent", "range(step_num)", "range(1, step_num)"),
    ("one step more", "gradient_descent", "range(step_num)", "range(step_num + 1)"),
    ("softmax forgotten", "simple_net", "softmax(self.predict(x))", "self.predict(x)"),
    ("softmax twice", "simple_net", "softmax(self.predict(x))", "softmax(softmax(self.predict(x)))"),
    ("new weights", "simple_net", "return np.dot(x, self.W)", "self.W = np.random.randn(2, 3)\n        return np.dot(x, self.W)"),
    ("sigmoid forgotten", "two_layer_net", "z1 = 1 / (1 + np.exp(-a1))", "z1 = a1"),
    ("sigmoid at the output", "two_layer_net", "return softmax(a2)", "return softmax(1 / (1 + np.exp(-a2)))"),
    ("softmax forgotten", "two_layer_net", "return softmax(a2)", "return a2"),
    ("softmax twice", "two_layer_net", "return softmax(a2)", "return softmax(softmax(a2))"),
    ("b1 forgotten", "two_layer_net", ' + self.params["b1"]', ""),
    ("b2 forgotten", "two_layer_net", ' + self.params["b2"]', ""),
    ("ascent", "train_step", "-=", "+="),
    ("only weights", "train_step", '("W1", "b1", "W2", "b2")', '("W1", "W2")'),
    ("rate forgotten", "train_step", "learning_rate * grad", "grad"),
    ("one after the other", "train_step", "learning_rate * grad[key]", "learning_rate * network.numerical_gradient(x_batch, t_batch)[key]"),
    ("copies updated", "train_step", "network.params[key] -=", "W = network.params[key] -"),
    ("overwritten", "train_step", "-= learning_rate * grad[key]", "= -learning_rate * grad[key]"),
]


def module(source):
    m = types.ModuleType("answer")
    exec(compile(source, "answer", "exec"), m.__dict__)
    return m


class TestCheck(unittest.TestCase):
    def test_solutions(self):
        for name, source in SOLUTIONS.items():
            verdict, keys, _ = check.check(name, module(source))
            self.assertIn(verdict, ("right", "same bits"), name)

    def test_holes(self):
        for name in SOLUTIONS:
            source = re.sub(r"(?s)(def (?!__init__).*?:\n(?: +\"\"\".*?\"\"\"\n)?)( +)(?!\"\"\").*?(?=\n\n|\Z)", r"\1\2raise NotImplementedError\n", SOLUTIONS[name])
            self.assertEqual(check.check(name, module(source))[0], "not yet", name + source)

    def test_planted(self):
        named = set()
        for key, name, line, mistake in PLANTED:
            with self.subTest(mistake=key, exercise=name):
                source = SOLUTIONS[name]
                self.assertIn(line, source)
                source = source.replace(line, mistake)
                if "T *" in mistake:
                    source = source.replace("def cross_entropy_error(y, t):", "def cross_entropy_error(y, t):\n    T = t")
                verdict, keys, difference = check.check(name, module(source))
                self.assertEqual((verdict, keys), ("wrong", [key]), difference)
                named.add(key)
        self.assertEqual(named, set(check.WORDS["mistakes"]) - {"history shared"})  # a mistake of Go

    def test_two_functions(self):
        source = SOLUTIONS["losses"].replace("0.5 * np.sum", "np.sum").replace("np.sum(np.exp(a), axis=-1, keepdims=True)", "3")
        verdict, keys, difference = check.check("losses", module(source))
        self.assertEqual((verdict, keys, difference[0]), ("wrong", ["half forgotten"], "softmax([0.3, 2.9, 4.0])"))

    def test_two_mistakes(self):
        source = SOLUTIONS["numerical_gradient"].replace('if x.dtype.kind != "f":', "if False:").replace("for idx in np.ndindex(*x.shape):", "for idx in range(x.size):")
        verdict, keys, difference = check.check("numerical_gradient", module(source))
        self.assertEqual((verdict, set(keys), difference), ("wrong", {"integers", "one dimension"}, None))

        source = SOLUTIONS["losses"].replace("a = a - np.max(a, axis=-1, keepdims=True)", "pass").replace(", axis=-1, keepdims=True", "")
        verdict, keys, difference = check.check("losses", module(source))
        self.assertEqual((verdict, set(keys), difference), ("wrong", {"whole batch", "overflow"}, None))

    def test_readme(self):
        for name in "README.md", "README.ja.md":
            blocks = re.findall(r"(?s)```python\n(.*?)```.*?```\n(.*?)```", (check.HERE / name).read_text(encoding="utf-8"))
            self.assertEqual(len(blocks), 3)
            for code, want in blocks:
                out = io.StringIO()
                with contextlib.redirect_stdout(out):
                    exec(code, {})
                self.assertEqual(out.getvalue(), want)

    def test_command(self):
        out = io.StringIO()
        sys.argv = ["check.py", "4.3.1", "--ja"]
        with contextlib.redirect_stdout(out), self.assertRaises(SystemExit):
            check.main()
        self.assertIn("数値微分", out.getvalue())
        self.assertEqual(len(out.getvalue().splitlines()), 1)


if __name__ == "__main__":
    unittest.main()
