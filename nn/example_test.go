package nn_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/nn"
)

// Section 4.5.1: a net for images of 784 pixels and ten digits.
func ExampleNewTwoLayer() {
	net := nn.NewTwoLayer(784, 100, 10, 0.01, rand.NewPCG(1, 0))
	for _, a := range net.Arrays() {
		fmt.Println(a.Name, a.Shape)
	}
	// Output:
	// W1 [784 100]
	// b1 [100]
	// W2 [100 10]
	// b2 [10]
}

// Section 6.2: a net with two hidden layers of ReLU units.
func ExampleNew() {
	net := nn.New([]int{784, 100, 100, 10}, nn.He, rand.NewPCG(1, 0))
	net.Activation = nn.ReLU
	fmt.Println(nn.Form(net.Sizes()), len(net.Vector), "weights")
	// Output: 784-100-100-10 89610 weights
}

// A net of zeros gives each class the same probability.
func ExampleNet_Predict() {
	net := &nn.Net{Params: nn.NewParams(3, 5, 4)}
	x := mat.NewDense(2, 3, []float64{
		1, 0.5, 0,
		0, 0.2, 0.7,
	})
	fmt.Println(mat.Formatted(net.Predict(x)))
	// Output:
	// ⎡0.25  0.25  0.25  0.25⎤
	// ⎣0.25  0.25  0.25  0.25⎦
}

// The loss of a net that gives each of ten digits the same probability is
// log 10, whatever the labels are. That is where training starts.
func ExampleNet_Loss() {
	net := nn.NewTwoLayer(784, 50, 10, 0.01, rand.NewPCG(1, 0))
	x := mat.NewDense(3, 784, nil)
	fmt.Printf("%.1f, and log 10 is %.1f\n", net.Loss(x, []int{5, 0, 4}), math.Log(10))
	// Output: 2.3, and log 10 is 2.3
}

// A net that always answers 1 is right where the label is 1.
func ExampleNet_Accuracy() {
	net := &nn.Net{Params: nn.NewParams(784, 50, 10)}
	net.Layers[1].B[1] = 1
	x := mat.NewDense(4, 784, nil)
	fmt.Println(net.Accuracy(x, []int{5, 1, 4, 1}))
	// Output: 0.5
}

// xor is the batch of the four answers to "one or the other, but not both".
func xor() (x *mat.Dense, t []int) {
	x = mat.NewDense(4, 2, []float64{
		0, 0,
		0, 1,
		1, 0,
		1, 1,
	})
	return x, []int{0, 1, 1, 0}
}

// Section 4.5.2: gradient descent, with numerical gradients only. The net
// learns exclusive or, which takes its two layers.
func ExampleNet_NumericalGradient() {
	x, t := xor()
	net := nn.NewTwoLayer(2, 4, 2, 1, rand.NewPCG(1, 0))
	gradient := nn.NewParams(net.Sizes()...)
	fmt.Printf("loss %.3f\n", net.Loss(x, t))
	for range 1000 {
		net.NumericalGradient(gradient, x, t, nil)
		floats.AddScaled(net.Vector, -1, gradient.Vector)
	}
	fmt.Printf("loss %.3f, accuracy %v\n", net.Loss(x, t), net.Accuracy(x, t))
	// Output:
	// loss 0.751
	// loss 0.006, accuracy 1
}

// Section 5.7.3: a gradient check. All elements of both gradients agree.
func ExampleNet_Gradient() {
	x, t := xor()
	net := nn.NewTwoLayer(2, 4, 2, 1, rand.NewPCG(1, 0))
	backprop, numerical := nn.NewParams(net.Sizes()...), nn.NewParams(net.Sizes()...)
	net.Gradient(backprop, x, t)
	net.NumericalGradient(numerical, x, t, nil)

	fmt.Printf("b2 by backpropagation %.6f\n", backprop.Layers[1].B)
	fmt.Printf("b2 by differences     %.6f\n", numerical.Layers[1].B)
	largest := floats.Distance(backprop.Vector, numerical.Vector, math.Inf(1))
	fmt.Println("all within 1e-9:", largest < 1e-9)
	// Output:
	// b2 by backpropagation [-0.145311 0.145311]
	// b2 by differences     [-0.145311 0.145311]
	// all within 1e-9: true
}

// Every weight has a name and a place in Vector.
func ExampleParams_Arrays() {
	p := nn.NewParams(2, 1, 2)
	copy(p.Vector, []float64{1, 2, 3, 4, 5, 6, 7})
	for _, a := range p.Arrays() {
		fmt.Println(a.Name, a.Data)
	}
	p.Layers[1].W.Set(0, 1, -5)
	fmt.Println(p.Vector)
	// Output:
	// W1 [1 2]
	// b1 [3]
	// W2 [4 5]
	// b2 [6 7]
	// [1 2 3 4 -5 6 7]
}
