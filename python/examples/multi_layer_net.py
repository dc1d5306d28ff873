"""A deeper net in NumPy, in the manner of the book's chapter 6: ReLU, He's initial weights, weight decay.

The planted bug is a loop that leaves the weight decay of the last layer out of the gradient.
"""

import numpy as np
from two_layer_net import Affine, Relu, SoftmaxWithLoss


class MultiLayerNet:
    sizes = 64, 30, 30, 30, 10
    decay = 0.01

    def __init__(self, bug=False):
        random = np.random.default_rng(2)
        self.bug = bug
        self.params, self.layers = {}, []
        for i, (inputs, outputs) in enumerate(zip(self.sizes, self.sizes[1:]), 1):
            W = np.sqrt(2 / inputs) * random.standard_normal((inputs, outputs))
            b = 0.1 * random.standard_normal(outputs)
            self.params[f"W{i}"], self.params[f"b{i}"] = W, b
            self.layers += [Affine(W, b), Relu()]
        self.layers.pop()
        self.last = SoftmaxWithLoss()
        self.x, self.t = random.random((20, 64)), random.integers(0, 10, 20)

    def loss(self):
        a = self.x
        for layer in self.layers:
            a = layer.forward(a)
        squares = sum((layer.W**2).sum() for layer in self.layers[::2])
        return self.last.forward(a, self.t) + self.decay / 2 * squares

    def gradient(self):
        self.loss()
        dout = self.last.backward()
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        grads = {}
        affine = self.layers[::2]
        decayed = affine[:-1] if self.bug else affine
        for i, layer in enumerate(affine, 1):
            grads[f"W{i}"] = layer.dW + self.decay * layer.W * (layer in decayed)
            grads[f"b{i}"] = layer.db
        return grads
