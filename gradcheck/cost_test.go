package gradcheck_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"numgrad/gradcheck"
)

// A check takes about the losses that its sample was chosen for, and the
// progress that it reports is the share of them.
func TestSampleWithin(t *testing.T) {
	const budget = 33000
	for _, arrays := range []int{1, 4, 60, 161, 400} {
		random := rand.New(rand.NewPCG(1, 1))
		asked := 0
		var params []gradcheck.Param
		for p := range arrays {
			param := gradcheck.Param{Name: fmt.Sprint("p", p), X: make([]float64, 32), Gradient: make([]float64, 32)}
			if p%2 == 0 {
				n := 4400/arrays + 40
				param.X, param.Gradient = make([]float64, n), make([]float64, n)
			}
			for i := range param.X {
				param.X[i] = random.NormFloat64()
				param.Gradient[i] = 1
			}
			params = append(params, param)
		}
		// The loss is the sum of all variables. One that changes has the
		// others' sum already.
		sums := make([]float64, arrays)
		sum := func(p int) (sum float64) {
			for _, v := range params[p].X {
				sum += v
			}
			return sum
		}
		for p := range sums {
			sums[p] = sum(p)
		}
		loss := func() float64 {
			asked++
			total := 0.0
			for _, v := range sums {
				total += v
			}
			return total
		}
		type report struct{ share, asked float64 }
		var reports []report
		settings := &gradcheck.Settings{
			Sample: gradcheck.SampleWithin(budget, params),
			Moved:  func(p, _, _ int) { sums[p] = sum(p) },
			Progress: func(done, total int) {
				reports = append(reports, report{float64(done) / float64(total), float64(asked)})
			},
		}
		r := gradcheck.Check(loss, params, settings)
		if err := r.Err(); err != nil {
			t.Errorf("%d arrays: %v", arrays, err)
		}
		if asked < budget*9/10 || asked > budget*11/10 {
			t.Errorf("%d arrays, %d of each: %d losses, want about %d", arrays, settings.Sample, asked, budget)
		}
		for _, r := range reports {
			if share := r.asked / float64(asked); r.share < share-0.03 || r.share > share+0.03 {
				t.Errorf("%d arrays: %.0f %% done after %.0f %% of the losses", arrays, 100*r.share, 100*share)
				break
			}
		}
		t.Logf("%d arrays, %d of each: %d losses", arrays, settings.Sample, asked)
	}
}

// What is small is checked as a whole, and at least one element is.
func TestSampleWithinBounds(t *testing.T) {
	of := func(sizes ...int) []gradcheck.Param {
		var params []gradcheck.Param
		for _, n := range sizes {
			params = append(params, gradcheck.Param{X: make([]float64, n)})
		}
		return params
	}
	for _, test := range []struct {
		params []gradcheck.Param
		want   int
	}{
		{of(5, 10, 900), 0},
		{of(0), 0},
		{of(make([]int, 50)...), 0},
		{of(1200), 987},
		{of(10, 2000, 100), 869},
		{of(3000, 10, 2000, 100), 428},
		{of(slices.Repeat([]int{2}, 3000)...), 1},
	} {
		if got := gradcheck.SampleWithin(16000, test.params); got != test.want {
			t.Errorf("%d parameters: %d, want %d", len(test.params), got, test.want)
		}
	}
}
