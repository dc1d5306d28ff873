"""4.4.2 The book's simpleNet: the scores x·W, and the cross entropy of their softmax.

softmax and cross_entropy_error are given. x is [2], t is one-hot [3].

本の simpleNet。スコアは x·W、損失はそのソフトマックスの交差エントロピー誤差。

softmax と cross_entropy_error は与えられている。x は [2]、t は one-hot 表現 [3]。
"""
import numpy as np

from solutions.losses import cross_entropy_error, softmax


class simpleNet:
    def __init__(self):
        self.W = np.random.randn(2, 3)

    def predict(self, x):
        return np.dot(x, self.W)

    def loss(self, x, t):
        return cross_entropy_error(softmax(self.predict(x)), t)
