package perturb_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"gonum.org/v1/gonum/floats"

	"numgrad/grad"
	"numgrad/internal/npz"
	"numgrad/models"
	"numgrad/nn"
	"numgrad/perturb"
)

// TestComparePython times this package, nn's backpropagation, the textbook's
// loop in NumPy and PyTorch's backpropagation on the book's net and one batch.
// It runs if NUMGRAD_NUMPY is a Python that has NumPy: make compare.
func TestComparePython(t *testing.T) {
	python := os.Getenv("NUMGRAD_NUMPY")
	if python == "" {
		t.Skip("NUMGRAD_NUMPY is not set")
	}
	net := nn.NewTwoLayer(784, 50, 10, 0.01, rand.NewPCG(1, 0))
	x, labels := images(t, 100)
	indices := make([]float64, len(labels))
	for i, label := range labels {
		indices[i] = float64(label)
	}
	arrays := []npz.Array{{Name: "x", Data: x}, {Name: "t", Data: indices}}
	for l, layer := range net.Layers {
		arrays = append(arrays,
			npz.Array{Name: fmt.Sprintf("W%d", l+1), Data: layer.W}, npz.Array{Name: fmt.Sprintf("b%d", l+1), Data: layer.B})
	}
	dir := t.TempDir()
	casePath, outPath := filepath.Join(dir, "case.npz"), filepath.Join(dir, "numgrad.npz")
	f, err := os.Create(casePath)
	if err != nil {
		t.Fatal(err)
	}
	if err := npz.Write(f, arrays...); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}

	var engine perturb.Engine
	ours, backprop := nn.NewParams(net.Sizes()...), nn.NewParams(net.Sizes()...)
	ourTime := median(500, func() { engine.Gradient(ours, net, x, labels, nil) })
	alone := median(500, func() { engine.Gradient(ours, net, x, labels, &grad.Settings{Workers: 1}) })
	backTime := median(500, func() { net.Gradient(backprop, x, labels) })

	command := exec.Command(python, "testdata/compare.py", casePath, outPath)
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var numpy, torch float64
	fmt.Sscanf(string(out), "numpy %g\ntorch %g\n", &numpy, &torch)
	theirs, err := models.Load(outPath)
	if err != nil {
		t.Fatal(err)
	}
	// Each loss of theirs has an error of some roundings, of which h makes 1e-12.
	if off := floats.Distance(theirs.Vector, ours.Vector, math.Inf(1)); !(off <= 1e-10) {
		t.Errorf("NumPy's numerical gradient is %v off", off)
	}
	fmt.Printf("numerical gradient, this package    %8.3f ms\n", 1e3*ourTime)
	fmt.Printf("the same, one worker                %8.3f ms  %6.2f times\n", 1e3*alone, alone/ourTime)
	fmt.Printf("backpropagation, nn on gonum        %8.3f ms  %6.2f times\n", 1e3*backTime, backTime/ourTime)
	fmt.Printf("numerical gradient, NumPy           %8.1f s   %6.0f times\n", numpy, numpy/ourTime)
	if torch > 0 {
		fmt.Printf("backpropagation, PyTorch in float64 %8.3f ms  %6.2f times\n", 1e3*torch, torch/ourTime)
	}
}

// median returns the median of the seconds that n calls of f take.
func median(n int, f func()) float64 {
	seconds := make([]float64, n)
	for i := range seconds {
		start := time.Now()
		f()
		seconds[i] = time.Since(start).Seconds()
	}
	slices.Sort(seconds)
	return seconds[n/2]
}
