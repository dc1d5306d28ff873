package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"numgrad/models"
	"numgrad/nn"
	"numgrad/train"
)

// A net of two ReLU layers is trained from the command line, and its file
// tells what it is.
func TestDeep(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x.npz")
	status, stdout, stderr := call("-data", data, "-limit", "500", "-epochs", "1", "-hidden", "8,6", "-activation", "relu", "-std", "he", "-out", out)
	if status != 0 || !strings.Contains(stdout, "5 numerical gradients of 6,404 weights") || !strings.Contains(stdout, "a 784-8-6-10 net, relu") {
		t.Fatalf("status %d, %s%s", status, stdout, stderr)
	}
	m, err := models.Load(out)
	if err != nil {
		t.Fatal(err)
	}
	if net := m.Net(); !slices.Equal(net.Sizes(), []int{784, 8, 6, 10}) || net.Activation != nn.ReLU {
		t.Errorf("a %v net, %s", net.Sizes(), net.Activation)
	}
	if meta, err := train.ReadMeta(m); err != nil || meta.Settings.WeightInitStd.Rule != train.He {
		t.Errorf("%+v, %v", meta, err)
	}
	oneLine(t, "-hidden is 8, but "+out+" was begun with 8,6", "-data", data, "-resume", "-out", out, "-hidden", "8")
	oneLine(t, "-activation is sigmoid, but "+out+" was begun with relu", "-data", data, "-resume", "-out", out, "-activation", "sigmoid")
	oneLine(t, "-std is 0.01, but "+out+" was begun with he", "-data", data, "-resume", "-out", out, "-std", "0.01")
}

// -init goes on from the weights of a file: two trainings of one epoch each,
// the second from the weights of the first, end where the library's does.
func TestInit(t *testing.T) {
	folder := t.TempDir()
	first, second := filepath.Join(folder, "first.npz"), filepath.Join(folder, "second.npz")
	base := []string{"-data", data, "-limit", "500", "-epochs", "1", "-quiet"}
	if status, _, stderr := call(append(base, "-hidden", "8,6", "-activation", "relu", "-std", "he", "-out", first)...); status != 0 {
		t.Fatal(stderr)
	}
	before, err := models.Load(first)
	if err != nil {
		t.Fatal(err)
	}
	if status, _, stderr := call(append(base, "-init", first, "-lr", "1e-300", "-out", second)...); status != 0 {
		t.Fatal(stderr)
	}
	m, err := models.Load(second)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(m.Vector, before.Vector) || m.Net().Activation != nn.ReLU {
		t.Errorf("it begins with other weights than those of -init, or as %s", m.Net().Activation)
	}
	if meta, err := train.ReadMeta(m); err != nil || meta.Settings.Init != "first.npz" || !slices.Equal(meta.Settings.HiddenSizes, []int{8, 6}) {
		t.Errorf("%+v, %v", meta, err)
	}
	if status, _, stderr := call("-data", data, "-resume", "-epochs", "2", "-out", second); status != 0 {
		t.Error(stderr)
	}

	other := filepath.Join(folder, "other.npz")
	if err := (&models.Model{Params: nn.NewParams(5, 4, 3)}).Save(other); err != nil {
		t.Fatal(err)
	}
	third := filepath.Join(folder, "third.npz")
	oneLine(t, "-init: "+other+": a net of 5-4-3 has 5 inputs and 3 classes, want 784 and 10", append(base, "-init", other, "-out", third)...)
	many := filepath.Join(folder, "many.npz")
	sizes := slices.Concat([]int{784}, slices.Repeat([]int{2}, 400), []int{10})
	if err := (&models.Model{Params: nn.NewParams(sizes...)}).Save(many); err != nil {
		t.Fatal(err)
	}
	oneLine(t, "-init: "+many+": hidden is 2,2,2,2,2,2,2,2,2,2,… of 400 layers, want", append(base, "-init", many, "-out", third)...)
	oneLine(t, "-hidden is 50, but the net in "+first+" has 8,6", append(base, "-init", first, "-hidden", "50", "-out", third)...)
	oneLine(t, "is W1 transposed, as Linear.weight of PyTorch is", append(base, "-init", "../../models/testdata/transposed.npz", "-out", third)...)
	oneLine(t, "no such file", append(base, "-init", filepath.Join(folder, "none.npz"), "-out", third)...)
}
