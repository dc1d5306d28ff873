package gradcheck

import "gonum.org/v1/gonum/mat"

// Dense is the parameter in x [r×c], with its gradient [r×c]. Either may be a
// part of a larger matrix, whose rows lie further apart in memory: the loss
// reads x itself all the same. Only Replica can not be used beside that.
//
// Dense panics if the two differ in shape.
func Dense(name string, x, gradient *mat.Dense) Param {
	rows, cols := x.Dims()
	if r, c := gradient.Dims(); r != rows || c != cols {
		panic(mat.ErrShape)
	}
	p := Param{Name: name, Gradient: flat(gradient), Shape: []int{rows, cols}}
	if raw := x.RawMatrix(); raw.Stride == cols {
		p.X = raw.Data[:rows*cols]
		return p
	}
	p.X, p.view = flat(x), x
	return p
}

// flat copies a matrix into one slice.
func flat(m *mat.Dense) []float64 {
	var v []float64
	for i := range m.RawMatrix().Rows {
		v = append(v, m.RawRowView(i)...)
	}
	return v
}

// throughViews is the loss of the variables in X, where the loss itself reads
// matrices whose rows are not side by side.
func throughViews(loss func() float64, params []Param) func() float64 {
	var views []Param
	for _, p := range params {
		if p.view != nil {
			views = append(views, p)
		}
	}
	if views == nil {
		return loss
	}
	return func() float64 {
		for _, p := range views {
			p.show()
			defer p.eachRow(func(row, x []float64) { copy(x, row) })
		}
		return loss()
	}
}

// show brings X to the matrix that the loss reads, if that is another one.
func (p Param) show() { p.eachRow(func(row, x []float64) { copy(row, x) }) }

func (p Param) eachRow(do func(row, x []float64)) {
	if p.view == nil {
		return
	}
	cols := p.Shape[1]
	for i := range p.Shape[0] {
		do(p.view.RawRowView(i), p.X[i*cols:(i+1)*cols])
	}
}
