package train_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"numgrad/models"
	"numgrad/train"
)

// A training by numerical gradients saves the same bytes on every processor, from
// the beginning and resumed from another processor. GODEBUG imitates processors
// in other processes.
func TestProcessorsSameFile(t *testing.T) {
	const variable = "NUMGRAD_TEST_FOLDER"
	folder, child := os.LookupEnv(variable)
	if !child {
		folder = t.TempDir()
	}
	images, test := stripes(20, 1), stripes(10, 2)
	hash := sha256.New()
	finished := func(r *train.Training) {
		m, err := finish(t, r).Model()
		if err == nil {
			err = m.Write(hash)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, s := range shapes() {
		s.Epochs = 4
		finished(train.New(s, images, test, 3))
		path := fmt.Sprintf("%s/half%d.npz", folder, i)
		if !child {
			half := train.New(s, images, test, 2)
			for range 5 {
				if _, err := half.Step(); err != nil {
					t.Fatal(err)
				}
			}
			if m, err := half.Model(); err != nil || m.Save(path) != nil {
				t.Fatalf("cannot save %s, %v", path, err)
			}
		}
		m, err := models.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		r, err := train.Resume(m, images, test, 1)
		if err != nil {
			t.Fatal(err)
		}
		finished(r)
	}
	const file = "/hash"
	sum := hash.Sum(nil)
	if child {
		if want, err := os.ReadFile(folder + file); err != nil || string(want) != string(sum) {
			t.Errorf("other bytes than in the first process, %v", err)
		}
		return
	}
	if err := os.WriteFile(folder+file, sum, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, debug := range []string{"cpu.avx2=off", "cpu.fma=off", "cpu.avx2=off,cpu.fma=off"} {
		again := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		again.Env = append(os.Environ(), "GODEBUG="+debug, variable+"="+folder)
		if out, err := again.CombinedOutput(); err != nil {
			t.Errorf("with %s: %v\n%s", debug, err, out)
		}
	}
}
