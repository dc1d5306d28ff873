package chapter4

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/dataset"
	"numgrad/grad"
	"numgrad/gradcheck"
	"numgrad/loss"
	"numgrad/nn"
	"numgrad/perturb"
)

// Section 4.1.2: a net learns 20 random labels by heart, and knows nothing about
// other points.
func Example_overfitting() {
	random := rand.New(rand.NewPCG(1, 0))
	draw := func(n int) (x *mat.Dense, t []int) {
		x = mat.NewDense(n, 8, nil)
		for i := range n {
			for j := range 8 {
				x.Set(i, j, random.Float64())
			}
			t = append(t, random.IntN(2))
		}
		return x, t
	}
	x, t := draw(20)
	xTest, tTest := draw(1000)

	net := nn.NewTwoLayer(8, 50, 2, 1, rand.NewPCG(1, 0))
	gradient := nn.NewParams(8, 50, 2)
	var engine perturb.Engine
	for range 1000 {
		engine.Gradient(gradient, net, x, t, nil)
		floats.AddScaled(net.Vector, -1, gradient.Vector)
	}
	fmt.Printf("train acc %.2f, test acc %.2f\n", net.Accuracy(x, t), net.Accuracy(xTest, tTest))
	// Output: train acc 1.00, test acc 0.50
}

// Section 4.2.1: the label is 2. The first answer is 2, the second is 7.
func ExampleSumSquaredError() {
	t := []float64{0, 0, 1, 0, 0, 0, 0, 0, 0, 0}
	y := []float64{0.1, 0.05, 0.6, 0, 0.05, 0.1, 0, 0.1, 0, 0}
	fmt.Println(SumSquaredError(y, t))
	y = []float64{0.1, 0.05, 0.1, 0, 0.05, 0.1, 0, 0.6, 0, 0}
	fmt.Println(SumSquaredError(y, t))
	// Output:
	// 0.09750000000000003
	// 0.5975
}

// Section 4.2.2: the same two answers.
func ExampleCrossEntropyError() {
	t := []float64{0, 0, 1, 0, 0, 0, 0, 0, 0, 0}
	y := []float64{0.1, 0.05, 0.6, 0, 0.05, 0.1, 0, 0.1, 0, 0}
	fmt.Printf("%.14f\n", CrossEntropyError(y, t))
	y = []float64{0.1, 0.05, 0.1, 0, 0.05, 0.1, 0, 0.6, 0, 0}
	fmt.Printf("%.14f\n", CrossEntropyError(y, t))
	// Output:
	// 0.51082545709934
	// 2.30258409299455
}

// Section 4.2.2: the derivative of the loss by the label's score, exact and
// with 1e-7 in the logarithm.
func Example_delta() {
	exact := func(a []float64) float64 { return loss.NegLogSoftmax(a, 0) }
	book := func(a []float64) float64 {
		return CrossEntropyError(loss.Softmax(nil, a), []float64{1, 0})
	}
	for _, y := range []float64{0.9, 0.1, 1e-3, 1e-7} {
		a := []float64{math.Log(y / (1 - y)), 0} // its softmax is y, 1−y
		dExact := NumericalGradient(exact, a)[0]
		dBook := NumericalGradient(book, a)[0]
		fmt.Printf("y = %-5g  exact %.7f  with 1e-7 %.7f\n", y, dExact, dBook)
	}
	// Output:
	// y = 0.9    exact -0.1000000  with 1e-7 -0.1000000
	// y = 0.1    exact -0.9000000  with 1e-7 -0.8999991
	// y = 0.001  exact -0.9990000  with 1e-7 -0.9989001
	// y = 1e-07  exact -0.9999999  with 1e-7 -0.4999999
}

// Section 4.2.3: images that 600 batches of 100 do not show.
func Example_miniBatches() {
	const images = 60000
	random := rand.New(rand.NewPCG(1, 0))
	drawn := make([]bool, images)
	for range 600 * 100 {
		drawn[random.IntN(images)] = true // as np.random.choice(60000, 100) draws
	}
	dealt := make([]bool, images)
	for _, i := range dataset.Epoch(nil, images, 1, 1) {
		dealt[i] = true
	}
	missing := func(seen []bool) (n int) {
		for _, s := range seen {
			if !s {
				n++
			}
		}
		return n
	}
	fmt.Println("drawn with replacement:", missing(drawn), "images are missing")
	fmt.Println("shuffled and dealt out:", missing(dealt))

	different := 1.0 // the probability that 100 draws are 100 images
	for i := range 100 {
		different *= 1 - float64(i)/images
	}
	fmt.Printf("%.1f %% of the drawn batches have an image twice\n", 100*(1-different))
	// Output:
	// drawn with replacement: 22051 images are missing
	// shuffled and dealt out: 0
	// 7.9 % of the drawn batches have an image twice
}

// Section 4.2.4: labels in place of one-hot rows.
func Example_labels() {
	y := mat.NewDense(2, 3, []float64{
		0.1, 0.2, 0.7,
		0.6, 0.3, 0.1,
	})
	fmt.Printf("%.7f\n", loss.CrossEntropyError(y, []int{2, 0}))
	// Output: 0.4337501
}

// Section 4.2.4: the loss of a batch does not grow with the batch.
func Example_batchMean() {
	for _, n := range []int{1, 10, 100} {
		y, t := mat.NewDense(n, 3, nil), make([]int, n)
		for i := range n {
			y.SetRow(i, []float64{0.1, 0.2, 0.7}) // n times the same answer
			t[i] = 2
		}
		mean := loss.CrossEntropyError(y, t)
		fmt.Printf("batch of %-3d  mean %.4f  sum %.4f\n", n, mean, mean*float64(n))
	}
	// Output:
	// batch of 1    mean 0.3567  sum 0.3567
	// batch of 10   mean 0.3567  sum 3.5667
	// batch of 100  mean 0.3567  sum 35.6675
}

// Section 4.2.5: each change of w11 changes the loss. The accuracy jumps.
func ExampleSimpleNet_LossAndAccuracy() {
	x, t := mat.NewDense(10, 2, nil), make([]int, 10)
	for i := range t {
		x.SetRow(i, []float64{math.Cos(float64(i)), math.Sin(float64(i))})
		t[i] = i % 3
	}
	for _, d := range []float64{0, 0.001, 0.01, 0.5} {
		net := NewSimpleNet()
		net.W.Set(0, 0, net.W.At(0, 0)+d)
		mean, accuracy := net.LossAndAccuracy(x, t)
		fmt.Printf("w11 + %-5v  loss %.7f  accuracy %.1f\n", d, mean, accuracy)
	}
	// Output:
	// w11 + 0      loss 1.1421906  accuracy 0.3
	// w11 + 0.001  loss 1.1421455  accuracy 0.3
	// w11 + 0.01   loss 1.1417445  accuracy 0.3
	// w11 + 0.5    loss 1.1340888  accuracy 0.1
}

// Section 4.3.1: 5 + 10e-50 is 5. The slope is 0.2.
func ExampleNumericalDiff() {
	fmt.Println(BadNumericalDiff(Function1, 5))
	fmt.Println(NumericalDiff(Function1, 5))
	// Output:
	// 0
	// 0.1999999999990898
}

// Section 4.3.1: with h = 10e-50 the subtraction finds 0. The engine does not
// subtract.
func Example_tinyStep() {
	net := nn.NewTwoLayer(3, 4, 2, 0.01, rand.NewPCG(1, 0))
	x, t := mat.NewDense(2, 3, []float64{0.5, 0, 1, 0, 0.25, 0.75}), []int{0, 1}
	tiny := &grad.Settings{Step: 10e-50}
	book, engine := nn.NewParams(3, 4, 2), nn.NewParams(3, 4, 2)
	net.NumericalGradient(book, x, t, tiny)
	new(perturb.Engine).Gradient(engine, net, x, t, tiny)
	fmt.Printf("%.9f\n", book.Layers[0].W.RawRowView(2))
	fmt.Printf("%.9f\n", engine.Layers[0].W.RawRowView(2))
	// Output:
	// [0.000000000 0.000000000 0.000000000 0.000000000]
	// [0.000158781 0.000198966 0.000451751 0.000108144]
}

// Section 4.3.1: the errors of two differences in two precisions. The slope of
// x³ at 1 is 3.
func ExampleCentralDiff() {
	single := func(x float32) float32 { return x * x * x }
	double := func(x float64) float64 { return x * x * x }
	fmt.Printf("float32  forward %.0e  central %.0e\n", ForwardDiff(single, 1, 1e-4)-3, CentralDiff(single, 1, 1e-4)-3)
	fmt.Printf("float64  forward %.0e  central %.0e\n", ForwardDiff(double, 1, 1e-4)-3, CentralDiff(double, 1, 1e-4)-3)
	// Output:
	// float32  forward 5e-04  central 5e-04
	// float64  forward 3e-04  central 1e-08
}

// Section 4.3.2: the tangents at 5 and 10, at x = 0, at the point, and at 20.
func ExampleTangentLine() {
	for _, x := range []float64{5, 10} {
		tangent := TangentLine(Function1, x)
		fmt.Printf("at %v: %.4f %.4f %.4f\n", x, tangent(0), tangent(x), tangent(20))
	}
	// Output:
	// at 5: -0.2500 0.7500 3.7500
	// at 10: -1.0000 2.0000 5.0000
}

// Section 4.3.3, at (3, 4).
func ExamplePartialDiff() {
	x := []float64{3, 4}
	fmt.Println(PartialDiff(Function2, x, 0))
	fmt.Println(PartialDiff(Function2, x, 1))
	// Output:
	// 6.00000000000378
	// 7.999999999999119
}

// Section 4.4.
func ExampleNumericalGradient() {
	fmt.Println(NumericalGradient(Function2, []float64{3, 4}))
	fmt.Println(NumericalGradient(Function2, []float64{0, 2}))
	fmt.Println(NumericalGradient(Function2, []float64{3, 0}))
	// Output:
	// [6.00000000000378 7.999999999999119]
	// [0 4.000000000004]
	// [6.000000000012662 0]
}

// Section 4.4.1: learning rates that fit, too large, and too small.
func ExampleGradientDescent() {
	for _, lr := range []float64{0.1, 10, 1e-10} {
		x, _ := GradientDescent(Function2, []float64{-3, 4}, lr, 100)
		fmt.Println(x)
	}
	// Output:
	// [-6.111107928998789e-10 8.148143905314271e-10]
	// [-2.5898374737328363e+13 -1.2952486168965398e+12]
	// [-2.999999939999995 3.9999999199999934]
}

// Section 4.4.1: the ascent of −f takes the steps of the descent of f.
func ExampleGradientAscent() {
	hill := func(x []float64) float64 { return -Function2(x) }
	x, _ := GradientAscent(hill, []float64{-3, 4}, 0.1, 100)
	fmt.Println(x)
	// Output: [-6.111107928998789e-10 8.148143905314271e-10]
}

// Section 4.4.1: a descent that starts on the ridge of the saddle stops at the
// saddle point.
func ExampleSaddle() {
	for _, start := range [][]float64{{-3, 0}, {-3, 1e-6}} {
		x, _ := GradientDescent(Saddle, start, 0.1, 100)
		fmt.Printf("%.3g  gradient %.3g\n", x, NumericalGradient(Saddle, x))
	}
	// Output:
	// [-6.11e-10 0]  gradient [-1.22e-09 0]
	// [-7.43e-10 82.8]  gradient [0 -166]
}

// Section 4.4.1: two valleys, the edge of a plateau, and a long bowl.
func Example_landscapes() {
	for _, start := range [][]float64{{-0.1, 1}, {0.1, 1}} {
		x, _ := GradientDescent(TwoValleys, start, 0.1, 100)
		fmt.Printf("two valleys  %.3f  f = %.3f\n", x[0], TwoValleys(x))
	}
	x, _ := GradientDescent(Plateau, []float64{-3, 4}, 0.1, 100)
	fmt.Printf("plateau      %.4f\n", x)
	x, _ = GradientDescent(LongBowl, []float64{-7, 2}, 0.9, 20)
	fmt.Printf("long bowl    %.4f\n", x)
	// Output:
	// two valleys  -1.030  f = -0.254
	// two valleys  0.967  f = 0.246
	// plateau      [-2.9999 3.9999]
	// long bowl    [-1.0615 0.0231]
}

// Section 4.4.2: the loss falls fastest where W moves against dW.
func ExampleSimpleNet() {
	net := NewSimpleNet()
	x, t := []float64{0.6, 0.9}, []float64{0, 0, 1}
	fmt.Printf("%.8f\n", net.Predict(x))
	fmt.Printf("%.8f\n", net.Loss(x, t))

	dW := net.Gradient(func() float64 { return net.Loss(x, t) })
	fmt.Printf("%.8f\n", mat.Formatted(dW))
	// Output:
	// [1.05414809 0.63071653 1.13280740]
	// 0.92806854
	// ⎡ 0.21924763   0.14356247  -0.36281009⎤
	// ⎣ 0.32887144   0.21534370  -0.54421514⎦
}

// Section 4.4.2: the losses of the first edition and of the published code.
func ExampleSimpleNet_PublishedLoss() {
	net := NewSimpleNet()
	x, t := []float64{0.6, 0.9}, []float64{0, 0, 1}
	fmt.Printf("%.8f\n%.8f\n", net.Loss(x, t), net.PublishedLoss(x, t))
	// Output:
	// 0.92806854
	// 0.92806829
}

// Section 4.4.2: a loss without arguments sees the array itself change, and not
// a copy.
func Example_closure() {
	net := NewSimpleNet()
	x, t := []float64{0.6, 0.9}, []float64{0, 0, 1}
	lossW := func() float64 { return net.Loss(x, t) }

	w := net.W.RawMatrix().Data // the elements of W, not a copy of them
	fmt.Printf("%.4f\n", grad.InPlace(nil, lossW, w, nil))
	fmt.Printf("%.4f\n", grad.InPlace(nil, lossW, slices.Clone(w), nil))

	dW := net.Gradient(lossW).RawMatrix().Data
	report := gradcheck.Check(lossW, []gradcheck.Param{{Name: "W", X: slices.Clone(w), Gradient: dW}}, nil)
	fmt.Println(report.Err())
	// Output:
	// [0.2192 0.1436 -0.3628 0.3289 0.2153 -0.5442]
	// [0.0000 0.0000 0.0000 0.0000 0.0000 0.0000]
	// gradcheck: no verdict: the loss does not change with any variable; does it read the very memory that is displaced?
}

// Section 4.5.1: the shapes of the parameters and of their gradients, for a
// batch of 100 images.
func Example_twoLayerNet() {
	random := rand.New(rand.NewPCG(2, 0))
	x, t := mat.NewDense(100, 784, nil), make([]int, 100)
	for i := range t {
		for j := range 784 {
			x.Set(i, j, random.Float64())
		}
		t[i] = random.IntN(10)
	}
	net := nn.NewTwoLayer(784, 50, 10, 0.01, rand.NewPCG(1, 0))
	fmt.Println(net.Predict(x).Dims())
	fmt.Printf("loss %.4f, accuracy %.2f\n", net.Loss(x, t), net.Accuracy(x, t))

	grads := nn.NewParams(784, 50, 10)
	new(perturb.Engine).Gradient(grads, net, x, t, nil) // = net.NumericalGradient(grads, x, t, nil)
	for l := range net.Layers {
		rows, cols := grads.Layers[l].W.Dims()
		fmt.Printf("W%d [%d×%d]  b%d [%d]\n", l+1, rows, cols, l+1, len(grads.Layers[l].B))
	}
	// Output:
	// 100 10
	// loss 2.3030, accuracy 0.10
	// W1 [784×50]  b1 [50]
	// W2 [50×10]  b2 [10]
}

// Section 4.5.2: the count of losses, and the gradient of a small net by the
// loop and by package perturb.
func Example_losses() {
	net := nn.NewTwoLayer(784, 50, 10, 0.01, rand.NewPCG(1, 0))
	fmt.Println(len(net.Vector), "weights,", 2*len(net.Vector), "losses")

	net = nn.NewTwoLayer(3, 4, 2, 0.01, rand.NewPCG(1, 0))
	x, t := mat.NewDense(2, 3, []float64{0.5, 0, 1, 0, 0.25, 0.75}), []int{0, 1}
	loop, engine := nn.NewParams(3, 4, 2), nn.NewParams(3, 4, 2)
	net.NumericalGradient(loop, x, t, nil)
	new(perturb.Engine).Gradient(engine, net, x, t, nil)
	fmt.Printf("%.9f\n", loop.Layers[0].W.RawRowView(2))
	fmt.Printf("%.9f\n", engine.Layers[0].W.RawRowView(2))
	// Output:
	// 39760 weights, 79520 losses
	// [0.000158781 0.000198966 0.000451751 0.000108144]
	// [0.000158781 0.000198966 0.000451751 0.000108144]
}
