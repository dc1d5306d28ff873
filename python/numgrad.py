"""Checks a gradient with nothing but values of the loss.

    numgrad.check(loss, params, grads)

raises AssertionError, with a report of what is wrong, unless the gradient
agrees with finite differences of the loss. There is no tolerance to choose:
each difference comes with an error bar.

It needs NumPy, and the program gradcheck on PATH or named by the environment
variable NUMGRAD_GRADCHECK. PyTorch tensors are taken as they are.
"""

import base64
import contextlib
import json
import os
import shutil
import subprocess
import sys

import numpy as np

__all__ = ["check", "serve"]
__version__ = "0.2.0"


def check(loss, params, grads=None, all=False, precision=None):
    """Return the report if grads is the gradient of loss, else raise AssertionError with it.

    loss    a function of no arguments that reads params and returns a number;
            the same one each time, so without dropout
    params  a dict of NumPy arrays or PyTorch tensors, of float64 or float32,
            or pairs of a name and one, as model.named_parameters() gives them
    grads   a dict of the gradients by the same names; without it, the .grad
            of each tensor that requires one
    all     check each element, and not some 2,000 and random directions
    precision
            "float32" if the gradient was computed in that and is stored as
            float64; without it, the gradient's type says

    The elements of params are displaced in place. They have their old bits
    when check returns, and whatever it raises.
    """
    __tracebackhide__ = True  # pytest then shows the caller's line
    parameters = _parameters(loss, params, grads, precision)
    command = [_gradcheck(), "-loss", "-", "-timeout", "0"] + ["-all"] * bool(all)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            outcome = _answer(loss, parameters, process.stdout, process.stdin.raw)
        except BaseException:
            process.kill()
            raise
    if outcome is None:
        raise RuntimeError(f"{command[0]} ended with status {process.returncode} before its report")
    if outcome.get("error"):
        raise RuntimeError(outcome["error"])
    if not outcome["agrees"]:
        raise AssertionError(outcome["report"])
    return outcome["report"]


def serve(loss, params, grads=None, precision=None):
    """Answer the program gradcheck that has started this one with -loss, and return whether the gradient agrees.

    The arguments are those of check. What is printed from then on goes to
    standard error, because standard output is the pipe.
    """
    parameters = _parameters(loss, params, grads, precision)
    sys.stdout.flush()
    replies = os.dup(1)
    os.dup2(2, 1)
    with open(replies, "wb", buffering=0) as replies, open(os.dup(0), "rb") as requests:
        try:
            outcome = _answer(loss, parameters, requests, replies)
        except BaseException as e:
            with contextlib.suppress(BrokenPipeError):
                _say(replies, {"error": f"{type(e).__name__}: {e}"})
            raise
    return outcome is not None and outcome["agrees"]


def _gradcheck():
    path = os.environ.get("NUMGRAD_GRADCHECK") or shutil.which("gradcheck")
    if path is None:
        raise FileNotFoundError(
            "gradcheck is not on PATH: build it with go build ./cmd/gradcheck, and put it there or name it in NUMGRAD_GRADCHECK"
        )
    return path


class _Parameter:
    """One array that the loss reads, its gradient, and its first values."""

    def __init__(self, name, values, gradient, precision):
        self.name = name
        self.values = _array(name, values)
        if isinstance(gradient, (float, np.floating)):  # as 2 * w is where w has no axes
            gradient = np.asarray(gradient)
        self.gradient = _array(f"the gradient of {name}", gradient)
        self.precision = precision or self.gradient.dtype.name
        # A tensor that is not in the CPU's memory is written to as a whole.
        self.elsewhere = values.detach() if hasattr(values, "detach") and values.device.type != "cpu" else None
        if not self.values.flags.writeable:
            raise ValueError(f"{name} cannot be written to")
        if self.values.shape != self.gradient.shape:
            hint = ": is it transposed?" if self.values.T.shape == self.gradient.shape else ""
            raise ValueError(f"{name} has shape {self.values.shape}, its gradient {self.gradient.shape}{hint}")
        infinite = np.argwhere(~np.isfinite(self.values))
        if len(infinite):
            at = tuple(infinite[0])
            raise ValueError(f"{name}[{','.join(map(str, at))}] is {self.values[at]}, want finite numbers")
        self.first = self.values.copy()

    def describe(self):
        return {
            "name": self.name,
            "shape": self.values.shape,
            "values": self.values.ravel().tolist(),
            "gradient": self.gradient.ravel().tolist(),
            "dtype": self.precision,
        }

    def set(self, start, values):
        self.values.flat[start : start + len(values)] = values
        self.written()

    def restore(self):
        self.values[...] = self.first
        self.written()

    def written(self):
        if self.elsewhere is not None:
            self.elsewhere.copy_(self.elsewhere.new_tensor(self.values))


def _array(what, a):
    """Return a NumPy array on the memory of a, or a copy if that is on another device."""
    kind = f"a {type(a).__name__}"
    if hasattr(a, "detach"):
        try:
            a = a.detach().cpu().numpy()
        except TypeError:  # NumPy has no bfloat16, and no sparse arrays
            kind = f"a tensor of {a.dtype}, {a.layout}"
    if isinstance(a, np.ndarray):
        if a.dtype in (np.float64, np.float32):
            return np.asarray(a)  # a matrix would have two axes always
        kind = f"an array of {a.dtype}"
    raise TypeError(f"{what} is {kind}, want a NumPy array or a dense PyTorch tensor of float64 or float32")


def _parameters(loss, params, grads, precision):
    """Return the parameters with their gradients, if check and serve can do with what they were given."""
    if not callable(loss):
        raise TypeError(f"loss is a {type(loss).__name__}, want a function of no arguments")
    if precision not in (None, "float64", "float32"):
        raise ValueError(f"precision is {precision!r}, want 'float64' or 'float32'")
    params = _named(params)
    if grads is None:
        params = {name: p for name, p in params.items() if getattr(p, "requires_grad", True)}
        grads = {name: getattr(p, "grad", None) for name, p in params.items()}
    elif not hasattr(grads, "items"):
        raise TypeError(f"grads is a {type(grads).__name__}, want a dict by the names of params")
    grads = {name: g for name, g in grads.items() if g is not None}
    missing = [name for name in params if name not in grads]
    if missing:
        raise ValueError(f"there is no gradient of {', '.join(missing)}: compute it first, or leave the parameter out")
    others = [str(name) for name in grads if name not in params]
    if others:
        raise ValueError(f"there is a gradient of {', '.join(others)}, but params has no such name")
    parameters = [_Parameter(name, p, grads[name], precision) for name, p in params.items()]
    if not any(p.values.size for p in parameters):
        raise ValueError("params has no elements to check")
    return parameters


def _named(params):
    """Return a dict of params, which is one or has pairs."""
    if not hasattr(params, "__iter__"):
        raise TypeError(f"params is a {type(params).__name__}, want a dict, or model.named_parameters()")
    named = {}
    for pair in params.items() if hasattr(params, "items") else params:
        if not isinstance(pair, tuple) or len(pair) != 2:
            kind = type(pair).__name__
            raise TypeError(f"params has a {kind}, want pairs of a name and an array, as of model.named_parameters()")
        name, array = pair
        if not isinstance(name, str) or name.splitlines() != [name] or name in named:
            raise ValueError(f"a parameter is named {name!r}, want a text of one line that no other has")
        named[name] = array
    return named


def _answer(loss, parameters, requests, replies):
    """Answer requests until the outcome, and return that, or None if there is none."""

    try:
        _say(replies, {"params": [p.describe() for p in parameters], "base64": True})
        for line in requests:
            request = json.loads(line)
            if "set" in request:
                for p, start, *values in request["set"]:
                    if isinstance(values[0], str):
                        values = np.frombuffer(base64.b64decode(values[0]), "<f8")
                    parameters[p].set(start, values)
            elif "loss" in request:
                _say(replies, {"loss": _number(loss())})
            else:
                return request
        return None
    except BrokenPipeError:
        return None
    finally:
        for p in parameters:
            p.restore()


def _say(replies, message):
    text = json.dumps(message).encode() + b"\n"
    while text:  # a pipe may take a part of it
        text = text[replies.write(text) :]


def _number(value):
    kind = type(value).__name__
    if hasattr(value, "shape") and not isinstance(value, np.generic):
        kind += f" of {value.dtype} and shape {tuple(value.shape)}"
    wrong = TypeError(f"loss() returned a {kind}, want a real number")
    if "complex" in kind:  # float would take the real part, with a warning
        raise wrong
    try:
        return float(value)
    except (TypeError, ValueError, RuntimeError) as e:
        raise wrong from e
