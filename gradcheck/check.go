package gradcheck

import (
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

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
	// Precision is the relative error that a usual element of a right Gradient
	// may have: Float64, Float32, or a number such as 1e-3 for a solver that
	// stops early. Zero is Settings.Precision.
	Precision float64

	view *mat.Dense // what the loss reads in place of X, or nil
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

	// Losses is about how many losses a check may ask for if the gradient
	// agrees: it goes to random directions over each parameter and over all
	// together, and the rest to a sample of elements. Zero checks each element.
	Losses int

	// Words are the names of these settings in the report, for a program that
	// has other names for them. The zero value is those of this package.
	Words Words

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

	// Moved, if not nil, is told each time that elements first…end−1 of
	// parameter p are written to, so that a loss whose model keeps a copy of
	// the variables need not look for what has changed. It is not told of
	// those of a Replica.
	Moved func(p, first, end int)

	// Progress, if not nil, is called as the work proceeds, by one goroutine
	// at a time, with how much of it is done. The share tells the time left:
	// losses cost about the same at any time.
	Progress func(done, total int)
}

// Words are how a report names what its reader can change.
type Words struct {
	// Float32 asks for the precision of float32: "Precision: gradcheck.Float32",
	// "-precision float32" or "precision='float32'".
	Float32 string
	// Each asks for a check of each element: "Losses: 0", "-all" or "all=True".
	Each string
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
	if settings != nil && settings.Losses > 0 && settings.Sample == 0 {
		s := *settings
		s.Sample = SampleWithin(s.Losses, params)
		settings = &s
	}
	c := newChecker(loss, params, settings)
	defer func() {
		for _, p := range params {
			p.show()
		}
	}()
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
	if r.Fault = c.aftermath(r); r.Fault != nil {
		return r
	}
	for p := range r.Params {
		r.Params[p].Hint = c.hint(&r.Params[p], p)
	}
	return r
}
