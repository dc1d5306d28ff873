"""4.4.1 Take step_num steps from init_x against the gradient: x = x - lr * grad.

numerical_gradient is given. In the book, x0² + x1² from (-3, 4) with lr = 0.1 ends at
(-6.11e-10, 8.15e-10) after 100 steps.

init_x から始めて、勾配に学習率を掛けた分だけ逆方向に進む。これを step_num 回繰り返す。x = x - lr * grad。

numerical_gradient は与えられている。本では、x0² + x1² を (-3, 4) から lr = 0.1 で
100回更新すると (-6.11e-10, 8.15e-10) になる。
"""
from solutions.numerical_gradient import numerical_gradient


def gradient_descent(f, init_x, lr=0.01, step_num=100):
    x = init_x.copy()
    for i in range(step_num):
        x -= lr * numerical_gradient(f, x)
    return x
