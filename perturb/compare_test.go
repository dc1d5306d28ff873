package perturb_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/dataset"
	"numgrad/grad"
	"numgrad/internal/npz"
	"numgrad/models"
	"numgrad/nn"
	"numgrad/perturb"
	"numgrad/train"
)

// TestComparePython compares the times of this package, of backpropagation in nn and in
// PyTorch with its best number of threads, and of the textbook's loop in NumPy. They
// take turns, so that a busy machine slows down all of them. It runs if NUMGRAD_NUMPY
// names a Python with NumPy and PyTorch: make compare.
func TestComparePython(t *testing.T) {
	python := os.Getenv("NUMGRAD_NUMPY")
	if python == "" {
		t.Skip("NUMGRAD_NUMPY is not set")
	}
	trainSet, testSet, err := dataset.Load("")
	if err != nil {
		t.Fatal(err)
	}
	net := nn.NewTwoLayer(784, 50, 10, 0.01, rand.NewPCG(1, 0))
	x, labels := images(t, 100)
	dir := t.TempDir()
	write := func(name string, arrays ...npz.Array) string {
		t.Helper()
		path := filepath.Join(dir, name)
		f, err := os.Create(path)
		if err == nil {
			err = npz.Write(f, arrays...)
		}
		if err == nil {
			err = f.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	var weights []npz.Array
	for l, layer := range net.Layers {
		weights = append(weights,
			npz.Array{Name: fmt.Sprintf("W%d", l+1), Data: layer.W}, npz.Array{Name: fmt.Sprintf("b%d", l+1), Data: layer.B})
	}
	batch := write("batch.npz", append(weights, npz.Array{Name: "x", Data: x}, npz.Array{Name: "t", Data: toFloats(labels)})...)
	sets := write("sets.npz", slices.Concat(weights, arraysOf("train", trainSet), arraysOf("test", testSet))...)
	run := func(what string, threads int, arguments ...string) float64 {
		t.Helper()
		command := exec.Command(python, append([]string{"testdata/compare.py", what, fmt.Sprint(threads)}, arguments...)...)
		for _, v := range os.Environ() { // an older kernel of OpenBLAS would slow PyTorch down
			if !strings.HasPrefix(v, "OPENBLAS_") {
				command.Env = append(command.Env, v)
			}
		}
		command.Stderr = os.Stderr
		out, err := command.Output()
		if err != nil {
			t.Fatal(err)
		}
		var seconds float64
		fmt.Sscan(string(out), &seconds)
		return seconds
	}
	best := func(what, file string) float64 { // over 1, 2, 4 … threads
		least := math.Inf(1)
		for threads := 1; threads <= runtime.NumCPU(); threads *= 2 {
			least = min(least, run(what, threads, file))
		}
		return least
	}

	var engine perturb.Engine
	ours, backprop := nn.NewParams(net.Sizes()...), nn.NewParams(net.Sizes()...)
	var one, two, gonum, torch, ourTraining, torchTraining []float64
	for range 3 {
		two = append(two, median(300, func() { engine.Gradient(ours, net, x, labels, nil) }))
		one = append(one, median(300, func() { engine.Gradient(ours, net, x, labels, &grad.Settings{Workers: 1}) }))
		gonum = append(gonum, median(300, func() { net.Gradient(backprop, x, labels) }))
		torch = append(torch, best("gradient", batch))
		ourTraining = append(ourTraining, median(1, func() {
			s := train.Book()
			s.Epochs = 3
			r := train.New(s, trainSet, testSet, 0)
			for !r.Done() {
				if _, err := r.Step(); err != nil {
					t.Fatal(err)
				}
			}
		}))
		torchTraining = append(torchTraining, best("training", sets))
	}
	fmt.Println("one gradient of the book's net, 100 images             median        ratio, and its range in three rounds")
	print := func(name string, seconds, other []float64, beside string) {
		var ratios []float64
		for i := range seconds {
			ratios = append(ratios, seconds[i]/other[i])
		}
		slices.Sort(ratios)
		fmt.Printf("%-50s %8.2f ms    %.2f (%.2f to %.2f) of %s, %.2f ms\n", name, 1e3*middle(seconds),
			ratios[1], ratios[0], ratios[2], beside, 1e3*middle(other))
	}
	print(fmt.Sprintf("numerical, %d workers", runtime.GOMAXPROCS(0)), two, gonum, "backprop on gonum")
	print("numerical, 1 worker", one, gonum, "backprop on gonum")
	print(fmt.Sprintf("numerical, %d workers", runtime.GOMAXPROCS(0)), two, torch, "backprop in PyTorch, float64")
	print("three epochs with accuracies, numerical, float64", ourTraining, torchTraining, "PyTorch by backprop, float32")

	outPath := filepath.Join(dir, "loop.npz")
	numpy := run("loop", 1, batch, outPath)
	theirs, err := models.Load(outPath)
	if err != nil {
		t.Fatal(err)
	}
	// Each loss of NumPy has an error of some roundings, and dividing by h makes
	// it 1e-12.
	if off := floats.Distance(theirs.Vector, ours.Vector, math.Inf(1)); !(off <= 1e-10) {
		t.Errorf("NumPy's numerical gradient is %v off", off)
	}
	fmt.Printf("numerical, the textbook's loop in NumPy            %8.0f s\n", numpy)
}

func toFloats(t []int) []float64 {
	v := make([]float64, len(t))
	for i := range t {
		v[i] = float64(t[i])
	}
	return v
}

// arraysOf returns the images and the labels of a set.
func arraysOf(name string, set *dataset.Set) []npz.Array {
	pixels, labels := mat.NewDense(set.Len(), set.Size(), nil), make([]float64, set.Len())
	for i, image := range set.Images {
		for j, v := range image {
			pixels.Set(i, j, float64(v))
		}
		labels[i] = float64(set.Labels[i])
	}
	return []npz.Array{{Name: name, Data: pixels}, {Name: name + "_labels", Data: labels}}
}

// median returns the median of the seconds that n calls of f take.
func median(n int, f func()) float64 {
	seconds := make([]float64, n)
	for i := range seconds {
		start := time.Now()
		f()
		seconds[i] = time.Since(start).Seconds()
	}
	return middle(seconds)
}

func middle(v []float64) float64 {
	sorted := slices.Sorted(slices.Values(v))
	return sorted[len(sorted)/2]
}
