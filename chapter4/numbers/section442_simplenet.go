package numbers

import (
	"gonum.org/v1/gonum/floats"

	"numgrad/chapter4"
	"numgrad/grad"
)

func simpleNetRows() []Row {
	net := chapter4.NewSimpleNet()
	x, t := []float64{0.6, 0.9}, []float64{0, 0, 1}
	p := net.Predict(x)
	dW := func(loss func(x, t []float64) float64) []float64 {
		return net.Gradient(func() float64 { return loss(x, t) }).RawMatrix().Data
	}
	// The book prints W with 8 decimals, each off by up to 5e-9. The loss
	// moves with each by its derivative.
	firstDW := dW(net.Loss)
	fromW := 5e-9 * floats.Norm(firstDW, 1)
	// A loss near 1 is rounded to 2^-53, a few times, and 2h divides that.
	const fromRounding = 8 * 0x1p-53 / grad.BookStep
	return []Row{
		{
			Section: "4.4.2", What: "net.W (given; the book's is random)",
			Printed:   "[[0.47355232 0.9977393 0.84668094] [0.85557411 0.03563661 0.69422093]]",
			Published: published("simpleNet W (given)"),
			Ours:      net.W.RawMatrix().Data,
		}, {
			Section: "4.4.2", What: "net.predict(x)",
			Printed:   "[1.05414809 0.63071653 1.1328074]",
			Published: published("simpleNet predict([0.6,0.9])"),
			Ours:      p,
		}, {
			Section: "4.4.2", What: "np.argmax(p)",
			Printed: "2",
			Ours:    []float64{float64(floats.MaxIdx(p))},
		}, {
			Section: "4.4.2", What: "net.loss(x, t), first edition",
			Printed: "0.92806853663411326",
			Ours:    []float64{net.Loss(x, t)},
			Within:  fromW,
			Note:    "The first edition takes log y. Its W had 16 digits, and it prints 8: no more of the loss can be had from them.",
		}, {
			Section: "4.4.2", What: "net.loss(x, t), published code",
			Published: published("simpleNet loss, t=[0,0,1] (with 1e-7)"),
			Ours:      []float64{net.PublishedLoss(x, t)},
			Within:    2 * ulpOfLog,
			Note:      "The code as published today takes log(y + 1e-7), which lowers the loss by 1e-7/y = 2.5e-7.",
		}, {
			Section: "4.4.2", What: "dW, first edition",
			Printed: "[[0.21924763 0.14356247 -0.36281009] [0.32887144 0.2153437 -0.54421514]]",
			Ours:    firstDW,
		}, {
			Section: "4.4.2", What: "dW, published code",
			Published: published("simpleNet dW = numerical_gradient of the loss"),
			Ours:      dW(net.PublishedLoss),
			Within:    fromRounding,
		},
	}
}
