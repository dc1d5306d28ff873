package nn_test

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"

	"numgrad/dataset"
	"numgrad/grad"
	"numgrad/internal/kernel"
	"numgrad/nn"
)

// The gradient of a hundred images has the same bits with any number of workers
// and on any kernel. Which kernel runs is settled when a program starts, so this
// runs again in a new process for each, with the bits that it is to come to in
// the environment. By hand, the same compares two builds:
//
//	go test -v -run KernelsSameBits ./nn
//	NUMGRAD_TEST_BITS=… go test -tags purego -run KernelsSameBits ./nn
func TestKernelsSameBits(t *testing.T) {
	const variable = "NUMGRAD_TEST_BITS"
	train, _, err := dataset.Load("")
	if err != nil {
		t.Fatal(err)
	}
	var batch dataset.Batch
	train.Gather(&batch, dataset.Epoch(nil, train.Len(), 1, 1)[:100])
	net := nn.NewTwoLayer(train.Size(), 50, train.Classes, 0.3, rand.NewPCG(1, 0))
	gradient := nn.NewParams(net.Sizes())

	want, child := os.LookupEnv(variable)
	for workers := 1; workers <= 8; workers++ {
		loss := net.NumericalGradient(gradient, batch.X, batch.T, &grad.Settings{Workers: workers})
		got := hash(append(gradient.Vector, loss))
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("%s, %d workers: bits %s, want %s", kernel.Name(), workers, got, want)
		}
	}
	if child {
		return
	}
	t.Logf("%s: bits %s", kernel.Name(), want)
	name := t.Name()
	for _, godebug := range []string{"cpu.avx512f=off", "cpu.avx512f=off,cpu.avx2=off"} {
		t.Run(godebug, func(t *testing.T) {
			t.Parallel()
			again := exec.Command(os.Args[0], "-test.run=^"+name+"$")
			again.Env = append(os.Environ(), "GODEBUG="+godebug, variable+"="+want)
			if out, err := again.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// hash is short for the bits of many numbers.
func hash(x []float64) string {
	h := fnv.New64a()
	binary.Write(h, binary.LittleEndian, x)
	return fmt.Sprintf("%016x", h.Sum64())
}
