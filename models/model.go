// Package models stores nets on disk. It also has a trained net built in.
//
// A file is a NumPy npz with the book's names: W1 [D×H], b1 [H], W2 [H×K],
// b2 [K], and W3, b3, … of a deeper net, in float64. np.load(file) returns the
// arrays of the book's params, and torch.from_numpy converts each of them.
// A file may also hold meta, a JSON object as uint8 [bytes], and loss, float64
// [steps].
//
// The hidden units are sigmoids, or ReLUs if meta contains
// {"settings": {"activation": "relu"}}.
//
// A training stores its net as weights.npz in a new folder.
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
	"strings"
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

// MNIST returns the trained net that is built in: the book's 784-50-10 after a
// training with the default settings. Each call returns a new copy.
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

// Net returns the net with the activation in Meta. It shares the memory of the
// weights. Net panics if Meta is not nil and [Model.Save] would refuse it.
func (m *Model) Net() *nn.Net {
	activation, err := m.activation()
	if err != nil {
		panic("models: " + err.Error())
	}
	return &nn.Net{Params: m.Params, Activation: activation}
}

// activation returns the activation in Meta. The default is the sigmoid.
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
// type, in C or Fortran order. Load ignores arrays with other names.
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

// ReadParams reads the weights W1, b1, W2, b2, … of a net of one layer or more.
// It returns an error with the names of the arrays if one is missing or empty, or
// if two do not fit together. It ignores arrays with other names.
func ReadParams(f *npz.File) (*nn.Params, error) {
	if err := checkNames(f); err != nil {
		return nil, err
	}
	layers := max(1, f.Largest("W", "b"))
	arrays := make([]nn.Array, 2*layers) // W1, b1, W2, b2, …
	for i := range arrays {
		a := nn.Array{Name: fmt.Sprintf("%c%d", "Wb"[i%2], 1+i/2)}
		var err error
		if a.Data, a.Shape, err = f.Numbers(a.Name); err != nil {
			return nil, err
		}
		if dims := 2 - i%2; len(a.Shape) != dims {
			return nil, f.Errorf("%s is not %d-dimensional", describe(a), dims)
		}
		if len(a.Data) == 0 {
			return nil, f.Errorf("%s is empty", describe(a))
		}
		arrays[i] = a
	}
	if err := checkShapes(arrays); err != nil {
		return nil, f.Errorf("%w", err)
	}

	sizes := []int{arrays[0].Shape[0]}
	for l := range layers {
		sizes = append(sizes, len(arrays[2*l+1].Data))
	}
	p := nn.NewParams(sizes...)
	for i, a := range p.Arrays() {
		copy(a.Data, arrays[i].Data)
	}
	return p, nil
}

// checkNames returns an error with advice if the arrays have PyTorch's names, such
// as fc1.weight. PyTorch's matrices are also transposed.
func checkNames(f *npz.File) error {
	for _, name := range f.Names() {
		if layer, ok := strings.CutSuffix(name, ".weight"); ok && !f.Has("W1") {
			layer = input.Quote(layer)
			return f.Errorf("has no array \"W1\", but %s.weight, as PyTorch names it: save the weights as W1 = %[1]s.weight.T, b1 = %[1]s.bias and so on", layer)
		}
	}
	return nil
}

// checkShapes returns an error unless each W has as many rows as the W before has
// columns, and as many columns as its b has elements.
func checkShapes(arrays []nn.Array) error {
	for i := 0; i < len(arrays); i += 2 {
		w, b := arrays[i], arrays[i+1]
		rows, columns := w.Shape[0], w.Shape[1]
		if i > 0 && arrays[i-2].Shape[1] != rows {
			return misfit(arrays[i-2], w, w, arrays[i-2].Shape[1] == columns)
		}
		if b.Shape[0] != columns {
			return misfit(w, b, w, b.Shape[0] == rows)
		}
	}
	return nil
}

func misfit(a, b, w nn.Array, transposed bool) error {
	err := fmt.Errorf("%s and %s do not fit together", describe(a), describe(b))
	if transposed {
		return fmt.Errorf("%w: is %s transposed, as Linear.weight of PyTorch is? Save its transpose, %[2]s.T", err, w.Name)
	}
	return err
}

// describe returns the name and shape, such as W1 [784×50].
func describe(a nn.Array) string { return a.Name + " " + number.Shape(a.Shape) }

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

// Save writes the model to the file at path, completely or not at all: after an
// error or a kill the file has its previous content. Equal models give equal
// bytes. Save returns an error for a model that [Load] would refuse.
func (m *Model) Save(path string) error { return atomicfile.Write(path, m.Write) }

// Write writes the content of the file to w. It is like [Model.Save] otherwise.
func (m *Model) Write(w io.Writer) error {
	if err := m.check(); err != nil {
		return err
	}
	return npz.Write(w, m.arrays()...)
}

// Arrays returns the weights W1, b1, W2, b2, … for an npz file. They share the
// memory of p.
func Arrays(p *nn.Params) []npz.Array {
	var arrays []npz.Array
	for l, layer := range p.Layers {
		arrays = append(arrays,
			npz.Array{Name: fmt.Sprintf("W%d", l+1), Data: layer.W},
			npz.Array{Name: fmt.Sprintf("b%d", l+1), Data: layer.B})
	}
	return arrays
}

// arrays returns the arrays of the file.
func (m *Model) arrays() []npz.Array {
	arrays := Arrays(m.Params)
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

// Newest returns the folder in dir with the newest weights, or "" if no folder in
// dir holds weights.
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
