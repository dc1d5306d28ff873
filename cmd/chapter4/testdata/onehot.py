import numpy as np

y = np.array([[0.1, 0.2, 0.7], [0.6, 0.3, 0.1]])  # two answers
labels = np.array([2, 0])
one_hot = np.array([[0, 0, 1], [1, 0, 0]])

n = y.shape[0]
print(round(-np.sum(one_hot * np.log(y + 1e-7)) / n, 7))
print(round(-np.sum(np.log(y[np.arange(n), labels] + 1e-7)) / n, 7))
print(y[np.arange(n), labels])
print(one_hot.argmax(axis=1))
# Output:
# 0.4337501
# 0.4337501
# [0.7 0.6]
# [2 0]
