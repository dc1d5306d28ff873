"""Writes the models beside it, as people save them from NumPy.

python3 make.py
"""
import numpy as np

W1 = np.arange(12.0).reshape(4, 3) / 8  # 4 inputs, 3 hidden units; exact in float32
b1 = np.array([-1.0, 0.5, 2.0])
W2 = np.arange(6.0).reshape(3, 2) - 2  # 2 classes
b2 = np.array([0.25, -0.25])

np.savez("numpy.npz", W1=W1, b1=b1, W2=W2, b2=b2)
# As PyTorch has them: float32, Linear.weight transposed, which is Fortran order.
np.savez_compressed(
    "torch.npz",
    W1=np.ascontiguousarray(W1.T).T.astype(np.float32),
    b1=b1.astype(np.float32),
    W2=np.ascontiguousarray(W2.T).T.astype(np.float32),
    b2=b2.astype(np.float32),
    optimizer=np.array(["another array, not looked at"]),
)
np.savez("transposed.npz", W1=W1.T, b1=b1, W2=W2.T, b2=b2)
