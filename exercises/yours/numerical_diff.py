"""4.3.1 The derivative of f at x, by the central difference with h = 1e-4.

The book's number for 0.01x² + 0.1x at x = 5 is 0.1999999999990898.

f の x における微分を中心差分で求める。h は 1e-4 とする。

0.01x² + 0.1x の x = 5 での本の値は 0.1999999999990898。
"""


def numerical_diff(f, x):
    raise NotImplementedError  # your code here / ここにコードを書く
