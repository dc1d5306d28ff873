package perturb

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/diff/fd"

	"numgrad/internal/kernel"
)

// A nodeSet holds nodes at which Λ is evaluated. The polynomial through the nodes
// interpolates Λ(s)/s.
type nodeSet struct {
	// limit is the largest displacement, of a pre-activation or of a logit relative
	// to the label's, for which the polynomial is exact up to rounding.
	limit float64
	// at holds the positive nodes, in units of S. The nodes −at belong to the set, too.
	at []float64
	// scale[k] is 1 / Π (at[k]² − at[i]²), over the i other than k.
	scale []float64
}

// The sets in the order of their limits, which were measured on thousands of layers.
// The error of four nodes is at most 0.0125·M⁴ of the layer's largest change, where M
// is the largest displacement.
var nodeSets = []nodeSet{
	newNodeSet(kernel.Tiny, 1, 0.5),
	newNodeSet(0.015, chebyshev(3)...),
	newNodeSet(0.05, chebyshev(4)...),
	newNodeSet(0.2, chebyshev(6)...),
}

// maxTerms is the largest number of terms of a sum: the odd and the even part of Λ
// for each positive node of the largest set.
const maxTerms = 12

func newNodeSet(limit float64, at ...float64) nodeSet {
	s := nodeSet{limit: limit, at: at}
	for k := range at {
		product := 1.0
		for i := range at {
			if i != k {
				product *= (at[k] - at[i]) * (at[k] + at[i])
			}
		}
		s.scale = append(s.scale, 1/product)
	}
	return s
}

// chebyshev returns the n positive roots of the Chebyshev polynomial of degree 2n.
func chebyshev(n int) []float64 {
	at := make([]float64, n)
	for k := range at {
		at[k] = math.Cos(math.Pi * float64(2*k+1) / float64(4*n))
	}
	return at
}

// node returns node i of the set: at[0], −at[0], at[1], …
func (s *nodeSet) node(i int) float64 {
	if i%2 == 1 {
		return -s.at[i/2]
	}
	return s.at[i/2]
}

// difference is a weighted sum of changes of the loss under a displaced weight.
type difference struct {
	h     float64 // the step
	reach float64 // largest |Loc| of a point, in units of h
	scale float64 // factor of the sum

	points []fd.Point // points with nonzero Loc and Coeff
	// Equivalent points with Loc > 0 for an odd and for an even function of the
	// displacement.
	odd, even []fd.Point
}

// set sets d to scale times the formula with the given points and step.
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
	cancelled := func(p fd.Point) bool { return p.Coeff == 0 }
	d.odd, d.even = slices.DeleteFunc(d.odd, cancelled), slices.DeleteFunc(d.even, cancelled)
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

// terms returns the number of terms of a sum over the nodes of s.
func (d *difference) terms(s *nodeSet) int {
	n := 0
	if len(d.odd) > 0 {
		n += len(s.at)
	}
	if len(d.even) > 0 {
		n += len(s.at)
	}
	return n
}

// factors fills f [2×len(entries)] with the factors of the terms 2·pair and
// 2·pair + 1 for each entry. A factor is the sum of the Lagrange basis polynomial of
// the term's node over the points of the formula. unit is 1/max|input|.
func (d *difference) factors(f []float64, entries []kernel.Entry, unit float64, s *nodeSet, pair int) {
	n := len(entries)
	if len(d.even) == 0 && len(d.odd) == 1 && len(s.at) == 2 { // the usual case, in one loop
		far, near := s.at[0]*s.at[0], s.at[1]*s.at[1]
		loc := d.odd[0].Loc / d.reach
		a := d.odd[0].Coeff * s.scale[0] * (loc / s.at[0])
		b := d.odd[0].Coeff * s.scale[1] * (loc / s.at[1])
		f, g := f[:n], f[n:][:n]
		for i, e := range entries {
			u := e.Value * unit
			square := float64((u * loc) * (u * loc))
			f[i], g[i] = a*u*(square-near), b*u*(square-far)
		}
		return
	}
	clear(f)
	for i := range 2 {
		term := 2*pair + i
		if term >= d.terms(s) {
			break
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
		for _, p := range points {
			s.addBasis(f[i*n:][:n], entries, unit, p, p.Loc/d.reach, k, even)
		}
	}
}

// addBasis adds p.Coeff times the Lagrange basis polynomial of node k to f. Its
// argument is loc times the entry's value u in units of the largest. It is a
// polynomial in u², times u for the odd or u² for the even part of Λ.
func (s *nodeSet) addBasis(f []float64, entries []kernel.Entry, unit float64, p fd.Point, loc float64, k int, even bool) {
	scale := p.Coeff * s.scale[k] * (loc / s.at[k])
	for i, e := range entries {
		u := e.Value * unit
		b := scale * u
		if even {
			b *= u * (loc / s.at[k])
		}
		square := float64((u * loc) * (u * loc))
		for other, node := range s.at {
			if other != k {
				b *= square - float64(node*node)
			}
		}
		f[i] += float64(b)
	}
}

// values fills dst [terms][n] with the odd and the even parts of Λ at each node.
// lambda [nodes×n] holds Λ at the nodes at[0], −at[0], at[1], …
func (d *difference) values(dst [][]float64, lambda []float64, n int, s *nodeSet) {
	half := d.scale / 2
	term := 0
	for k := range s.at {
		up, down := lambda[2*k*n:][:n], lambda[(2*k+1)*n:][:n]
		if len(d.odd) > 0 {
			for i := range n {
				dst[term][i] = (up[i] - down[i]) * half
			}
			term++
		}
		if len(d.even) > 0 {
			for i := range n {
				dst[term][i] = (up[i] + down[i]) * half
			}
			term++
		}
	}
}
