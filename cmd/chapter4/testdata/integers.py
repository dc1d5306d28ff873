import numpy as np
from gradients import numerical_gradient

f = lambda x: x[0]**2 + x[1]**2
print(numerical_gradient(f, np.array([3.0, 4.0])))
print(numerical_gradient(f, np.array([3, 4])))
print(numerical_gradient(f, np.array([3, 4]), float))

x = np.array([3, 4])
x[0] = 3 + 1e-4
print(x)
x[0] = 3 - 1e-4
print(x)
# Output:
# [6. 8.]
# [25000 35000]
# [25000 35000]
# [3 4]
# [2 4]
