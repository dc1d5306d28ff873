package perturb

import (
	"math"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/floats"
)

// A rung is a number of nodes at which Λ is evaluated. Between them Λ(s)/s is
// taken for the polynomial through the nodes.
type rung struct {
	// limit bounds the largest displacement, of a pre-activation or of a logit
	// beyond the label's, for which the polynomial is exact up to rounding.
	limit float64
	// at has the nodes that are positive, in units of S. For each of them there
	// is one at the other side of zero.
	at []float64
	// scale[k] is 1 / Π (at[k]² − at[i]²), over the i other than k.
	scale []float64
}

// The rungs, from the lowest limit up. The limits were measured on thousands
// of layers: four nodes are off by at most 0.0125·M⁴ of the layer's largest
// change, where M is the largest displacement.
var rungs = []rung{
	newRung(5e-4, 1, 0.5),
	newRung(0.015, chebyshev(3)...),
	newRung(0.05, chebyshev(4)...),
	newRung(0.2, chebyshev(6)...),
}

// maxTerms bounds the number of terms that a sum may be of: the odd and the even
// part of Λ, for each positive node of the highest rung.
const maxTerms = 12

func newRung(limit float64, at ...float64) rung {
	r := rung{limit: limit, at: at}
	for k := range at {
		product := 1.0
		for i := range at {
			if i != k {
				product *= (at[k] - at[i]) * (at[k] + at[i])
			}
		}
		r.scale = append(r.scale, 1/product)
	}
	return r
}

// chebyshev returns the n positive roots of the Chebyshev polynomial of degree
// 2n.
func chebyshev(n int) []float64 {
	at := make([]float64, n)
	for k := range at {
		at[k] = math.Cos(math.Pi * float64(2*k+1) / float64(4*n))
	}
	return at
}

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

// basis fills b with what the value at node k counts for at a point: Lagrange's
// polynomial in u², times u or u² for the odd or the even part of Λ.
func (r *rung) basis(b, u []float64, p fd.Point, reach float64, k int, even bool) {
	b = b[:len(u)]
	loc := p.Loc / reach
	scale := p.Coeff * r.scale[k] * (loc / r.at[k])
	for i, v := range u {
		b[i] = scale * v
	}
	if even {
		for i, v := range u {
			b[i] *= v * (loc / r.at[k])
		}
	}
	for other, node := range r.at {
		if other == k {
			continue
		}
		square := float64(node * node)
		for i, v := range u {
			s := v * loc
			b[i] *= float64(s*s) - square
		}
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
