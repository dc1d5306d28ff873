"""A convolutional net in PyTorch, with a connection that skips a layer.

The planted bug is a detach() in that connection.
"""

import torch
from torch import nn
from torch.nn import functional as F


class ConvNet(nn.Module):
    def __init__(self, bug=False):
        super().__init__()
        torch.manual_seed(3)
        self.bug = bug
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 8, 3, padding=1)
        self.fc = nn.Linear(8 * 4 * 4, 10)
        self.double()
        self.x, self.t = torch.rand(4, 1, 16, 16).double(), torch.randint(10, (4,))

    @property
    def params(self):
        return dict(self.named_parameters())

    def forward(self, x):
        z = F.max_pool2d(torch.relu(self.conv1(x)), 2)
        skip = z.detach() if self.bug else z
        z = F.max_pool2d(torch.tanh(self.conv2(z)) + skip, 2)
        return self.fc(z.flatten(1))

    def loss(self):
        return F.cross_entropy(self(self.x), self.t)

    def gradient(self):
        self.zero_grad()
        self.loss().backward()
        return {name: p.grad for name, p in self.named_parameters()}
