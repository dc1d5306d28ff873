import numpy as np
from gradients import numerical_gradient

W = np.array([[1.0], [2.0], [3.0]])
loss = lambda w: np.sum(W**2)
print(numerical_gradient(loss, W).round(3).T)
print(numerical_gradient(loss, W, float).round(3).T)
# Output:
# [[1. 2. 3.]]
# [[1. 2. 3.]]
