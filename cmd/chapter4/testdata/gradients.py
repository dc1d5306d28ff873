import numpy as np

H = 1e-4


def numerical_gradient(f, x, convert=lambda v: v):
    gradient = np.zeros_like(x)
    for i in range(x.size):
        saved = x[i]
        x[i] = convert(saved) + H
        above = f(x)
        x[i] = saved - H
        below = f(x)
        gradient[i] = (above - below) / (2 * H)
        x[i] = saved
    return gradient
