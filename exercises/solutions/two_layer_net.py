"""4.5.1 The loss of the book's TwoLayerNet: affine, sigmoid, affine, softmax, cross entropy.

softmax and cross_entropy_error are given. x is [N,D], t is [N,K] or [N].

本の TwoLayerNet の損失。順に Affine、Sigmoid、Affine、Softmax、交差エントロピー誤差を計算する。

softmax と cross_entropy_error は与えられている。x は [N,D]、t は [N,K] または [N]。
"""
import numpy as np

from solutions.losses import cross_entropy_error, softmax


class TwoLayerNet:
    def __init__(self, input_size, hidden_size, output_size, weight_init_std=0.01):
        self.params = {
            "W1": weight_init_std * np.random.randn(input_size, hidden_size),
            "b1": np.zeros(hidden_size),
            "W2": weight_init_std * np.random.randn(hidden_size, output_size),
            "b2": np.zeros(output_size),
        }

    def predict(self, x):
        a1 = np.dot(x, self.params["W1"]) + self.params["b1"]
        z1 = 1 / (1 + np.exp(-a1))
        a2 = np.dot(z1, self.params["W2"]) + self.params["b2"]
        return softmax(a2)

    def loss(self, x, t):
        return cross_entropy_error(self.predict(x), t)
