package gradcheck

import (
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"

	"numgrad/grad"
)

// A Param is a named part of the variables, with the gradient to check.
type Param struct {
	// Name stands for it in the report, such as "W1".
	Name string
	// X is the memory that the loss reads: its elements are displaced in
	// place, and have their old bits afterwards.
	X []float64
	// Gradient [len(X)] is what the backward pass says. It is copied before
	// the loss is first called.
	Gradient []float64
	// Shape is that of an array stored by rows, for the names of elements
	// and for hints. Nil is [len(X)].
	Shape []int
}

// The unit round-off of the two usual precisions.
const (
	Float64 = 0x1p-53
	Float32 = 0x1p-24
)

// Settings say how [Check] works. The zero value, like a nil
// *Settings, checks each element of a float64 gradient.
type Settings struct {
	// Precision is the unit round-off of the backward pass. Zero is Float64.
	Precision float64

	// Fixed, if not nil, has the derivatives estimated by this formula at
	// this step and not by extrapolation: the book's way is new(grad.Settings).
	Fixed *grad.Settings

	// Sample is how many elements of each parameter are drawn and checked.
	// Of a parameter that has more, random directions over all elements are
	// checked as well. Zero checks each element.
	Sample int
	// Source draws the sample and the directions. Nil is a fixed seed.
	Source rand.Source

	// Changes, if not nil, is a cheaper way to displaced losses: it fills
	// dst[i] with f(x + h·e_i) − f(x) for every variable i, those of the
	// first parameter first, for h of either sign. The changes must be right
	// relative to their own size, and not only to that of f. A few are
	// compared with the loss itself.
	Changes func(dst []float64, h float64)

	// Replica, if not nil, makes a loss and variables for one more worker,
	// as for [grad.Parallel]; x[p] stands for the X of parameter p. It has no use
	// beside Changes.
	Replica func() (loss func() float64, x [][]float64)
	// Workers is how many goroutines share the work if there is a Replica.
	// Zero is one for each core. The report is the same whatever it is.
	Workers int

	// Progress, if not nil, is called after each element and each direction,
	// by one goroutine at a time, with how many are done of how many there
	// are.
	Progress func(done, total int)
}

// Check compares the gradient of params with differences of the loss, each
// with an error bar of its own, and reports for each element whether the two
// agree. There is no tolerance to choose: docs/gradcheck.md says how the bars
// come about.
//
// The loss reads the variables by itself, and is asked with one of them
// displaced at a time. One that cannot be checked, because it answers
// differently when asked twice, changes the variables, is not finite, or does
// not depend on them, is named as the report's Fault.
//
// Check panics if there is nothing to check, or lengths and shapes disagree.
func Check(loss func() float64, params []Param, settings *Settings) *Report {
	c := newChecker(loss, params, settings)
	r := &Report{Params: make([]ParamReport, len(params))}
	for p, param := range params {
		r.Params[p] = ParamReport{Name: param.Name, Shape: param.Shape, Size: len(param.X)}
		if param.Shape == nil {
			r.Params[p].Shape = []int{len(param.X)}
		}
	}
	if r.Loss, r.Fault = c.diagnose(); r.Fault != nil {
		return r
	}
	if r.Fault = c.checkChanges(); r.Fault != nil {
		return r
	}

	c.checkElements(r)
	for p := range r.Params {
		if len(c.chosen[p]) < len(c.gradient[p]) {
			c.checkDirections(&r.Params[p], p)
		}
	}
	for p := range r.Params {
		r.Params[p].summarize()
	}
	r.Fault = c.aftermath(r)
	return r
}

// checker is one Check at work.
type checker struct {
	Settings
	box      *blackBox
	names    []Param
	gradient [][]float64 // copies
	chosen   [][]int     // the elements of each parameter to check
	random   *rand.Rand
	changes  *changes    // nil, or what is asked in place of the boxes
	boxes    []*blackBox // of the workers
	progress *progress
}

func newChecker(loss func() float64, params []Param, settings *Settings) *checker {
	c := &checker{names: params}
	if settings != nil {
		c.Settings = *settings
	}
	if c.Precision == 0 {
		c.Precision = Float64
	}
	if c.Source == nil {
		c.Source = rand.NewPCG(1, 2)
	}
	if c.Fixed != nil {
		resolved := c.Fixed.Resolve()
		c.Fixed = &resolved
	}
	c.random = rand.New(c.Source)
	x := make([][]float64, len(params))
	elements := 0
	for p, param := range params {
		if len(param.X) != len(param.Gradient) {
			panic(fmt.Sprintf("gradcheck: Check of %s with %d elements and a gradient of %d", param.Name, len(param.X), len(param.Gradient)))
		}
		if param.Shape != nil && product(param.Shape) != len(param.X) {
			panic(fmt.Sprintf("gradcheck: Check of %s with %d elements and shape %v", param.Name, len(param.X), param.Shape))
		}
		elements += len(param.X)
		x[p] = param.X
		c.gradient = append(c.gradient, append([]float64(nil), param.Gradient...))
		c.chosen = append(c.chosen, c.choose(len(param.X)))
	}
	if elements == 0 {
		panic("gradcheck: Check of no elements")
	}
	c.box = newBlackBox(loss, x)
	if c.Changes != nil {
		c.changes = newChanges(c.Changes, c.box)
	}
	c.progress = c.newProgress()
	return c
}

func product(shape []int) int {
	n := 1
	for _, size := range shape {
		n *= size
	}
	return n
}

// choose returns the indices to check of a parameter of n elements, in order.
func (c *checker) choose(n int) []int {
	size := n
	if c.Sample > 0 {
		size = min(n, c.Sample)
	}
	chosen := make([]int, 0, size)
	for i := range n { // each of the n−i left is needed with the same chance
		if c.random.IntN(n-i) < size-len(chosen) {
			chosen = append(chosen, i)
		}
	}
	return chosen
}

// sameBits tells whether the variables still are what they were.
func (b *blackBox) sameBits() bool {
	for p := range b.x {
		if !floats.Same(b.x[p], b.saved[p]) {
			return false
		}
	}
	return true
}
