package perturb_test

import (
	"math/rand/v2"
	"slices"
	"sort"
	"testing"
	"time"

	"gonum.org/v1/gonum/mat"

	"numgrad/grad"
	"numgrad/nn"
	"numgrad/perturb"
)

// One limit is the least that suffices, whatever the number of workers, and
// with it the gradient is that of Gradient. It is no less than the changes and
// products behind the displaced units.
func TestGradientWithin(t *testing.T) {
	for _, test := range []struct {
		act     nn.Activation
		step    float64 // 9: each input is displaced by itself
		sizes   []int
		atLeast int // for a row
	}{
		{nn.Sigmoid, 1e-4, []int{6, 5, 4, 4}, 5*4*(4*4+4*3) + 4*4*3},
		{nn.Sigmoid, 1e-4, []int{6, 5, 4}, 5 * 4 * 3},
		{nn.Sigmoid, 9, []int{6, 5, 4, 4}, 7*5*2*(4*4+4*3) + 6*4*2*3},
		{nn.Sigmoid, 9, []int{6, 4}, 7 * 4 * 2},
		{nn.ReLU, 9, []int{6, 5, 4, 4}, 7*5*2*(4*4+4*3) + 4*2*3},
	} {
		s := newSample(rand.New(rand.NewPCG(11, 1)), test.act, 1, 6, normal, test.sizes...)
		settings := grad.Settings{Step: test.step, Workers: 1}
		want := toBits(s.engine(&settings).Vector)
		var e perturb.Engine
		dst := nn.NewParams(test.sizes...)
		e.Gradient(dst, s.net, mat.NewDense(6, 6, nil), s.t, &settings) // what it keeps has other sizes
		suffices := func(limit int) bool { return e.GradientWithin(int64(limit), dst, s.net, s.x, s.t, &settings) }
		if suffices(1) {
			t.Errorf("%v %s, step %v: one multiplication suffices", test.sizes, test.act, test.step)
		}
		e.Gradient(dst, s.net, s.x, s.t, &settings) // without a limit again
		if !slices.Equal(toBits(dst.Vector), want) {
			t.Errorf("%v %s, step %v: after a limit that did not suffice, the gradient is another", test.sizes, test.act, test.step)
		}
		least := sort.Search(1<<30, func(limit int) bool { return limit > 0 && suffices(limit) })
		if least < 6*test.atLeast {
			t.Errorf("%v %s, step %v: %d suffice, want at least %d", test.sizes, test.act, test.step, least, 6*test.atLeast)
		}
		for settings.Workers = range 4 {
			if suffices(least-1) || !suffices(least) || !slices.Equal(toBits(dst.Vector), want) {
				t.Errorf("%v %s, step %v, %d workers: %d is not the least that suffices, or the gradient is another",
					test.sizes, test.act, test.step, settings.Workers, least)
			}
		}
	}
}

// A limit ends what would take minutes: the nodes of a deep net, and inputs
// that are displaced one by one.
func TestGradientWithinEnds(t *testing.T) {
	x, labels := images(t, 100)
	for _, test := range []struct {
		name   string
		act    nn.Activation
		hidden int
		limit  int64
	}{
		{"deep", nn.Sigmoid, 8, 1e8},
		{"each unit at its kink", nn.ReLU, 3, 5e9}, // which its nodes do not take
	} {
		sizes := slices.Concat([]int{784}, slices.Repeat([]int{300}, test.hidden), []int{10})
		net := &nn.Net{Params: nn.NewParams(sizes...), Activation: test.act}
		for _, l := range net.Layers[1:] {
			for i := range l.W.RawMatrix().Data {
				l.W.RawMatrix().Data[i] = 1. / 300
			}
		}
		dst, begin := nn.NewParams(sizes...), time.Now()
		if new(perturb.Engine).GradientWithin(test.limit, dst, net, x, labels, nil) {
			t.Errorf("%s: the limit suffices", test.name)
		}
		if took := time.Since(begin); took > time.Minute {
			t.Errorf("%s: it took %v to end", test.name, took)
		} else {
			t.Logf("%s: %v", test.name, took)
		}
	}
}
