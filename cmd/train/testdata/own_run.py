"""A training in NumPy, on mini-batches that np.random.choice draws.

usage: own_run.py IDX-FOLDER IMAGES STEPS HIDDEN BATCH

It leaves params.npz and batches.npz, for cmd/train, in the working directory.
"""
import gzip
import os
import sys
import numpy as np

folder = sys.argv[1]
images, steps, hidden, batch_size = (int(arg) for arg in sys.argv[2:])


def read(name, header):
    path = os.path.join(folder, name)
    with open(path, "rb") if os.path.exists(path) else gzip.open(path + ".gz") as f:
        return np.frombuffer(f.read(), np.uint8, offset=header)


def pixels(name):  # float32, as the book's load_mnist has them
    n = read(name, 4)[:4].view(">u4")[0]
    return read(name, 16).reshape(n, -1).astype(np.float32) / 255.0


x_train = pixels("train-images-idx3-ubyte")[:images]
t_train = read("train-labels-idx1-ubyte", 8)[:images]
x_test = pixels("t10k-images-idx3-ubyte")
t_test = read("t10k-labels-idx1-ubyte", 8)
inputs, classes = x_train.shape[1], 1 + max(t_train.max(), t_test.max())


class Net:
    def __init__(self):
        self.params = {
            "W1": 0.01 * np.random.randn(inputs, hidden), "b1": np.zeros(hidden),
            "W2": 0.01 * np.random.randn(hidden, classes), "b2": np.zeros(classes),
        }

    def forward(self, x):
        p = self.params
        z = 1 / (1 + np.exp(-(x @ p["W1"] + p["b1"])))
        a = z @ p["W2"] + p["b2"]
        e = np.exp(a - a.max(axis=1, keepdims=True))
        return z, e / e.sum(axis=1, keepdims=True)

    def loss(self, x, t):
        y = self.forward(x)[1]
        return -np.mean(np.log(y[np.arange(len(t)), t] + 1e-7))

    def accuracy(self, x, t):
        return np.mean(self.forward(x)[1].argmax(axis=1) == t)

    def gradient(self, x, t):
        z, da2 = self.forward(x)
        da2[np.arange(len(t)), t] -= 1
        da2 /= len(t)
        da1 = (da2 @ self.params["W2"].T) * z * (1 - z)
        return {"W1": x.T @ da1, "b1": da1.sum(axis=0), "W2": z.T @ da2, "b2": da2.sum(axis=0)}


np.random.seed(1)
network = Net()
iter_per_epoch = max(images / batch_size, 1)
train_loss_list, train_acc_list, test_acc_list = [], [], []

#: before the loop
initial = {k: v.copy() for k, v in network.params.items()}
batches = []
#:

for i in range(steps):
    batch_mask = np.random.choice(images, batch_size)
    #: in the loop, after the line with np.random.choice
    batches.append(batch_mask)
    #:
    x_batch, t_batch = x_train[batch_mask], t_train[batch_mask]
    for key, g in network.gradient(x_batch, t_batch).items():
        network.params[key] -= 0.1 * g
    train_loss_list.append(network.loss(x_batch, t_batch))
    if i % iter_per_epoch == 0:
        train_acc_list.append(network.accuracy(x_train, t_train))
        test_acc_list.append(network.accuracy(x_test, t_test))

#: after the loop
np.savez("params.npz", **initial)
np.savez("batches.npz", batches=batches, train_loss_list=train_loss_list,
         train_acc_list=train_acc_list, test_acc_list=test_acc_list)
#:
