package gradcheck

import (
	"fmt"
	"math/rand/v2"
)

// checker is one Check at work.
type checker struct {
	Settings
	box      *blackBox
	names    []Param
	gradient [][]float64 // copies
	chosen   [][]int     // the elements of each parameter to check
	random   *rand.Rand
	typical  []typical // of the elements of each parameter
	changes  *changes  // nil, or what is asked in place of the boxes
	boxes    []prober  // the workers' black boxes
	progress *progress
	effort   effort
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
	elements, sampled := 0, 0
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
		if len(c.chosen[p]) < len(param.X) {
			sampled++
		}
	}
	if elements == 0 {
		panic("gradcheck: Check of no elements")
	}
	c.typical = make([]typical, len(params))
	c.box = newBlackBox(throughViews(loss, params), x, c.Precision)
	c.box.moved = c.Moved
	if c.Changes != nil {
		c.changes = newChanges(c.Changes, c.box)
	}
	c.effort = effortFor(len(params), sampled)
	c.box.looks = c.effort.looks
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
