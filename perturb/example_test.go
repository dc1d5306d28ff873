package perturb_test

import (
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/nn"
	"numgrad/perturb"
)

func xor() (x *mat.Dense, t []int) {
	x = mat.NewDense(4, 2, []float64{
		0, 0,
		0, 1,
		1, 0,
		1, 1,
	})
	return x, []int{0, 1, 1, 0}
}

// The engine agrees with the textbook's loop, and is faster.
func ExampleEngine_Gradient() {
	x, t := xor()
	net := nn.New([]int{2, 4, 3, 2}, nn.Normal(1), rand.NewPCG(1, 0))
	slow, fast := nn.NewParams(net.Sizes()...), nn.NewParams(net.Sizes()...)
	net.NumericalGradient(slow, x, t, nil)
	var engine perturb.Engine
	engine.Gradient(fast, net, x, t, nil)
	fmt.Println("all within 1e-11:", floats.EqualApprox(slow.Vector, fast.Vector, 1e-11))
	// Output: all within 1e-11: true
}

// A change far below the last place of the loss keeps its digits.
func ExampleEngine_Changes() {
	x, t := xor()
	net := nn.NewTwoLayer(2, 4, 2, 1, rand.NewPCG(1, 0))
	var engine perturb.Engine
	changes := make([]float64, len(net.Vector))
	engine.Changes(changes, net, x, t, 1e-18)
	fmt.Printf("%.6g\n", changes[len(changes)-1])

	before := net.Loss(x, t)
	net.Vector[len(changes)-1] += 1e-18
	fmt.Println(net.Loss(x, t) - before)
	// Output:
	// 1.45311e-19
	// 0
}

func ExampleImages_Correct() {
	images := perturb.NewImages([][]byte{{0, 0}, {0, 255}, {255, 0}, {255, 255}}, 2)
	net := &nn.Net{Params: nn.NewParams(2, 3, 2)}
	net.Layers[1].B[1] = 1 // the answer is always 1
	fmt.Println(images.Correct(net, []int{0, 1, 2, 3}, []int{0, 1, 1, 0}), "of 4")
	// Output: 2 of 4
}
