"""Writes cases and their gradients as NumPy users do: python3 write.py DIR.

Each kind is three files: DIR/kind.case.npz, DIR/kind.grads.npz with the right
gradient, and DIR/kind.wrong.npz with b1 off by 1e-3.
"""
import sys

import numpy as np


def backprop(W1, b1, W2, b2, x, t, relu=False):
    a1 = x @ W1 + b1
    z = np.maximum(a1, 0) if relu else 1 / (1 + np.exp(-a1))
    a2 = z @ W2 + b2
    y = np.exp(a2 - a2.max(axis=1, keepdims=True))
    y /= y.sum(axis=1, keepdims=True)
    d2 = y.copy()
    d2[np.arange(len(t)), t] -= 1
    d2 /= np.asarray(len(t), dtype=x.dtype)
    d1 = d2 @ W2.T * ((a1 > 0) if relu else z * (1 - z))
    return {"W1": x.T @ d1, "b1": d1.sum(axis=0), "W2": z.T @ d2, "b2": d2.sum(axis=0)}


rng = np.random.default_rng(1)
D, H, K, N = 30, 8, 10, 40
weights = {"W1": rng.normal(size=(D, H)), "b1": rng.normal(size=H), "W2": rng.normal(size=(H, K)), "b2": rng.normal(size=K)}
x = rng.normal(size=(N, D)) * rng.integers(0, 2, size=(N, D))
t = rng.integers(0, K, size=N)


def write(kind, t_as, save=np.savez, change=lambda a: a, relu=False):
    params = {name: change(a) for name, a in weights.items()}
    grads = backprop(**params, x=change(x), t=t, relu=relu)
    save(f"{sys.argv[1]}/{kind}.case.npz", **params, x=change(x), t=t_as)
    grads = {name: change(a) for name, a in grads.items()}
    save(f"{sys.argv[1]}/{kind}.grads.npz", **grads)
    save(f"{sys.argv[1]}/{kind}.wrong.npz", **grads | {"b1": change(grads["b1"] * 1.001)})


write("savez", t)
write("savez_compressed", t, save=np.savez_compressed)
write("float32", t, change=np.float32)
write("float32_fortran", t, change=lambda a: np.asfortranarray(a, dtype=np.float32))
write("fortran", np.asfortranarray(np.eye(K)[t]), change=np.asfortranarray)
write("big_endian", t.astype(">i2"), change=lambda a: a.astype(">f8"))
write("relu", t, relu=True)
for dtype in "int8 int16 int32 int64 uint8 uint16 uint32 uint64".split():
    write(dtype, t.astype(dtype))
for dtype in "float64 float32 int64 uint8 bool".split():
    write("one_hot_" + dtype, np.eye(K, dtype=dtype)[t])
