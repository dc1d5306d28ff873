// 4.5.2 One step of the training: the gradient of the mini-batch, then W -= lr·dW for
// each of W1, B1, W2 and B2, in place.
//
// gradient returns a net of the same shapes that holds the four gradients.
//
// 学習の1ステップ。ミニバッチの勾配を求め、W1、B1、W2、B2 のそれぞれをその場で W -= lr·dW と更新する。
//
// gradient は4つの勾配を、同じ形のネットワークとして返す。

package yours

// TrainStep takes one step of n with learning rate lr. / 学習率 lr で1ステップ進む。
func TrainStep(n *TwoLayerNet, gradient func() *TwoLayerNet, lr float64) {
	panic("not yet") // your code here / ここにコードを書く
}
