// 4.5.2 One step of the training: the gradient of the mini-batch, then W -= lr·dW for
// each of W1, B1, W2 and B2, in place.
//
// gradient returns a net of the same shapes that holds the four gradients.
//
// 学習の1ステップ。ミニバッチの勾配を求め、W1、B1、W2、B2 のそれぞれをその場で W -= lr·dW と更新する。
//
// gradient は4つの勾配を、同じ形のネットワークとして返す。

package solutions

// TrainStep takes one step of n with learning rate lr. / 学習率 lr で1ステップ進む。
func TrainStep(n *TwoLayerNet, gradient func() *TwoLayerNet, lr float64) {
	grad := gradient()
	step(n.W1.RawMatrix().Data, grad.W1.RawMatrix().Data, lr)
	step(n.B1, grad.B1, lr)
	step(n.W2.RawMatrix().Data, grad.W2.RawMatrix().Data, lr)
	step(n.B2, grad.B2, lr)
}

func step(w, dw []float64, lr float64) {
	for i := range w {
		w[i] -= lr * dw[i]
	}
}
