import numpy as np
from gradients import numerical_gradient

def by_rows(f, X):
    return np.array([numerical_gradient(f, x) for x in X]).round(6)

X = np.array([[3.0, 1.0, 2.0],   # x0 of three points
              [4.0, 2.0, 5.0]])  # x1 of the three
squares = lambda x: np.sum(x**2)  # x0² + x1²
product = lambda x: np.prod(x)    # x0 · x1
print(by_rows(squares, X))
print(by_rows(squares, X.T).T)
print(by_rows(product, X))
print(by_rows(product, X.T).T)
# Output:
# [[ 6.  2.  4.]
#  [ 8.  4. 10.]]
# [[ 6.  2.  4.]
#  [ 8.  4. 10.]]
# [[ 2.  6.  3.]
#  [10. 20.  8.]]
# [[4. 2. 5.]
#  [3. 1. 2.]]
