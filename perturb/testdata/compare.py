"""Times of others for the same work: backpropagation and a whole training in PyTorch, and the textbook's loop in NumPy.

compare.py gradient THREADS case.npz            seconds of one gradient, float64
compare.py training THREADS train.npz           seconds of three epochs with their accuracies, float32, after loading
compare.py loop 1 case.npz gradient.npz         seconds of the textbook's loop, and its gradient
"""
import sys
import time

import numpy as np

what, threads, data = sys.argv[1], int(sys.argv[2]), dict(np.load(sys.argv[3]))


def timed(f):
    start = time.perf_counter()
    f()
    return time.perf_counter() - start


def loop():
    x, t = data.pop("x"), data.pop("t").astype(int)
    W1, b1, W2, b2 = (data[name] for name in ("W1", "b1", "W2", "b2"))

    def loss():
        z1 = 1 / (1 + np.exp(-(x @ W1 + b1)))
        a2 = z1 @ W2 + b2
        a2 -= a2.max(axis=1, keepdims=True)
        return np.mean(np.log(np.exp(a2).sum(axis=1)) - a2[np.arange(len(t)), t])

    def numerical_gradient(w, h=1e-4):
        gradient = np.zeros_like(w)
        for index in np.ndindex(w.shape):
            saved = w[index]
            w[index] = saved + h
            right = loss()
            w[index] = saved - h
            left = loss()
            w[index] = saved
            gradient[index] = (right - left) / (2 * h)
        return gradient

    gradients = {}
    print(timed(lambda: gradients.update((name, numerical_gradient(w)) for name, w in data.items())))
    np.savez(sys.argv[4], **gradients)


def logits(params, x):
    return torch.sigmoid(x @ params[0] + params[1]) @ params[2] + params[3]


def backward(params, x, t):
    for p in params:
        p.grad = None
    torch.nn.functional.cross_entropy(logits(params, x), t).backward()


def gradient():
    params = [torch.tensor(data[name], requires_grad=True) for name in ("W1", "b1", "W2", "b2")]
    x, t = torch.tensor(data["x"]), torch.tensor(data["t"].astype(int))
    times = sorted(timed(lambda: backward(params, x, t)) for _ in range(400))
    print(times[len(times) // 2])


def training():
    params = [torch.tensor(data[name].astype(np.float32), requires_grad=True) for name in ("W1", "b1", "W2", "b2")]
    sets = [(torch.tensor(data[name].astype(np.float32)) / 255, torch.tensor(data[name + "_labels"].astype(int)))
            for name in ("train", "test")]

    def epoch():
        x, t = sets[0]
        for indices in torch.randperm(len(t)).split(100):
            backward(params, x[indices], t[indices])
            with torch.no_grad():
                for p in params:
                    p -= 0.1 * p.grad
        with torch.no_grad():
            return [(logits(params, x).argmax(1) == t).float().mean().item() for x, t in sets]

    epoch()  # a first one, so that all memory is there
    print(timed(lambda: [epoch() for _ in range(3)]))


if what == "loop":
    loop()
else:
    import torch

    torch.set_num_threads(threads)
    {"gradient": gradient, "training": training}[what]()
