package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"numgrad/dataset"
	"numgrad/models"
)

// MNIST is learned by numerical gradients, by the book's net and by a deeper
// one, at learning rates at which that takes seconds. The accuracy is that of
// the saved weights on the test images, computed anew.
func TestMNIST(t *testing.T) {
	_, test, err := dataset.Load("")
	if err != nil {
		t.Fatal(err)
	}
	var all dataset.Batch
	test.Gather(&all, dataset.Epoch(nil, test.Len(), 0, 0))
	for _, training := range []struct {
		args []string
		want float64
	}{
		{[]string{"-lr", "0.5", "-epochs", "4"}, 0.94},
		{[]string{"-hidden", "30,20", "-activation", "relu", "-std", "he", "-lr", "0.2", "-epochs", "2"}, 0.94},
	} {
		out := filepath.Join(t.TempDir(), "x.npz")
		start := time.Now()
		said, err := exec.Command(program, append(training.args, "-out", out)...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, said)
		}
		t.Logf("%v: %v\n%s", training.args, time.Since(start), said)
		m, err := models.Load(out)
		if err != nil {
			t.Fatal(err)
		}
		accuracy := m.Net().Accuracy(all.X, all.T)
		if accuracy < training.want {
			t.Errorf("%v: right on %v of the test images, want %v", training.args, accuracy, training.want)
		}
		lines := regexp.MustCompile(`test acc (0\.\d{4})`).FindAllStringSubmatch(string(said), -1)
		if told, err := strconv.ParseFloat(lines[len(lines)-1][1], 64); err != nil || fmt.Sprintf("%.4f", accuracy) != fmt.Sprintf("%.4f", told) {
			t.Errorf("it says test acc %v, want %v, %v", told, accuracy, err)
		}
	}
}
