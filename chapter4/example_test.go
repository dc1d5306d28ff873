package chapter4

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"

	"numgrad/dataset"
	"numgrad/grad"
	"numgrad/gradcheck"
	"numgrad/loss"
	"numgrad/nn"
	"numgrad/perturb"
)

// Section 4.2.1: the net says 2, and the label is 2.
func ExampleSumSquaredError() {
	y := []float64{0.1, 0.05, 0.6, 0, 0.05, 0.1, 0, 0.1, 0, 0}
	t := []float64{0, 0, 1, 0, 0, 0, 0, 0, 0, 0}
	fmt.Printf("%.17g\n", SumSquaredError(y, t))
	// Output: 0.097500000000000031
}

// Section 4.2.2: the net says 7, and the label is 2.
func ExampleCrossEntropyError() {
	y := []float64{0.1, 0.05, 0.1, 0, 0.05, 0.1, 0, 0.6, 0, 0}
	t := []float64{0, 0, 1, 0, 0, 0, 0, 0, 0, 0}
	fmt.Printf("%.13f\n", CrossEntropyError(y, t))
	// Output: 2.3025840929945
}

// Section 4.3.2: the true slopes are 0.2 and 0.3.
func ExampleNumericalDiff() {
	fmt.Println(NumericalDiff(Function1, 5))
	fmt.Println(NumericalDiff(Function1, 10))
	// Output:
	// 0.1999999999990898
	// 0.2999999999986347
}

// Section 4.3.1: 5 + 10e-50 is 5, and float32 does not even have 1e-50.
func ExampleBadNumericalDiff() {
	h := 1e-50
	fmt.Println(float32(h))
	fmt.Println(BadNumericalDiff(Function1, 5))
	// Output:
	// 0
	// 0
}

// Figure 4-7: the tangents at 5 and at 10, at the left edge, where they touch,
// and at the right edge.
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
	for _, x := range [][]float64{{3, 4}, {0, 2}, {3, 0}} {
		fmt.Println(NumericalGradient(Function2, x))
	}
	// Output:
	// [6.00000000000378 7.999999999999119]
	// [0 4.000000000004]
	// [6.000000000012662 0]
}

// Section 4.4.1: a rate that fits, one too large, and one too small.
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

// The loss of the first edition, and of the code as published today.
func ExampleSimpleNet_PublishedLoss() {
	net := NewSimpleNet()
	x, t := []float64{0.6, 0.9}, []float64{0, 0, 1}
	fmt.Printf("%.8f\n%.8f\n", net.Loss(x, t), net.PublishedLoss(x, t))
	// Output:
	// 0.92806854
	// 0.92806829
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

// Section 4.2.3: which images 600 mini-batches of 100 do not show.
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

// Section 4.2.4: labels in place of one-hot rows, for the answers of onehot.py.
func Example_labels() {
	y := mat.NewDense(2, 3, []float64{
		0.1, 0.2, 0.7,
		0.6, 0.3, 0.1,
	})
	fmt.Printf("%.7f\n", loss.CrossEntropyError(y, []int{2, 0}))
	// Output: 0.4337501
}

// Section 4.4.2: a loss without arguments sees what is displaced in place, and
// not what is displaced in a copy.
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
	// gradcheck: no verdict: the loss does not change with any variable, however far they are moved; does it read the very memory that is displaced?
}

// Section 4.5.2: how many losses the loop asks for, and on a small net that
// package perturb gives what it gives.
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
