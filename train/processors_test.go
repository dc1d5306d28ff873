package train_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"numgrad/models"
	"numgrad/train"
)

// A training by numerical gradients saves the same bytes on every processor, from
// the beginning and resumed from another processor. GODEBUG imitates processors
// in processes of their own.
func TestProcessorsSameFile(t *testing.T) {
	const folder = "NUMGRAD_TEST_FOLDER"
	images, test := stripes(20, 1), stripes(10, 2)
	save := func(r *train.Training, path string) {
		t.Helper()
		m, err := r.Model()
		if err == nil {
			err = m.Save(path)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	dir, child := os.LookupEnv(folder)
	if !child {
		dir = t.TempDir()
	}
	compare := func(r *train.Training, want, got string) {
		t.Helper()
		save(finish(t, r), got)
		a, errA := os.ReadFile(want)
		b, errB := os.ReadFile(got)
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("%s: other bytes than %s (%v, %v)", got, want, errA, errB)
		}
	}
	for _, s := range shapes() {
		s.Epochs = 4
		base := filepath.Join(dir, strings.ReplaceAll(name(s), "/", "-"))
		if !child {
			half := train.New(s, images, test, 2)
			for range 5 {
				if _, err := half.Step(); err != nil {
					t.Fatal(err)
				}
			}
			save(half, base+"half.npz")
			save(finish(t, half), base+"whole.npz")
			continue
		}
		compare(train.New(s, images, test, 3), base+"whole.npz", base+"again.npz")
		m, err := models.Load(base + "half.npz")
		if err != nil {
			t.Fatal(err)
		}
		r, err := train.Resume(m, images, test, 1)
		if err != nil {
			t.Fatal(err)
		}
		compare(r, base+"whole.npz", base+"resumed.npz")
	}
	if child {
		return
	}
	for _, debug := range []string{"cpu.avx2=off", "cpu.fma=off", "cpu.avx2=off,cpu.fma=off"} {
		again := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		again.Env = append(os.Environ(), "GODEBUG="+debug, folder+"="+dir)
		if out, err := again.CombinedOutput(); err != nil {
			t.Errorf("with %s: %v\n%s", debug, err, out)
		}
	}
}
