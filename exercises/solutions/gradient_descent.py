"""4.4.1 step_num steps from init_x, each against the gradient: x = x - lr * grad.

numerical_gradient is given. The book finds (-6.11e-10, 8.15e-10) for x0² + x1²
from (-3, 4) with lr = 0.1 and 100 steps.

init_x から勾配と逆の向きに step_num 回進む。x = x - lr * grad。

numerical_gradient は与えられている。x0² + x1² を (-3, 4) から lr = 0.1 で
100 回進めると、本では (-6.11e-10, 8.15e-10) になる。
"""
from solutions.numerical_gradient import numerical_gradient


def gradient_descent(f, init_x, lr=0.01, step_num=100):
    x = init_x.copy()
    for i in range(step_num):
        x -= lr * numerical_gradient(f, x)
    return x
