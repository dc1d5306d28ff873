// Package gradcheck checks the gradient of a backward pass, written anywhere,
// with nothing but values of the loss.
//
// [Check] compares the gradient with finite differences of the loss that have
// error bars of their own. The [Report] says which elements are wrong, which
// agree, and which it cannot judge. docs/gradcheck.md describes how.
//
// The files follow the order of the work: ask.go displaces variables and asks
// the loss, estimate.go estimates derivatives, judge.go gives the verdicts,
// locate.go searches for wrong elements, explain.go finds hints, and report.go
// writes the report.
package gradcheck

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// A Param is a named part of the variables, with the gradient to check.
type Param struct {
	// Name is the parameter's name in the report, such as "W1".
	Name string
	// X is the memory that the loss reads. Check displaces its elements in place
	// and restores their bits.
	X []float64
	// Gradient [len(X)] is the result of the backward pass. Check copies it
	// before it calls the loss.
	Gradient []float64
	// Shape is the shape of an array stored by rows, for the names of elements
	// and for hints. Nil is [len(X)].
	Shape []int
	// Precision is the relative error that a usual element of a right Gradient
	// may have: Float64, Float32, or a number such as 1e-3 for a solver that
	// stops early. Zero is Settings.Precision.
	Precision float64

	// view, if not nil, is the matrix that the loss reads. copied holds X.
	view, copied *mat.Dense
}

// The relative errors of a usual element of a gradient in the two usual types:
// 64 roundings, tripled for rounding that does not show in the loss.
const (
	Float64 = 3 * roundings * 0x1p-53
	Float32 = 3 * roundings * 0x1p-24
)

const roundings = 64

// Settings are the settings of [Check]. The zero value, like a nil *Settings,
// checks each element of a float64 gradient.
type Settings struct {
	// Precision is the relative error that a usual element of a right gradient
	// may have, for each Param that does not have its own. Zero is Float64.
	Precision float64

	// Losses is about how many losses a check asks for if the gradient agrees.
	// They go to random directions, some over each parameter and some over all
	// together, and then to a sample of the elements. Each parameter gets one
	// direction at least. A wrong gradient may take two and a half times as
	// many, to name the wrong elements. Zero checks each element.
	Losses int
	// Source draws the directions and the sample. Nil is a fixed seed.
	Source rand.Source

	// Changes, if not nil, is a cheaper way to displaced losses for a check of
	// each element. It fills dst[i] with f(x + h·e_i) − f(x) for every variable
	// i, in the order of the parameters, for h of either sign. The changes must
	// be right relative to their own size, and not only to the size of f. A few
	// are compared with the loss.
	Changes func(dst []float64, h float64)

	// Progress, if not nil, is called after each loss with the number of losses
	// so far and the expected total.
	Progress func(done, total int)

	// Words are the names of these settings in the report, for a program that
	// has other names for them. The zero value has the names of this package.
	Words Words
}

// Words are the report's names of the settings that its reader may change.
type Words struct {
	// Precision sets a precision of 1e-5: "Precision: 1e-5", "-precision 1e-5"
	// or "precision=1e-5".
	Precision string
	// Each asks for a check of each element: "Losses: 0", "-all" or "all=True".
	Each string
}

// Check compares the gradient of params with differences of the loss, and
// reports for each checked element and direction whether the two agree. There
// is no tolerance to choose: docs/gradcheck.md describes the error bars.
//
// The loss takes no arguments: it reads the variables in the memory of params.
// It may return NaN where it fails, as outside of its domain. A loss that
// cannot be checked, because it is random, changes the variables, is not finite
// or does not depend on them, is named as the report's Fault.
//
// Check panics if there is no element to check, or if lengths and shapes
// disagree.
func Check(loss func() float64, params []Param, settings *Settings) *Report {
	c := newChecker(loss, params, settings)
	defer func() {
		c.goTo(c.given)
		for _, p := range params {
			if p.view != nil {
				p.view.Copy(p.copied)
			}
		}
	}()
	r := c.report
	if r.Fault = c.diagnose(); r.Fault == nil {
		c.estimate()
		c.judgeAll()
		c.locate()
		r.Fault = c.aftermath()
	}
	if r.Fault == nil {
		c.explain()
	}
	r.Asked = c.asked
	return r
}

// checker is the state of one Check. Each step reads the results of the steps
// before.
type checker struct {
	Settings
	box
	changes changes
	params  []param
	joint   []*target // directions over all parameters
	step    float64   // for directions, as a share of their unit
	largest float64   // product of a derivative and the variable's typical size
	random  *rand.Rand
	report  *Report
}

// param is a parameter with the results for it.
type param struct {
	*ParamReport
	gradient   []float64 // a copy
	precision  float64
	elements   []*target
	checked    map[int]bool // indices of elements
	directions []*target
	step       float64 // for its elements, as a share of their unit
	usual      float64 // the root mean square of the derivatives
	elsewhere  float64 // the largest such value at smaller variables
}

func newChecker(loss func() float64, list []Param, settings *Settings) *checker {
	c := &checker{}
	if settings != nil {
		c.Settings = *settings
	}
	if c.Source == nil {
		c.Source = rand.NewPCG(1, 2)
	}
	if c.Words == (Words{}) {
		c.Words = Words{Precision: "Precision: 1e-5", Each: "Losses: 0"}
	}
	c.random = rand.New(c.Source)
	c.report = &Report{Loss: math.NaN(), Words: c.Words, Params: make([]ParamReport, len(list))}
	var x [][]float64
	elements := 0
	for p, l := range list {
		if l.Shape == nil {
			l.Shape = []int{len(l.X)}
		}
		size := 1
		for _, n := range l.Shape {
			size *= n
		}
		if len(l.X) != size || len(l.Gradient) != size {
			panic(fmt.Sprintf("gradcheck: Check of %s with %d elements, a gradient of %d and shape %v", l.Name, len(l.X), len(l.Gradient), l.Shape))
		}
		elements += size
		x = append(x, l.X)
		c.report.Params[p] = ParamReport{Name: l.Name, Shape: l.Shape, Size: size}
		c.params = append(c.params, param{
			ParamReport: &c.report.Params[p],
			gradient:    slices.Clone(l.Gradient),
			precision:   cmp.Or(l.Precision, c.Precision, Float64),
			checked:     map[int]bool{},
		})
	}
	if elements == 0 {
		panic("gradcheck: Check of no elements")
	}
	total := cmp.Or(c.Losses, elements*elementLosses)
	c.box = newBox(throughViews(loss, list), x, func(asked int) {
		if c.Progress != nil {
			c.Progress(asked, max(asked, total))
		}
	})
	return c
}

// Dense returns the parameter in x [r×c] with its gradient [r×c]. Either may be
// a part of a larger matrix, with gaps between its rows: the loss reads x.
//
// Dense panics if the two differ in shape.
func Dense(name string, x, gradient *mat.Dense) Param {
	rows, cols := x.Dims()
	if r, c := gradient.Dims(); r != rows || c != cols {
		panic(mat.ErrShape)
	}
	p := Param{Name: name, Gradient: mat.DenseCopyOf(gradient).RawMatrix().Data, Shape: []int{rows, cols}}
	if raw := x.RawMatrix(); raw.Stride == cols {
		p.X = raw.Data[:rows*cols]
	} else {
		p.view, p.copied = x, mat.DenseCopyOf(x)
		p.X = p.copied.RawMatrix().Data
	}
	return p
}

// throughViews returns the loss as a function of the X of params, if it reads
// matrices with gaps between their rows.
func throughViews(loss func() float64, params []Param) func() float64 {
	return func() float64 {
		for _, p := range params {
			if p.view != nil {
				p.view.Copy(p.copied)
				defer p.copied.Copy(p.view)
			}
		}
		return loss()
	}
}
