package gradcheck_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"numgrad/gradcheck"
)

// A loss in float32 has kinks nearer than its first steps, and noise that hides
// the derivative at small ones. What can be told in between is.
func TestFloat32LossWithKinks(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 3))
	x, slope, kink := make([]float64, 40), make([]float64, 40), make([]float64, 40)
	for i := range x {
		x[i] = float64(float32(random.NormFloat64()))
		slope[i] = 0.1 * random.NormFloat64()
		kink[i] = x[i] + math.Copysign(0.01+0.04*random.Float64(), random.NormFloat64())
	}
	loss := func() float64 {
		sum := 0.0
		for i, v := range x {
			sum += slope[i]*v + slope[i]/50*math.Abs(v-kink[i])
		}
		return float64(float32(sum))
	}
	gradient := make([]float64, len(x))
	for i, v := range x {
		gradient[i] = slope[i] * (1 + math.Copysign(1./50, v-kink[i]))
	}
	r := gradcheck.Check(loss, []gradcheck.Param{{Name: "x", X: x, Gradient: gradient}}, &gradcheck.Settings{Precision: gradcheck.Float32})
	if p := &r.Params[0]; r.Err() != nil || p.Agree < 36 || p.Visible > 0.1 {
		t.Errorf("%v", r)
	}
}
