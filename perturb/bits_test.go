package perturb

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"testing"

	"numgrad/grad"
	"numgrad/internal/kernel"
	"numgrad/nn"
)

// The bits do not depend on the number of workers, earlier calls or the content of
// dst. The weights do not change.
func TestSameBits(t *testing.T) {
	type job struct {
		sample
		settings grad.Settings
		want     []uint64
		weights  []float64
	}
	var jobs []job
	eachSample(2001, []float64{1e-6, 1e-4, 1e-2, 0.2, 2}, func(r *rand.Rand, s sample, h float64) {
		settings := grad.Settings{Formula: formulas[r.IntN(len(formulas))].Formula, Step: h, Workers: 1}
		jobs = append(jobs, job{s, settings, toBits(s.engine(&settings).Vector), slices.Clone(s.net.Vector)})
	})
	rounds := 2
	if long() {
		rounds = 20
	}
	random := rand.New(rand.NewPCG(1, 6))
	var shared Engine
	for range rounds {
		for _, i := range random.Perm(len(jobs)) {
			j := jobs[i]
			g := nn.NewParams(j.net.Sizes()...)
			for k := range g.Vector {
				g.Vector[k] = math.NaN()
			}
			j.settings.Workers = 1 + random.IntN(8)
			shared.Gradient(g, j.net, j.x, j.t, &j.settings)
			if !slices.Equal(toBits(g.Vector), j.want) {
				t.Errorf("%s: the bits with %d workers differ from one worker in new memory", j.name, j.settings.Workers)
			}
			if !slices.Equal(j.net.Vector, j.weights) {
				t.Errorf("%s: the weights have changed", j.name)
			}
			if random.IntN(3) == 0 { // and Changes in between
				shared.Changes(g.Vector, j.net, j.x, j.t, -1e-3)
			}
		}
	}
}

// The gradients have the same bits on every processor. A program selects its kernels
// when it starts, so the test runs again in a new process for each kind of processor
// that GODEBUG can imitate.
func TestProcessorsSameBits(t *testing.T) {
	const variable = "NUMGRAD_TEST_BITS"
	h := fnv.New64a()
	var e Engine
	eachSample(2002, []float64{1e-6, 1e-4, 1e-2, 0.2, 2}, func(r *rand.Rand, s sample, step float64) {
		g := nn.NewParams(s.net.Sizes()...)
		f := formulas[r.IntN(len(formulas))].Formula
		value := e.Gradient(g, s.net, s.x, s.t, &grad.Settings{Formula: f, Step: step})
		binary.Write(h, binary.LittleEndian, append(g.Vector, value))
	})
	for _, sizes := range [][]int{{784, 50, 10}, {784, 60, 37, 10}} {
		for _, act := range []nn.Activation{nn.Sigmoid, nn.ReLU} {
			s := newSample(rand.New(rand.NewPCG(8, 1)), act, 1, 5, grey, sizes...)
			binary.Write(h, binary.LittleEndian, s.engine(nil).Vector)
		}
	}
	got := fmt.Sprintf("%016x", h.Sum64())

	if want, child := os.LookupEnv(variable); child {
		if got != want {
			t.Errorf("%s: bits %s, want %s", kernel.Name(), got, want)
		}
		return
	}
	for _, debug := range []string{"cpu.avx2=off", "cpu.fma=off", "cpu.avx2=off,cpu.fma=off"} {
		again := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		again.Env = append(os.Environ(), "GODEBUG="+debug, variable+"="+got)
		if out, err := again.CombinedOutput(); err != nil {
			t.Errorf("with %s: %v\n%s", debug, err, out)
		}
	}
}

// Images give the bits of a matrix of their pixels, in any order, and Correct
// agrees with nn's Accuracy, even for a NaN or two equal logits.
func TestImages(t *testing.T) {
	for _, sizes := range [][]int{{784, 20, 10}, {64, 9, 8, 3}, {63, 60, 2}, {130, 5, 4, 4, 3}} {
		for _, act := range []nn.Activation{nn.Sigmoid, nn.ReLU} {
			s := newSample(rand.New(rand.NewPCG(9, 1)), act, 1, 40, func(r *rand.Rand) float64 {
				return float64(max(0, r.IntN(512)-256)) / 255
			}, sizes...)
			pictures, indices := make([][]byte, len(s.t)), make([]int, len(s.t))
			for i := range pictures {
				indices[i] = len(s.t) - 1 - i
				for _, v := range s.x.RawRowView(i) {
					pictures[indices[i]] = append(pictures[indices[i]], byte(math.Round(255*v)))
				}
			}
			images := NewImages(pictures, sizes[0])
			for _, h := range []float64{1e-4, 0.1} {
				settings := &grad.Settings{Step: h, Workers: 2}
				got, want := nn.NewParams(sizes...), nn.NewParams(sizes...)
				var e Engine
				a, b := e.ImageGradient(got, s.net, images, indices, s.t, settings), e.Gradient(want, s.net, s.x, s.t, settings)
				if a != b || !slices.Equal(toBits(got.Vector), toBits(want.Vector)) {
					t.Errorf("%v %s, h %v: images give other bits than a matrix", sizes, act, h)
				}
			}
			check := func() {
				t.Helper()
				want := s.net.Accuracy(s.x, s.t)
				if got := float64(images.Correct(s.net, indices, s.t)) / float64(len(s.t)); got != want {
					t.Errorf("%v %s: %v are right, want %v", sizes, act, got, want)
				}
			}
			check()
			s.net.Layers[0].B[0] = math.NaN()
			check()
			clear(s.net.Vector)
			check()
		}
	}
}
