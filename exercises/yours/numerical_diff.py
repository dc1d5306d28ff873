"""4.3.1 The derivative of f at x by the central difference, with h = 1e-4.

The book finds 0.1999999999990898 for 0.01x² + 0.1x at x = 5.

中心差分による f の x における微分。h は 1e-4 とする。

0.01x² + 0.1x の x = 5 での値は、本では 0.1999999999990898。
"""


def numerical_diff(f, x):
    raise NotImplementedError  # your code here / ここにコードを書く
