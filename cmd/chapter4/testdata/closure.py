import numpy as np
from gradients import numerical_gradient

W = np.array([1.0, 2.0, 3.0])
loss = lambda w: np.sum(W**2)  # it reads W, and never looks at w
print(numerical_gradient(loss, W))
print(numerical_gradient(loss, W.copy()))
# Output:
# [2. 4. 6.]
# [0. 0. 0.]
