// Package models stores nets on disk, and holds a trained one.
//
// A file is a NumPy npz with the book's names: W1 [D×H], b1 [H], W2 [H×K],
// b2 [K], and W3, b3, … of a deeper net, in float64. np.load(file) returns the
// arrays of the book's params, and torch.from_numpy takes each array as it is.
// A file may also hold meta, a JSON object as uint8 [bytes], and loss, float64
// [steps].
//
// The hidden units are sigmoids, or ReLUs if meta contains
// {"settings": {"activation": "relu"}}.
//
// A training stores its net as weights.npz in a folder of its own.
package models

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"time"

	"numgrad/internal/atomicfile"
	"numgrad/internal/input"
	"numgrad/internal/npz"
	"numgrad/internal/number"
	"numgrad/nn"
)

// Model is a trained net with the history of its training.
type Model struct {
	*nn.Params
	Meta   json.RawMessage // a JSON object about the training, or nil
	Losses []float64       // loss of each step of the training, or nil
}

//go:embed mnist.npz
var mnist []byte

// MNIST returns the net that is built into this package: the book's 784-50-10,
// as a training with the default settings leaves it. Each call returns a new
// copy.
func MNIST() *Model {
	m, err := parse(mnist)
	if err != nil {
		panic(fmt.Sprintf("models: embedded mnist.npz: %v", err))
	}
	return m
}

func parse(file []byte) (*Model, error) {
	f, err := npz.Parse(file)
	if err != nil {
		return nil, err
	}
	return read(f)
}

// Net returns the net with the activation that Meta names. It shares the memory
// of the weights. Net panics if [Model.Save] would refuse Meta.
func (m *Model) Net() *nn.Net {
	activation, err := m.activation()
	if err != nil {
		panic("models: " + err.Error())
	}
	return &nn.Net{Params: m.Params, Activation: activation}
}

func (m *Model) activation() (nn.Activation, error) {
	if m.Meta == nil {
		return nn.Sigmoid, nil
	}
	if !json.Valid(m.Meta) || !bytes.HasPrefix(bytes.TrimSpace(m.Meta), []byte("{")) {
		return "", fmt.Errorf("meta is no JSON object: it is %.50q", m.Meta)
	}
	var meta struct {
		Settings struct{ Activation nn.Activation }
	}
	meta.Settings.Activation = nn.Sigmoid
	if err := json.Unmarshal(m.Meta, &meta); err != nil {
		return "", fmt.Errorf("meta: %w", err)
	}
	if a := meta.Settings.Activation; a != nn.Sigmoid && a != nn.ReLU {
		return "", fmt.Errorf("meta: activation is %.50q, want %q or %q", a, nn.Sigmoid, nn.ReLU)
	}
	return meta.Settings.Activation, nil
}

// Load reads the model in the file at path. The weights may be of any float
// type and in Fortran order, as NumPy and PyTorch write them. Arrays with other
// names are ignored.
//
// Load returns an error of one line that starts with the path if the file is
// damaged, shapes do not fit together, a weight is not finite, or meta is not a
// JSON object.
func Load(path string) (*Model, error) {
	f, err := npz.Open(path)
	if err != nil {
		return nil, err
	}
	return read(f)
}

func read(f *npz.File) (*Model, error) {
	params, err := ReadParams(f)
	if err != nil {
		return nil, err
	}
	if len(params.Layers) == 1 {
		return nil, f.Errorf("has one layer, want a net with a hidden layer: W2 and b2 are missing")
	}
	m := &Model{Params: params}
	if f.Has("meta") {
		if m.Meta, _, err = f.Bytes("meta"); err != nil {
			return nil, err
		}
	}
	if f.Has("loss") {
		loss, shape, err := f.Floats("loss")
		if err != nil {
			return nil, err
		}
		if len(shape) != 1 {
			return nil, f.Errorf("loss %s is not 1-dimensional", number.Shape(shape))
		}
		m.Losses = loss
	}
	if err := m.check(); err != nil {
		return nil, f.Errorf("%w", err)
	}
	return m, nil
}

// check returns an error if a weight is not finite, or if Meta is not a JSON
// object or names an unknown activation.
func (m *Model) check() error {
	for _, a := range m.Arrays() {
		for i, v := range a.Data {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("%s%s is %v, want finite weights", a.Name, number.Index(i, a.Shape), v)
			}
		}
	}
	_, err := m.activation()
	return err
}

// Save writes the model to the file at path, completely or not at all: if Save
// fails or is killed, the file keeps its previous content. Equal models give
// equal bytes. Save refuses a model that [Load] would refuse.
func (m *Model) Save(path string) error { return atomicfile.Write(path, m.Write) }

// Write writes to w the bytes that [Model.Save] writes to a file.
func (m *Model) Write(w io.Writer) error {
	if err := m.check(); err != nil {
		return err
	}
	return npz.Write(w, m.arrays()...)
}

// arrays returns the arrays of the file.
func (m *Model) arrays() []npz.Array {
	var arrays []npz.Array
	for l, layer := range m.Layers {
		arrays = append(arrays,
			npz.Array{Name: fmt.Sprintf("W%d", l+1), Data: layer.W},
			npz.Array{Name: fmt.Sprintf("b%d", l+1), Data: layer.B})
	}
	if m.Meta != nil {
		arrays = append(arrays, npz.Array{Name: "meta", Data: []byte(m.Meta)})
	}
	if m.Losses != nil {
		arrays = append(arrays, npz.Array{Name: "loss", Data: m.Losses})
	}
	return arrays
}

// WeightsFile is the name of the weights in the folder of a training.
const WeightsFile = "weights.npz"

// Find returns the file of weights at path, a file or the folder of a training.
// It returns an error if path does not exist.
func Find(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("%s: %w", input.Quote(path), input.Bare(err))
	}
	if info.IsDir() {
		return filepath.Join(path, WeightsFile), nil
	}
	return path, nil
}

// Newest returns the folder within dir whose weights were written last, or ""
// if no folder in dir holds weights.
func Newest(dir string) string {
	entries, _ := os.ReadDir(dir)
	newest, written := "", time.Time{}
	for _, entry := range entries {
		folder := filepath.Join(dir, entry.Name())
		info, err := os.Stat(filepath.Join(folder, WeightsFile))
		if err == nil && info.Mode().IsRegular() && info.ModTime().After(written) {
			newest, written = folder, info.ModTime()
		}
	}
	return newest
}
