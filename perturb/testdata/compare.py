"""What others take for the gradient of the same net and batch: the textbook's loop in NumPy, and PyTorch's backpropagation.

python3 compare.py case.npz numgrad.npz prints seconds: numpy, torch.
"""
import sys
import time

import numpy as np

case = dict(np.load(sys.argv[1]))
x, t = case.pop("x"), case.pop("t").astype(int)
W1, b1, W2, b2 = (case[name] for name in ("W1", "b1", "W2", "b2"))


def loss():
    z1 = 1 / (1 + np.exp(-(x @ W1 + b1)))
    a2 = z1 @ W2 + b2
    a2 -= a2.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(a2).sum(axis=1)) - a2[np.arange(len(t)), t])


def numerical_gradient(w, h=1e-4):
    """Displaces one weight after the other in place, and looks at the loss again."""
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


start = time.perf_counter()
gradients = {name: numerical_gradient(w) for name, w in case.items()}
print("numpy", time.perf_counter() - start)
np.savez(sys.argv[2], **gradients)

try:
    import torch
except ImportError:
    sys.exit()
params = [torch.tensor(w, requires_grad=True) for w in (W1, b1, W2, b2)]
inputs, labels = torch.tensor(x), torch.tensor(t)


def backward():
    for p in params:
        p.grad = None
    z1 = torch.sigmoid(inputs @ params[0] + params[1])
    torch.nn.functional.cross_entropy(z1 @ params[2] + params[3], labels).backward()


times = []
for _ in range(500):
    start = time.perf_counter()
    backward()
    times.append(time.perf_counter() - start)
print("torch", sorted(times)[len(times) // 2])
