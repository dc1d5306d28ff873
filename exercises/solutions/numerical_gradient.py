"""4.4 All partial derivatives of f at x, in an array of the shape of x, with h = 1e-4.

x may have one or two dimensions (a weight matrix W). f may ignore its argument and
read x itself, like the book's lambda W: net.loss(x, t). So displace the elements of x
in place, and restore each. An array of integers cannot hold x + h: raise a TypeError.

x におけるすべての偏微分を、x と同じ形の配列で返す。h は 1e-4 とする。

x は1次元または2次元（重み W）。本の lambda W: net.loss(x, t) のように、f は引数を
使わず x そのものを読むことがある。そこで x の要素を1つずつその場で動かし、そのつど元に戻す。
整数の配列には x + h を代入できない。その場合は TypeError を送出する。
"""
import numpy as np


def numerical_gradient(f, x):
    if x.dtype.kind != "f":
        raise TypeError("x holds integers, want floats")
    h, grad = 1e-4, np.zeros_like(x)
    for idx in np.ndindex(*x.shape):
        tmp = x[idx]
        x[idx] = tmp + h
        fxh1 = f(x)
        x[idx] = tmp - h
        fxh2 = f(x)
        grad[idx] = (fxh1 - fxh2) / (2 * h)
        x[idx] = tmp
    return grad
