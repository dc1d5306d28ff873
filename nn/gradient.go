package nn

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/loss"
)

// backprop is the memory of Gradient, kept between calls.
type backprop struct {
	z1, da1, y []float64 // [N×H], [N×H], [N×K]; y becomes dy
}

// Gradient fills dst with ∂L/∂W by backpropagation (section 5.7.2) and returns
// the loss of the batch x [N×D], t [N] at the present weights.
//
// It is here to be compared with [TwoLayer.NumericalGradient], and shares no
// code with it: its matrix products are gonum's.
func (n *TwoLayer) Gradient(dst *Params, x *mat.Dense, t []int) float64 {
	n.checkBatch("Gradient", x, t)
	n.sameShape("Gradient", dst)
	_, hidden, classes := n.Sizes()
	rows := len(t)
	b := &n.back
	b.z1, b.da1, b.y = grow(b.z1, rows*hidden), grow(b.da1, rows*hidden), grow(b.y, rows*classes)
	z1 := blas64.General{Rows: rows, Cols: hidden, Stride: hidden, Data: b.z1}
	da1 := blas64.General{Rows: rows, Cols: hidden, Stride: hidden, Data: b.da1}
	y := blas64.General{Rows: rows, Cols: classes, Stride: classes, Data: b.y}

	// forward
	repeatRow(z1, n.B1)
	blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, x.RawMatrix(), n.W1.RawMatrix(), 1, z1)
	for i, a1 := range z1.Data {
		z1.Data[i], _ = sigmoid(a1)
	}
	repeatRow(y, n.B2)
	blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, z1, n.W2.RawMatrix(), 1, y)
	lossBefore := softmaxWithLoss(y, t)

	// backward
	dy := y
	for i, label := range t {
		dy.Data[i*classes+label]--
	}
	floats.Scale(1/float64(rows), dy.Data)
	blas64.Gemm(blas.Trans, blas.NoTrans, 1, z1, dy, 0, dst.W2.RawMatrix())
	sumRows(dst.B2, dy)
	blas64.Gemm(blas.NoTrans, blas.Trans, 1, dy, n.W2.RawMatrix(), 0, da1)
	for i, z := range z1.Data {
		da1.Data[i] *= (1 - z) * z
	}
	blas64.Gemm(blas.Trans, blas.NoTrans, 1, x.RawMatrix(), da1, 0, dst.W1.RawMatrix())
	sumRows(dst.B1, da1)
	return lossBefore
}

// softmaxWithLoss turns the logits a2 into probabilities, in place, and
// returns the mean cross entropy.
func softmaxWithLoss(a2 blas64.General, t []int) float64 {
	sum := 0.0
	for i, label := range t {
		row := a2.Data[i*a2.Stride : i*a2.Stride+a2.Cols]
		sum += loss.NegLogSoftmax(row, label)
		loss.Softmax(row, row)
	}
	return sum / float64(len(t))
}

// repeatRow sets each row of a to row.
func repeatRow(a blas64.General, row []float64) {
	for i := range a.Rows {
		copy(a.Data[i*a.Stride:], row)
	}
}

// sumRows fills dst with the sum of the rows of a.
func sumRows(dst []float64, a blas64.General) {
	clear(dst)
	for i := range a.Rows {
		floats.Add(dst, a.Data[i*a.Stride:i*a.Stride+a.Cols])
	}
}
