"""A net of layers in NumPy, in the manner of the book's chapter 5: 100-50-10, sigmoid, softmax.

    gradcheck -loss 'python3 two_layer_net.py'

checks its backward pass. The planted bug is a bias gradient that is averaged over the batch, not summed.
"""

import numpy as np


class Affine:
    def __init__(self, W, b, bug=False):
        self.W, self.b, self.bug = W, b, bug

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout.mean(axis=0) if self.bug else dout.sum(axis=0)
        return dout @ self.W.T


class Sigmoid:
    def forward(self, a):
        self.z = 1 / (1 + np.exp(-a))
        return self.z

    def backward(self, dout):
        return dout * self.z * (1 - self.z)


class Relu:
    def forward(self, a):
        self.mask = a > 0
        return a * self.mask

    def backward(self, dout):
        return dout * self.mask


class SoftmaxWithLoss:
    def forward(self, a, t):
        a = a - a.max(axis=1, keepdims=True)
        total = np.exp(a).sum(axis=1, keepdims=True)
        self.y, self.t = np.exp(a) / total, t
        return (np.log(total[:, 0]) - a[np.arange(len(t)), t]).mean()

    def backward(self):
        dx = self.y.copy()
        dx[np.arange(len(self.t)), self.t] -= 1
        return dx / len(self.t)


class TwoLayerNet:
    def __init__(self, bug=False, sizes=(100, 50, 10), batch=10):
        random = np.random.default_rng(1)
        inputs, hidden, outputs = sizes
        self.params = {
            "W1": 0.1 * random.standard_normal((inputs, hidden)),
            "b1": np.zeros(hidden),
            "W2": 0.1 * random.standard_normal((hidden, outputs)),
            "b2": np.zeros(outputs),
        }
        p = self.params
        self.layers = [Affine(p["W1"], p["b1"], bug), Sigmoid(), Affine(p["W2"], p["b2"])]
        self.last = SoftmaxWithLoss()
        self.x, self.t = random.random((batch, inputs)), random.integers(0, outputs, batch)

    def loss(self):
        a = self.x
        for layer in self.layers:
            a = layer.forward(a)
        return self.last.forward(a, self.t)

    def gradient(self):
        self.loss()
        dout = self.last.backward()
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        first, _, second = self.layers
        return {"W1": first.dW, "b1": first.db, "W2": second.dW, "b2": second.db}


if __name__ == "__main__":
    import sys

    import numgrad

    net = TwoLayerNet(bug="bug" in sys.argv)
    numgrad.serve(net.loss, net.params, net.gradient())
