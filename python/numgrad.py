"""Checks a gradient with nothing but values of the loss.

    numgrad.check(loss, params, grads)

raises AssertionError, with a report of the wrong elements, unless the gradient
agrees with finite differences of the loss. There is no tolerance to choose:
each difference has an error bar.

It needs NumPy and the program gradcheck, which the wheel brings along. Without
the wheel, gradcheck must be on PATH or named by the environment variable
NUMGRAD_GRADCHECK.
"""

import base64
import contextlib
import inspect
import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import threading

import numpy as np

__all__ = ["check", "serve"]
__version__ = "0.2.0"


def check(loss, params, grads=None, all=False, precision=None, losses=None, timeout=60):
    """Return the report if grads is the gradient of loss, else raise AssertionError with the report.

    loss    a function that returns a number, the same for the same parameters,
            so without dropout. If it requires an argument, it gets params, with
            displaced values. If it requires none, it reads the arrays of params.
    params  NumPy arrays or PyTorch tensors of float64 or float32: one, a dict, a
            list, or these nested; or model.parameters() or
            model.named_parameters(). JAX arrays and floats, if the loss takes
            params as its argument.
    grads   the gradients in the structure of params, or a list in the same
            order. Without grads, the .grad of each tensor that requires one.
    losses  how many losses to ask for if the gradient agrees, about (1,500)
    all     check each element, with as many losses as that takes
    precision
            the relative error that a usual element of grads may have:
            "float64", "float32" or a number such as 1e-3. Without precision, it
            follows from the type of each array.
    timeout seconds for one loss, after which check raises TimeoutError; None is
            no limit, for a debugger (on Unix, in the main thread)

    check displaces the arrays of params in place. They have their old bits
    afterwards, also after an exception. An exception of the loss where params
    are displaced counts as a loss that is not finite.
    """
    __tracebackhide__ = True  # pytest then shows the caller's line
    if losses is not None and (isinstance(losses, bool) or not isinstance(losses, (int, np.integer)) or losses < 1):
        raise ValueError(f"losses is {losses!r}, want a positive whole number")
    if all and losses is not None:
        raise ValueError("all and losses are both given: leave one out")
    model = _Model(loss, params, grads, precision, timeout)
    command = [_gradcheck(), "-loss", "-", "-timeout", "0", "-caller", "python"]
    command += ["-all"] if all else [] if losses is None else ["-losses", str(losses)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            outcome = model.answer(process.stdout, process.stdin.raw)
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


def serve(loss, params, grads=None, precision=None, timeout=60):
    """Answer the program gradcheck that started this one with -loss, and return whether the gradient agrees.

    The arguments are the same as for check. Standard output is the pipe:
    everything printed from then on goes to standard error.
    """
    model = _Model(loss, params, grads, precision, timeout)
    sys.stdout.flush()
    replies = os.dup(1)
    os.dup2(2, 1)
    with open(replies, "wb", buffering=0) as replies, open(os.dup(0), "rb") as requests:
        try:
            outcome = model.answer(requests, replies)
        except BaseException as e:
            with contextlib.suppress(BrokenPipeError):
                _say(replies, {"error": f"{type(e).__name__}: {e}"})
            raise
    return outcome is not None and outcome["agrees"]


def _gradcheck():
    path = os.environ.get("NUMGRAD_GRADCHECK")
    if not path:
        scripts = [sysconfig.get_path("scripts"), sysconfig.get_path("scripts", f"{os.name}_user")]
        beside = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bin")  # pip install --target
        places = [*scripts, beside, os.environ.get("PATH", os.defpath)]
        path = shutil.which("gradcheck", path=os.pathsep.join(places))
    if path is None:
        raise FileNotFoundError(
            "gradcheck is not on PATH: install the wheel that make wheel writes, "
            "or run go build ./cmd/gradcheck and name the program in NUMGRAD_GRADCHECK"
        )
    return path


class _Model:
    """The loss and the parameters, which answer requests of gradcheck."""

    def __init__(self, loss, params, grads, precision, timeout):
        number = lambda v: isinstance(v, (int, float, np.number)) and not isinstance(v, bool)
        if timeout is not None and not (number(timeout) and timeout > 0):
            raise ValueError(f"timeout is {timeout!r}, want seconds, or None for no limit")
        if precision not in (None, "float64", "float32") and not (number(precision) and 0 < precision < 1):
            raise ValueError(f"precision is {precision!r}, want 'float64', 'float32' or a relative error such as 1e-3")
        takes_params = _takes_params(loss)
        params = _listed(params)
        self.parameters = _parameters(params, grads, precision, takes_params)
        made = {p.path: p for p in self.parameters if p.make}
        if made:
            leaf = lambda path, a: made[path].make(made[path].values) if path in made else a
            self.loss = lambda: loss(_map(leaf, params))
        else:
            self.loss = (lambda: loss(params)) if takes_params else loss
        self.alarm = _Alarm(timeout)
        self.raised = None  # an exception of the loss at displaced parameters
        self.answered = False  # the loss had a value at displaced parameters

    def answer(self, requests, replies):
        """Answer requests until the outcome, and return it, or None if gradcheck ends without one."""
        outcome = None
        try:
            _say(replies, {"params": [p.describe() for p in self.parameters], "binary": True})
            with self.alarm:
                outcome = self.answer_losses(requests, replies)
        except BrokenPipeError:
            pass
        finally:
            for p in self.parameters:
                p.restore()
        if outcome is not None and self.raised and not self.answered:
            e = self.raised
            raise RuntimeError(f"loss() raises {type(e).__name__} wherever a parameter is displaced: {e}") from e
        return outcome

    def answer_losses(self, requests, replies):
        asked = False
        for line in requests:
            request = json.loads(line)
            if "set" in request:
                for p, start, *values in request["set"]:
                    if isinstance(values[0], dict):  # the bytes follow the line
                        values = np.frombuffer(requests.read(8 * values[0]["float64"]), "<f8")
                    self.parameters[p].set(start, values)
            elif "loss" in request:
                value = self.value()
                if not asked and self.displaced():
                    raise ValueError(f"loss() changes {self.displaced()}, which it is to read")
                asked = True
                _say(replies, {"loss": value})
            else:
                return request

    def value(self):
        """Return the loss, or NaN if it raises an exception at displaced parameters."""
        try:
            value = _number(self.alarm.call(self.loss))
        except TimeoutError:
            raise
        except Exception as e:
            if not self.displaced():
                raise
            self.raised = self.raised or e
            return np.nan
        self.answered = self.answered or self.displaced() is not None
        return value

    def displaced(self):
        """Return the name of a parameter that has other than its first values, or None."""
        return next((p.name for p in self.parameters if p.values.tobytes() != p.first.tobytes()), None)


class _Alarm:
    """A time limit for calls, with SIGALRM: on Unix, and in the main thread."""

    def __init__(self, seconds):
        works = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
        self.seconds = seconds if works else None

    def expire(self, *_):
        raise TimeoutError(f"loss() took longer than {self.seconds} s: give check a longer timeout, or None")

    def __enter__(self):
        if self.seconds:
            self.handler = signal.signal(signal.SIGALRM, self.expire)
            self.timer = signal.setitimer(signal.ITIMER_REAL, 0)

    def __exit__(self, *_):
        if self.seconds:
            signal.signal(signal.SIGALRM, self.handler)
            signal.setitimer(signal.ITIMER_REAL, *self.timer)

    def call(self, function):
        if not self.seconds:
            return function()
        signal.setitimer(signal.ITIMER_REAL, self.seconds)
        try:
            return function()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)


class _Parameter:
    """One array, its gradient, and its first values."""

    def __init__(self, path, values, gradient, precision, takes_params):
        self.path, self.name = path, _name("params", path)
        self.make = _maker(values) if takes_params else None  # of the argument of the loss
        self.values = np.array(values) if self.make else _array(self.name, values)
        self.gradient = _array(f"the gradient of {self.name}", gradient, is_copy=True)
        single = np.float32 in (self.values.dtype, self.gradient.dtype)
        self.precision = precision or ("float32" if single else "float64")
        # A tensor in the memory of a GPU is written as a whole.
        self.elsewhere = values.detach() if hasattr(values, "detach") and values.device.type != "cpu" else None
        if not self.values.flags.writeable:
            raise ValueError(f"{self.name} cannot be written to: give a copy that the loss reads, or let the loss take params")
        if self.values.shape != self.gradient.shape:
            hint = ": is it transposed?" if self.values.T.shape == self.gradient.shape else ""
            raise ValueError(f"{self.name} has shape {self.values.shape}, its gradient {self.gradient.shape}{hint}")
        for at in np.argwhere(~np.isfinite(self.values))[:1]:
            raise ValueError(f"{self.name}[{','.join(map(str, at))}] is {self.values[tuple(at)]}, want finite numbers")
        self.first = self.values.copy()

    def describe(self):
        packed = lambda a: base64.b64encode(a.astype("<f8").tobytes()).decode()
        kind = "dtype" if isinstance(self.precision, str) else "precision"
        values, gradient = packed(self.values), packed(self.gradient)
        return {"name": self.name, "shape": self.values.shape, "values": values, "gradient": gradient, kind: self.precision}

    def set(self, start, values):
        self.values.flat[start : start + len(values)] = values
        self.written()

    def restore(self):
        self.values[...] = self.first
        self.written()

    def written(self):
        if self.elsewhere is not None:
            self.elsewhere.copy_(self.elsewhere.new_tensor(self.values))


def _takes_params(loss):
    """Return whether loss requires an argument."""
    if not callable(loss):
        raise TypeError(f"loss is a {type(loss).__name__}, want a function that returns the loss, such as lambda: net.loss(x, t)")
    try:
        arguments = inspect.signature(loss).parameters.values()
    except (TypeError, ValueError):  # a function in C
        return False
    required = [a for a in arguments if a.default is a.empty and a.kind not in (a.VAR_POSITIONAL, a.VAR_KEYWORD)]
    if len(required) > 1 or any(a.kind is a.KEYWORD_ONLY for a in required):
        names = ", ".join(a.name for a in required)
        raise TypeError(f"loss requires the arguments {names}, want none, as lambda: loss({names}) has, or params")
    return len(required) == 1


def _maker(leaf):
    """Return a function that makes a value like leaf of an array, if leaf cannot be displaced in place."""
    if isinstance(leaf, (float, np.floating)):
        return type(leaf)
    if type(leaf).__module__.startswith("jax"):
        return lambda a: sys.modules["jax"].numpy.array(a)
    if isinstance(leaf, np.ndarray) and not leaf.flags.writeable:
        return np.copy
    return None


def _listed(tree):
    """Return tree with a list in place of an iterator, such as model.parameters(), or of a PyTorch model."""
    if hasattr(tree, "named_parameters"):
        tree = tree.named_parameters()
    return list(tree) if hasattr(tree, "__next__") else tree


def _is_pairs(tree):
    """Return whether tree is a list of names and arrays, as of model.named_parameters()."""
    return isinstance(tree, list) and len(tree) > 0 and all(isinstance(p, tuple) and len(p) == 2 and isinstance(p[0], str) for p in tree)


def _map(f, tree, path=""):
    """Return tree with f(path, leaf) for each leaf. A path is such as .layers[0].w."""
    if tree is None or hasattr(tree, "dtype") or isinstance(tree, str) or not hasattr(tree, "__iter__"):
        return f(path, tree)
    if hasattr(tree, "items"):
        return {key: _map(f, child, f"{path}.{key}") for key, child in tree.items()}
    if _is_pairs(tree):
        return [(key, _map(f, child, f"{path}.{key}")) for key, child in tree]
    children = [_map(f, child, f"{path}[{i}]") for i, child in enumerate(tree)]
    return type(tree)(*children) if hasattr(tree, "_fields") else tuple(children) if isinstance(tree, tuple) else children


def _leaves(tree):
    """Return pairs of a path and an array."""
    leaves = []
    _map(lambda path, leaf: leaves.append((path, leaf)), tree)
    return leaves


def _name(what, path):
    return path[1:] if path.startswith(".") else what + path


def _array(name, a, is_copy=False):
    """Return a NumPy array on the memory of a, or a copy if that is on a GPU or is_copy allows one."""
    kind = f"a {type(a).__name__}"
    if is_copy and (isinstance(a, (float, np.floating)) or type(a).__module__.startswith("jax")):
        a = np.asarray(a)
    elif is_copy and isinstance(a, np.ma.MaskedArray):
        a = a.filled(0)
    elif hasattr(a, "detach"):
        try:
            a = a.detach()
            a = (a.resolve_neg() if is_copy and hasattr(a, "resolve_neg") else a).cpu().numpy()
        except (TypeError, RuntimeError) as e:
            kind = f"a tensor of {a.dtype}, {a.layout}: {str(e).splitlines()[0].rstrip('.')}"
    if isinstance(a, np.ndarray):
        if a.dtype in (np.float64, np.float32):
            return np.asarray(a)  # a matrix would always have two axes, and a masked array a mask
        kind = f"an array of {a.dtype}"
    takes = ", or a loss that takes params as its argument" if isinstance(a, float) or "jax" in type(a).__module__ else ""
    raise TypeError(f"{name} is {kind}; want a NumPy array or a dense PyTorch tensor of float64 or float32{takes}")


def _parameters(params, grads, precision, takes_params):
    """Return the parameters with their gradients."""
    params = _leaves(params)
    if grads is None:
        params = [(path, p) for path, p in params if getattr(p, "requires_grad", True)]
        grads = [(path, getattr(p, "grad", None)) for path, p in params]
    else:
        grads = _listed(grads)
        in_order = isinstance(grads, (list, tuple)) and not _is_pairs(grads)
        grads = _leaves(grads)
        if in_order and len(grads) == len(params):
            grads = [(path, g) for (path, _), (_, g) in zip(params, grads)]
    paths, by_path = [path for path, _ in params], {path: g for path, g in grads if g is not None}
    names = lambda paths: ", ".join(_name("params", path) for path in paths)
    if twice := {path for path in paths if paths.count(path) > 1}:
        raise ValueError(f"two parameters are named {names(twice)}")
    if missing := [path for path in paths if path not in by_path]:
        raise ValueError(f"there is no gradient of {names(missing)}: compute it first, or leave the parameter out")
    if others := [path for path in by_path if path not in paths]:
        raise ValueError(f"there is a gradient of {names(others)}, but params has no such name")
    parameters = [_Parameter(path, p, by_path[path], precision, takes_params) for path, p in params]
    if not any(p.values.size for p in parameters):
        raise ValueError("params has no elements to check")
    _refuse_shared_memory(parameters)
    return parameters


def _refuse_shared_memory(parameters):
    """Raise ValueError if two elements have the same memory: to displace one would displace the other."""
    addresses = []
    for p in parameters:
        at = np.array(p.values.__array_interface__["data"][0])
        for n, stride in zip(p.values.shape, p.values.strides):
            at = np.add.outer(at, np.arange(n) * stride)
        addresses.append(at.ravel())
    owner = np.repeat(np.arange(len(parameters)), [a.size for a in addresses])
    size = np.array([p.values.itemsize for p in parameters])[owner]
    addresses = np.concatenate(addresses)
    order = np.argsort(addresses, kind="stable")
    for i in np.flatnonzero(np.diff(addresses[order]) < size[order[:-1]])[:1]:
        a, b = sorted(owner[order[i : i + 2]])
        if a == b:
            raise ValueError(f"elements of {parameters[a].name} share memory, as of an expanded view: give the array before it was expanded")
        both = f"{parameters[a].name} and {parameters[b].name}"
        raise ValueError(f"{both} share memory: leave one out, and give the other the sum of both gradients")


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
