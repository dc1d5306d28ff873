import numpy as np
from gradients import numerical_gradient

W = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
loss = lambda w: np.sum(W**2)
for convert in (lambda v: v, float):  # as printed, as published
    try:
        numerical_gradient(loss, W, convert)
    except (IndexError, TypeError) as e:
        print(f"{type(e).__name__}: {e}")
print(numerical_gradient(loss, W.flatten()))    # a copy of W
print(numerical_gradient(loss, W.reshape(-1)))  # W itself, as a vector
print(np.array([numerical_gradient(loss, row) for row in W]))
# Output:
# IndexError: index 2 is out of bounds for axis 0 with size 2
# TypeError: only size-1 arrays can be converted to Python scalars
# [0. 0. 0. 0. 0. 0.]
# [ 2.  4.  6.  8. 10. 12.]
# [[ 2.  4.  6.]
#  [ 8. 10. 12.]]
