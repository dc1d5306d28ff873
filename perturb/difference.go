package perturb

import (
	"math"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/floats"
)

// difference is a weighted sum of changes of the loss under a displaced weight.
type difference struct {
	h     float64 // the step
	reach float64 // the largest |Loc| of a point, in steps
	scale float64 // a factor of the sum

	points []fd.Point // those that are displaced
	// The same sum for a change that is an odd function of the displacement,
	// and for one that is even: points on the right alone.
	odd, even []fd.Point
}

// set takes the points of a formula. Where two points lie on opposite sides,
// their coefficients are put together.
func (d *difference) set(stencil []fd.Point, h, scale float64) {
	d.h, d.scale, d.reach = h, scale, 0
	d.points, d.odd, d.even = d.points[:0], d.odd[:0], d.even[:0]
	for _, p := range stencil {
		if p.Loc == 0 || p.Coeff == 0 {
			continue
		}
		d.points = append(d.points, p)
		d.reach = math.Max(d.reach, math.Abs(p.Loc))
		d.odd = addPoint(d.odd, math.Abs(p.Loc), math.Copysign(1, p.Loc)*p.Coeff)
		d.even = addPoint(d.even, math.Abs(p.Loc), p.Coeff)
	}
	d.odd, d.even = dropZeros(d.odd), dropZeros(d.even)
}

func addPoint(points []fd.Point, loc, coeff float64) []fd.Point {
	for i := range points {
		if points[i].Loc == loc {
			points[i].Coeff += coeff
			return points
		}
	}
	return append(points, fd.Point{Loc: loc, Coeff: coeff})
}

func dropZeros(points []fd.Point) []fd.Point {
	kept := points[:0]
	for _, p := range points {
		if p.Coeff != 0 {
			kept = append(kept, p)
		}
	}
	return kept
}

// terms returns the number of sums over the nodes of r, and with them of
// factors of an input.
func (d *difference) terms(r *rung) int {
	n := 0
	if len(d.odd) > 0 {
		n += len(r.at)
	}
	if len(d.even) > 0 {
		n += len(r.at)
	}
	return n
}

// factors fills f with what the values of a term, or of none, count for in the
// differences for the weights of inputs u, in units of the largest.
func (d *difference) factors(f, scratch, u []float64, term int, r *rung) {
	if term >= d.terms(r) {
		clear(f)
		return
	}
	k, points, even := term, d.odd, false
	switch {
	case len(d.odd) == 0:
		points, even = d.even, true
	case len(d.even) > 0:
		if k, even = term/2, term%2 == 1; even {
			points = d.even
		}
	}
	r.basis(f, u, points[0], d.reach, k, even)
	for _, p := range points[1:] {
		r.basis(scratch, u, p, d.reach, k, even)
		floats.Add(f, scratch)
	}
}

// values sets the rows of to, one for each term, to the odd and the even parts
// of Λ. lambda has a row of n numbers for each node: at[0], −at[0], at[1], …
func (d *difference) values(to [][]float64, lambda []float64, n int, r *rung) {
	half := d.scale / 2
	term := 0
	for k := range r.at {
		up, down := lambda[2*k*n:][:n], lambda[(2*k+1)*n:][:n]
		if len(d.odd) > 0 {
			for i := range n {
				to[term][i] = (up[i] - down[i]) * half
			}
			term++
		}
		if len(d.even) > 0 {
			for i := range n {
				to[term][i] = (up[i] + down[i]) * half
			}
			term++
		}
	}
}
