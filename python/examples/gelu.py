"""A torch.autograd.Function of one's own in a PyTorch net.

The planted bug: forward computes GELU with the error function, backward is the derivative of its usual approximation
with tanh.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F


class Gelu(torch.autograd.Function):
    bug = False

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * (1 + torch.erf(x / math.sqrt(2))) / 2

    @staticmethod
    def backward(ctx, dout):
        (x,) = ctx.saved_tensors
        if Gelu.bug:
            c = math.sqrt(2 / math.pi)
            t = torch.tanh(c * (x + 0.044715 * x**3))
            return dout * ((1 + t) / 2 + x / 2 * (1 - t**2) * c * (1 + 3 * 0.044715 * x**2))
        normal = torch.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
        return dout * ((1 + torch.erf(x / math.sqrt(2))) / 2 + x * normal)


class GeluNet(nn.Module):
    def __init__(self, bug=False):
        super().__init__()
        torch.manual_seed(4)
        self.bug = bug
        self.fc1, self.fc2 = nn.Linear(40, 30), nn.Linear(30, 10)
        self.double()
        self.x, self.t = torch.randn(20, 40).double(), torch.randint(10, (20,))

    @property
    def params(self):
        return dict(self.named_parameters())

    def loss(self):
        return F.cross_entropy(self.fc2(Gelu.apply(self.fc1(self.x))), self.t)

    def gradient(self):
        Gelu.bug = self.bug
        self.zero_grad()
        self.loss().backward()
        Gelu.bug = False
        return {name: p.grad for name, p in self.named_parameters()}
