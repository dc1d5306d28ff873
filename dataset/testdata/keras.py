"""Writes the npz files beside it as Keras' mnist.npz is made.

python3 keras.py
"""
import numpy as np

PIXELS = np.frombuffer(b"abcdefghijklmnopqrstuvwx", np.uint8).reshape(4, 2, 3)
LABELS = np.array([0, 1, 1, 0], np.uint8)


def save(name, y_train):
    np.savez_compressed(name, x_test=PIXELS[2:], x_train=PIXELS, y_train=y_train, y_test=np.array([4, 1], np.uint8))


save("keras.npz", LABELS)
save("keras-column.npz", LABELS.reshape(4, 1))
save("keras-label.npz", np.array([0, 1, 1, 256]))
