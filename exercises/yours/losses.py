"""3.5, 4.2 Softmax and the two losses.

softmax turns scores into probabilities. It must not overflow for large scores.
sum_squared_error is half the sum of the squared differences (4.2.1).
cross_entropy_error is the mean of -log(y + 1e-7) at the label (4.2.2, 4.2.4).

ソフトマックス関数と2つの損失関数。

softmax はスコアを確率に変える。スコアが大きくてもオーバーフローしないこと。
sum_squared_error は差の2乗の総和を 2 で割ったもの（4.2.1）。
cross_entropy_error は正解ラベルの位置での -log(y + 1e-7) の平均（4.2.2、4.2.4）。
"""
import numpy as np


def softmax(a):
    """a is [K], or [N,K] with a sample in each row. / a は [K]、または1行が1サンプルの [N,K]。"""
    raise NotImplementedError  # your code here / ここにコードを書く


def sum_squared_error(y, t):
    """y and t are [K], t is one-hot. / y と t は [K]、t は one-hot 表現。"""
    raise NotImplementedError  # your code here / ここにコードを書く


def cross_entropy_error(y, t):
    """y is [K] or [N,K]; t has the labels, as indices or as one-hot rows. / y は [K] か [N,K]。t は正解ラベルの番号、または one-hot 表現。"""
    raise NotImplementedError  # your code here / ここにコードを書く
