package grad

import (
	"fmt"
	"math"
	"runtime"

	"gonum.org/v1/gonum/diff/fd"
)

// BookStep is the step of the book (section 4.3.1), in units of x.
const BookStep = 1e-4

// The two formulas of section 4.3.1 at the book's step. [Settings] also takes any
// first-derivative formula of gonum's package fd.
var (
	// Forward is (f(x+h) − f(x)) / h. Its error is proportional to h.
	Forward = atBookStep(fd.Forward)
	// Central is (f(x+h) − f(x−h)) / 2h. Its error is proportional to h².
	Central = atBookStep(fd.Central)
)

func atBookStep(f fd.Formula) fd.Formula {
	f.Step = BookStep
	return f
}

// Settings selects the method. The zero value and a nil *Settings select the book's
// method on all cores.
type Settings struct {
	// Formula is the finite difference. The zero value is Central.
	Formula fd.Formula
	// Step is h, in units of x. Zero selects the formula's own step.
	Step float64
	// Workers is the number of goroutines of a parallel function. Zero selects
	// GOMAXPROCS. The result has the same bits for any number.
	Workers int
}

// Resolve returns s with each zero field replaced by its default. It panics if the
// formula is not for a first derivative, the step is not positive and finite, or the
// number of workers is negative.
func (s *Settings) Resolve() Settings {
	var r Settings
	if s != nil {
		r = *s
	}
	if r.Formula.Stencil == nil {
		r.Formula = Central
	}
	if r.Formula.Derivative != 1 {
		panic(fmt.Sprintf("grad: formula of derivative %d, want 1", r.Formula.Derivative))
	}
	if r.Step == 0 {
		r.Step = r.Formula.Step
	}
	if !(r.Step > 0) || math.IsInf(r.Step, 1) {
		panic(fmt.Sprintf("grad: step %v, want positive and finite", r.Step))
	}
	if r.Workers == 0 {
		r.Workers = runtime.GOMAXPROCS(0)
	}
	if r.Workers < 0 {
		panic(fmt.Sprintf("grad: %d workers, want at least one", r.Workers))
	}
	return r
}
