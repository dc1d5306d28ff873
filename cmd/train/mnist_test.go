package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"numgrad/dataset"
)

// A deep net learns MNIST by numerical gradients. The accuracy printed is that of
// the saved weights, computed by package nn.
func TestMNIST(t *testing.T) {
	_, test, err := dataset.Load("")
	if err != nil {
		t.Fatal(err)
	}
	var all dataset.Batch
	test.Gather(&all, dataset.Epoch(nil, test.Len(), 0, 0))
	out := filepath.Join(t.TempDir(), "x")
	printed, err := exec.Command(program, "-hidden", "30,20", "-activation", "relu", "-std", "he", "-lr", "0.2", "-limit", "10000", "-epochs", "2", "-out", out).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, printed)
	}
	m, _ := meta(t, out)
	accuracy := m.Net().Accuracy(all.X, all.T)
	if accuracy < 0.85 || !strings.Contains(string(printed), fmt.Sprintf("test acc %.4f", accuracy)) {
		t.Errorf("accuracy %v, want at least 0.85 and the one printed:\n%s", accuracy, printed)
	}
}
