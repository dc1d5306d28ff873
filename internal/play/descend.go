package play

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"

	"numgrad/chapter4"
	"numgrad/grad"
)

// landscape is a function of two variables with the square of its map.
type landscape struct {
	f    func(x []float64) float64
	edge float64 // the map goes from −edge to edge
}

// landscapes are the functions of section 4.4.1, by the page's names.
var landscapes = map[string]landscape{
	"bowl":    {chapter4.Function2, 4},
	"long":    {chapter4.LongBowl, 8},
	"saddle":  {chapter4.Saddle, 4},
	"valleys": {chapter4.TwoValleys, 2},
	"plateau": {chapter4.Plateau, 4},
}

// heights is the map of a function.
type heights struct {
	Edge  float64 `json:"edge"`  // the map goes from −Edge to Edge
	Bands []byte  `json:"bands"` // mapSize rows from the top: 0 is low, 240 high, in steps of 12
}

const mapSize = 161

// heightMap returns the map of the named function.
func heightMap(name string) (heights, error) {
	l, ok := landscapes[name]
	if !ok {
		return heights{}, fmt.Errorf("there is no function %q", name)
	}
	var values []float64
	side := floats.Span(make([]float64, mapSize), -l.edge, l.edge)
	for row := range side {
		for _, x := range side {
			values = append(values, l.f([]float64{x, -side[row]}))
		}
	}
	low, high := floats.Min(values), floats.Max(values)
	m := heights{Edge: l.edge}
	for _, v := range values {
		m.Bands = append(m.Bands, byte(12*math.Round(20*math.Sqrt((v-low)/(high-low))))) // the root spreads the bands of a bowl evenly
	}
	return m, nil
}

// descent is the current place of a gradient descent.
type descent struct {
	landscape
	x, gradient []float64
	h           float64 // step of the differences in gradient
	evaluations int     // number of evaluations of f for gradients
}

// path describes some steps of a gradient descent.
type path struct {
	Points      [][2]float64 `json:"points"`    // after each step, the latest last
	Gradients   [][2]float64 `json:"gradients"` // at each of Points
	Value       float64      `json:"value"`     // f at the latest point
	Evaluations int          `json:"evaluations"`
	Rounded     bool         `json:"rounded"` // x ± h = x for both variables, so the gradient is zero
	Still       bool         `json:"still"`   // the last step was shorter than 1e-6
	Away        bool         `json:"away"`    // the latest point is far outside the map
}

// place starts a descent on the named function at (x, y).
func (s *Session) place(name string, x, y, h float64) (p path, err error) {
	l, ok := landscapes[name]
	if !ok {
		return p, fmt.Errorf("there is no function %q", name)
	}
	if err := checkStep(h); err != nil {
		return p, err
	}
	s.descent = descent{landscape: l, x: []float64{x, y}}
	s.descent.differentiate(h)
	s.descent.record(&p, math.Inf(1))
	return p, nil
}

// descend takes steps of size lr against the gradient; a negative lr ascends. It
// stops where the point is far outside the map.
func (s *Session) descend(lr, h float64, steps int) (p path, err error) {
	d := &s.descent
	if d.f == nil {
		return p, errors.New("the descent has no start")
	}
	if err := checkStep(h); err != nil {
		return p, err
	}
	if h != d.h {
		d.differentiate(h)
	}
	for range steps {
		length := math.Abs(lr) * math.Hypot(d.gradient[0], d.gradient[1])
		for i, g := range d.gradient {
			d.x[i] -= lr * g
		}
		d.differentiate(h)
		if d.record(&p, length); p.Away {
			break
		}
	}
	return p, nil
}

// differentiate computes the gradient at x.
func (d *descent) differentiate(h float64) {
	f := func(x []float64) float64 {
		d.evaluations++
		return d.f(x)
	}
	d.gradient, d.h = grad.Gradient(d.gradient, f, d.x, &grad.Settings{Step: h}), h
}

// record adds the current place, after a step of the given length.
func (d *descent) record(p *path, length float64) {
	p.Points = append(p.Points, [2]float64(d.x))
	p.Gradients = append(p.Gradients, [2]float64(d.gradient))
	p.Value, p.Evaluations = d.f(d.x), d.evaluations
	p.Rounded = d.x[0]+d.h == d.x[0] && d.x[1]+d.h == d.x[1]
	p.Still = length < 1e-6
	p.Away = math.Hypot(d.x[0], d.x[1]) > 100*d.edge
}
