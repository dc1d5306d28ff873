package play

import (
	"math"
	"slices"
	"testing"
)

func descend(t *testing.T, function string, x, y, lr, h float64, steps int) (start, path path) {
	t.Helper()
	s := New()
	start, err := s.place(function, x, y, h)
	if err != nil {
		t.Fatal(err)
	}
	path, err = s.descend(lr, h, steps)
	if err != nil {
		t.Fatal(err)
	}
	return start, path
}

func near(a, b, tolerance float64) bool { return math.Abs(a-b) <= tolerance }

// Each step on the bowl multiplies both coordinates by 1 − 2η, and the gradient
// is (2x, 2y).
func TestDescendBowl(t *testing.T) {
	start, path := descend(t, "bowl", 3, -2, 0.1, 1e-4, 10)
	if g := start.Gradients[0]; !near(g[0], 6, 1e-9) || !near(g[1], -4, 1e-9) || start.Evaluations != 4 || start.Still {
		t.Errorf("at the start: %+v", start)
	}
	for k, p := range path.Points {
		factor := math.Pow(0.8, float64(k+1))
		if !near(p[0], 3*factor, 1e-9) || !near(p[1], -2*factor, 1e-9) || !near(path.Gradients[k][0], 6*factor, 1e-9) {
			t.Errorf("after step %d: %v, gradient %v, want a factor of %v", k+1, p, path.Gradients[k], factor)
		}
	}
	if len(path.Points) != 10 || path.Evaluations != 44 || path.Still || path.Away {
		t.Errorf("%d points, %d evaluations, still %v, away %v", len(path.Points), path.Evaluations, path.Still, path.Away)
	}
}

func TestDescendOutcomes(t *testing.T) {
	for _, test := range []struct {
		name                 string
		function             string
		x, y, lr, h          float64
		away, still, rounded bool
		end                  [2]float64 // unless away
	}{
		{"a large step flies off", "long", -3, 2, 1.1, 1e-4, true, false, false, [2]float64{}},
		{"a small step hardly moves", "bowl", 3, 0, 1e-5, 1e-4, false, false, false, [2]float64{2.988, 0}},
		{"the ridge leads to the saddle", "saddle", -3, 0, 0.1, 1e-4, false, true, false, [2]float64{0, 0}},
		{"beside the ridge it does not", "saddle", -3, 1e-6, 0.1, 1e-4, true, false, false, [2]float64{}},
		{"ascent climbs", "plateau", 1, 1, -0.5, 1e-4, false, false, false, [2]float64{}},
		{"the plateau holds", "plateau", 4, 4, 0.1, 1e-4, false, true, false, [2]float64{4, 4}},
		{"one valley", "valleys", -1.5, 1.5, 0.1, 1e-4, false, true, false, [2]float64{-1.0298, 0}},
		{"the other", "valleys", 1.5, 1.5, 0.1, 1e-4, false, true, false, [2]float64{0.9666, 0}},
		{"too small an h finds zero", "bowl", 3, 2, 0.1, 1e-50, false, true, true, [2]float64{3, 2}},
	} {
		_, path := descend(t, test.function, test.x, test.y, test.lr, test.h, 200)
		end := path.Points[len(path.Points)-1]
		if path.Away != test.away || path.Still != test.still || path.Rounded != test.rounded {
			t.Errorf("%s: away %v, still %v, rounded %v at %v", test.name, path.Away, path.Still, path.Rounded, end)
		}
		if test.end != [2]float64{} && (!near(end[0], test.end[0], 1e-3) || !near(end[1], test.end[1], 1e-3)) {
			t.Errorf("%s: it ends at %v, want %v", test.name, end, test.end)
		}
		if test.name == "ascent climbs" && path.Value < 0.9 {
			t.Errorf("ascent ends at %v, f = %v", end, path.Value)
		}
	}
}

// The map is lowest at the minimum and highest at the corners of the bowl.
func TestMap(t *testing.T) {
	m, err := heightMap("bowl")
	if err != nil || m.Edge != 4 || len(m.Bands) != 161*161 {
		t.Fatalf("%d points to %v, %v", len(m.Bands), m.Edge, err)
	}
	if middle := m.Bands[80*161+80]; middle != 0 || m.Bands[0] != 240 || slices.Max(m.Bands) != 240 {
		t.Errorf("middle %d, corner %d", middle, m.Bands[0])
	}
}
