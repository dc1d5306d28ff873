"""4.5.2 One step of the training: the gradient of the mini-batch, then W -= lr * dW for
each of W1, b1, W2 and b2, in place.

network.numerical_gradient(x_batch, t_batch) returns a dict with the four gradients.

学習の1ステップ。ミニバッチの勾配を求め、W1、b1、W2、b2 のそれぞれをその場で W -= lr * dW と更新する。

network.numerical_gradient(x_batch, t_batch) は4つの勾配をディクショナリで返す。
"""


def train_step(network, x_batch, t_batch, learning_rate=0.1):
    raise NotImplementedError  # your code here / ここにコードを書く
