"""4.3.3 Partial derivatives of f(x0, x1) = x0² + x1² at x0 = 3, x1 = 4.

function_tmp1 is f as a function of x0, with x1 = 4.
function_tmp2 is f as a function of x1, with x0 = 3.
partial_diff is the derivative with respect to x[i]: displace only x[i], by ±1e-4, and
restore it. The book's numbers are 6.00000000000378 and 7.999999999999119.

x0 = 3、x1 = 4 における f(x0, x1) = x0² + x1² の偏微分。

function_tmp1 は x1 を 4 に固定した x0 の関数。
function_tmp2 は x0 を 3 に固定した x1 の関数。
partial_diff は x[i] に関する微分。x[i] だけを ±1e-4 動かし、終わったら x を元に戻す。
本での値は 6.00000000000378 と 7.999999999999119。
"""


def function_tmp1(x0):
    return x0 * x0 + 4.0**2.0


def function_tmp2(x1):
    return 3.0**2.0 + x1 * x1


def partial_diff(f, x, i):
    """x is an array [D] of floats. / x は浮動小数点数の配列 [D]。"""
    h, tmp = 1e-4, x[i]
    x[i] = tmp + h
    fxh1 = f(x)
    x[i] = tmp - h
    fxh2 = f(x)
    x[i] = tmp
    return (fxh1 - fxh2) / (2 * h)
