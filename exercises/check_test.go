package main

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"exercises/solutions"
)

func TestSolutions(t *testing.T) {
	for file := range inputs {
		want := "right"
		if slices.Contains([]string{"losses", "numerical_diff", "partial_derivatives"}, file) {
			want = "same bits"
		}
		if v := check(file, ofSolutions); v.says != want {
			t.Errorf("%s: %+v, want %s", file, v, want)
		}
	}
}

func TestNotYet(t *testing.T) {
	a := ofSolutions
	a.Softmax = func([]float64) []float64 { panic("not yet") }
	a.SumSquaredError = func(_, _ []float64) float64 { panic("not yet") }
	if v := check("losses", a); v.says != "so far" {
		t.Errorf("with one answer: %+v, want so far", v)
	}
	a.CrossEntropyError = func(*mat.Dense, []int) float64 { panic("not yet") }
	if v := check("losses", a); v.says != "not yet" {
		t.Errorf("without an answer: %+v, want not yet", v)
	}
}

// Mistakes as pupils write them are named.
func TestPlanted(t *testing.T) {
	central := func(f func([]float64) float64, x []float64, i int, h float64) float64 {
		tmp := x[i]
		defer func() { x[i] = tmp }()
		x[i] = tmp + h
		fxh1 := f(x)
		x[i] = tmp - h
		return (fxh1 - f(x)) / (2 * h)
	}
	diff := func(d func(f func(float64) float64, x float64) float64) func(*answers) {
		return func(a *answers) { a.NumericalDiff = d }
	}
	partial := func(d func(f func([]float64) float64, x []float64, i int) float64) func(*answers) {
		return func(a *answers) { a.PartialDiff = d }
	}
	gradient := func(d func(f func([]float64) float64, x []float64, i int) float64) func(*answers) {
		return func(a *answers) {
			a.NumericalGradient = func(f func([]float64) float64, x []float64) (grad []float64) {
				for i := range x {
					grad = append(grad, d(f, x, i))
				}
				return grad
			}
		}
	}
	crossEntropy := func(c func(y *mat.Dense, t []int) float64) func(*answers) {
		return func(a *answers) { a.CrossEntropyError = c }
	}
	descent := func(d func(f func([]float64) float64, x []float64, lr float64, steps int) ([]float64, [][]float64)) func(*answers) {
		return func(a *answers) {
			a.GradientDescent = func(f func([]float64) float64, start []float64, lr float64, steps int) ([]float64, [][]float64) {
				return d(f, slices.Clone(start), lr, steps)
			}
		}
	}
	loss := func(predict func(w weights, x *mat.Dense) *mat.Dense) func(*answers) {
		return func(a *answers) {
			a.Predict = predict
			a.Loss = func(w weights, x *mat.Dense, t []int) float64 { return solutions.CrossEntropyError(predict(w, x), t) }
		}
	}
	zero := func(b []float64) []float64 { return make([]float64, len(b)) }
	all := func(w weights) [][]float64 {
		return [][]float64{w.W1.RawMatrix().Data, w.B1, w.W2.RawMatrix().Data, w.B2}
	}
	update := func(u func(w, dw []float64, lr float64)) func(*answers) {
		return func(a *answers) {
			a.TrainStep = func(w weights, gradient func() weights, lr float64) {
				g := gradient()
				for k := range all(w) {
					u(all(w)[k], all(g)[k], lr)
				}
			}
		}
	}

	for _, test := range []struct {
		key, file string
		plant     func(*answers)
	}{
		{"overflow", "losses", func(a *answers) {
			a.Softmax = func(s []float64) []float64 {
				y, sum := []float64{}, 0.0
				for _, v := range s {
					sum += math.Exp(v)
				}
				for _, v := range s {
					y = append(y, math.Exp(v)/sum)
				}
				return y
			}
		}},
		{"half forgotten", "losses", func(a *answers) {
			a.SumSquaredError = func(y, t []float64) (sum float64) {
				for k := range y {
					sum += math.Pow(y[k]-t[k], 2)
				}
				return sum
			}
		}},
		{"mean of squares", "losses", func(a *answers) {
			a.SumSquaredError = func(y, t []float64) (sum float64) {
				for k := range y {
					sum += math.Pow(y[k]-t[k], 2) / float64(len(y))
				}
				return sum
			}
		}},
		{"sum for mean", "losses", crossEntropy(func(y *mat.Dense, t []int) (sum float64) {
			for i := range t {
				sum -= math.Log(y.At(i, t[i]) + 1e-7)
			}
			return sum
		})},
		{"mean of all", "losses", crossEntropy(func(y *mat.Dense, t []int) float64 {
			return solutions.CrossEntropyError(y, t) / float64(y.RawMatrix().Cols)
		})},
		{"minus forgotten", "losses", crossEntropy(func(y *mat.Dense, t []int) float64 { return -solutions.CrossEntropyError(y, t) })},
		{"log of zero", "losses", crossEntropy(func(y *mat.Dense, t []int) (mean float64) {
			for i := range t {
				mean -= math.Log(y.At(i, t[i])) / float64(len(t))
			}
			return mean
		})},
		{"answer for label", "losses", crossEntropy(func(y *mat.Dense, t []int) (mean float64) {
			for i := range t {
				mean -= math.Log(mat.Max(y.RowView(i))+1e-7) / float64(len(t))
			}
			return mean
		})},
		{"forward", "numerical_diff", diff(func(f func(float64) float64, x float64) float64 { return (f(x+1e-4) - f(x)) / 1e-4 })},
		{"h too small", "numerical_diff", diff(func(f func(float64) float64, x float64) float64 { return (f(x+1e-50) - f(x-1e-50)) / 2e-50 })},
		{"h too large", "numerical_diff", diff(func(f func(float64) float64, x float64) float64 { return (f(x+1) - f(x-1)) / 2 })},
		{"2h forgotten", "numerical_diff", diff(func(f func(float64) float64, x float64) float64 { return (f(x+1e-4) - f(x-1e-4)) / 1e-4 })},
		{"parentheses", "numerical_diff", diff(func(f func(float64) float64, x float64) float64 { return (f(x+1e-4) - f(x-1e-4)) / 2 * 1e-4 })},
		{"other variable", "partial_derivatives", partial(func(f func([]float64) float64, x []float64, i int) float64 { return central(f, x, i-1, 1e-4) })},
		{"all variables", "partial_derivatives", partial(func(f func([]float64) float64, x []float64, _ int) float64 {
			up, down := slices.Clone(x), slices.Clone(x)
			for i := range x {
				up[i] += 1e-4
				down[i] -= 1e-4
			}
			return (f(up) - f(down)) / 2e-4
		})},
		{"not put back", "partial_derivatives", partial(func(f func([]float64) float64, x []float64, i int) float64 {
			d := central(f, x, i, 1e-4)
			x[i] -= 1e-4
			return d
		})},
		{"fixed value", "partial_derivatives", func(a *answers) { a.FunctionTmp1 = func(x0 float64) float64 { return x0*x0 + 3*3 } }},
		{"not put back", "numerical_gradient", gradient(func(f func([]float64) float64, x []float64, i int) float64 {
			d := central(f, x, i, 1e-4)
			x[i] -= 1e-4
			return d
		})},
		{"copy", "numerical_gradient", gradient(func(f func([]float64) float64, x []float64, i int) float64 {
			return central(f, slices.Clone(x), i, 1e-4)
		})},
		{"h too small", "numerical_gradient", gradient(func(f func([]float64) float64, x []float64, i int) float64 { return central(f, x, i, 1e-30) })},
		{"2h forgotten", "numerical_gradient", gradient(func(f func([]float64) float64, x []float64, i int) float64 { return 2 * central(f, x, i, 1e-4) })},
		{"forward", "numerical_gradient", gradient(func(f func([]float64) float64, x []float64, i int) float64 {
			x[i] += 1e-4
			up := f(x)
			x[i] -= 1e-4
			return (up - f(x)) / 1e-4
		})},
		{"ascent", "gradient_descent", descent(func(f func([]float64) float64, x []float64, lr float64, steps int) ([]float64, [][]float64) {
			return solutions.GradientDescent(f, x, -lr, steps)
		})},
		{"gradient once", "gradient_descent", descent(func(f func([]float64) float64, x []float64, lr float64, steps int) (_ []float64, h [][]float64) {
			g := solutions.NumericalGradient(f, x)
			for range steps {
				h = append(h, slices.Clone(x))
				x[0] -= lr * g[0]
				x[1] -= lr * g[1]
			}
			return x, h
		})},
		{"rate forgotten", "gradient_descent", descent(func(f func([]float64) float64, x []float64, _ float64, steps int) ([]float64, [][]float64) {
			return solutions.GradientDescent(f, x, 1, steps)
		})},
		{"one step less", "gradient_descent", descent(func(f func([]float64) float64, x []float64, lr float64, steps int) ([]float64, [][]float64) {
			return solutions.GradientDescent(f, x, lr, max(0, steps-1))
		})},
		{"one step more", "gradient_descent", descent(func(f func([]float64) float64, x []float64, lr float64, steps int) ([]float64, [][]float64) {
			return solutions.GradientDescent(f, x, lr, steps+1)
		})},
		{"history shared", "gradient_descent", descent(func(f func([]float64) float64, x []float64, lr float64, steps int) (_ []float64, h [][]float64) {
			for range steps {
				h = append(h, x)
				g := solutions.NumericalGradient(f, x)
				x[0] -= lr * g[0]
				x[1] -= lr * g[1]
			}
			return x, h
		})},
		{"softmax forgotten", "simple_net", func(a *answers) {
			a.SimpleLoss = func(w *mat.Dense, x, _ []float64) float64 { return -math.Log(a.SimplePredict(w, x)[2] + 1e-7) }
		}},
		{"softmax twice", "simple_net", func(a *answers) {
			a.SimpleLoss = func(w *mat.Dense, x, _ []float64) float64 {
				return -math.Log(solutions.Softmax(solutions.Softmax(a.SimplePredict(w, x)))[2] + 1e-7)
			}
		}},
		{"b1 forgotten", "two_layer_net", loss(func(w weights, x *mat.Dense) *mat.Dense {
			w.B1 = zero(w.B1)
			return ofSolutions.Predict(w, x)
		})},
		{"b2 forgotten", "two_layer_net", loss(func(w weights, x *mat.Dense) *mat.Dense {
			w.B2 = zero(w.B2)
			return ofSolutions.Predict(w, x)
		})},
		{"softmax twice", "two_layer_net", loss(func(w weights, x *mat.Dense) *mat.Dense {
			y := ofSolutions.Predict(w, x)
			for i := range y.RawMatrix().Rows {
				y.SetRow(i, solutions.Softmax(slices.Clone(y.RawRowView(i))))
			}
			return y
		})},
		{"sigmoid forgotten", "two_layer_net", loss(func(w weights, x *mat.Dense) *mat.Dense {
			var a1, a2 mat.Dense
			a1.Mul(x, w.W1)
			for i := range a1.RawMatrix().Rows {
				floats.Add(a1.RawRowView(i), w.B1)
			}
			a2.Mul(&a1, w.W2)
			for i := range a2.RawMatrix().Rows {
				floats.Add(a2.RawRowView(i), w.B2)
				a2.SetRow(i, solutions.Softmax(slices.Clone(a2.RawRowView(i))))
			}
			return &a2
		})},
		{"ascent", "train_step", update(func(w, dw []float64, lr float64) {
			for i := range w {
				w[i] += lr * dw[i]
			}
		})},
		{"rate forgotten", "train_step", update(func(w, dw []float64, _ float64) {
			for i := range w {
				w[i] -= dw[i]
			}
		})},
		{"copies updated", "train_step", update(func(w, dw []float64, lr float64) {
			for i, v := range w {
				v -= lr * dw[i]
				_ = v
			}
		})},
		{"overwritten", "train_step", update(func(w, dw []float64, lr float64) {
			for i := range w {
				w[i] = -lr * dw[i]
			}
		})},
		{"only weights", "train_step", func(a *answers) {
			a.TrainStep = func(w weights, gradient func() weights, lr float64) {
				b1, b2 := slices.Clone(w.B1), slices.Clone(w.B2)
				ofSolutions.TrainStep(w, gradient, lr)
				copy(w.B1, b1)
				copy(w.B2, b2)
			}
		}},
		{"one after the other", "train_step", func(a *answers) {
			a.TrainStep = func(w weights, gradient func() weights, lr float64) {
				for k, part := range all(w) {
					for i, dw := range all(gradient())[k] {
						part[i] -= lr * dw
					}
				}
			}
		}},
	} {
		a := ofSolutions
		test.plant(&a)
		if v := check(test.file, a); v.says != "wrong" || !slices.Equal(v.mistakes, []string{test.key}) {
			t.Errorf("%s: %q gives %+v", test.file, test.key, v)
		}
	}
}

func TestRun(t *testing.T) {
	var out, errors bytes.Buffer
	if status := run([]string{"-solutions", "-ja=false", "4.3.1"}, &out, &errors); status != 0 || out.String() !=
		"4.3.1  numerical differentiation (solutions/numerical_diff.go): right, same bits as the book\n" {
		t.Errorf("status %d, %q", status, out.String())
	}
	if status := run([]string{"5.1"}, &out, &errors); status != 2 || !strings.Contains(errors.String(), `no exercise "5.1"`) {
		t.Errorf("status %d, %q", status, errors.String())
	}
}
