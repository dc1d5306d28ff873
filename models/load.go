package models

import (
	"bytes"
	_ "embed"
	"fmt"

	"numgrad/internal/npz"
)

//go:embed mnist.npz
var mnist []byte

// MNIST returns the net that comes with this package: the book's, of 784-50-10
// units, as the training with default settings leaves it. Each call returns a
// new copy.
func MNIST() *Model {
	m, err := parse(mnist)
	if err != nil {
		panic(fmt.Sprintf("models: embedded mnist.npz: %v", err))
	}
	return m
}

func parse(file []byte) (*Model, error) {
	f, err := npz.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, err
	}
	return read(f)
}

// Load reads the model in the file at path. Weights may be float32, and in
// Fortran order, as they come from NumPy and PyTorch; arrays of other names are
// not looked at.
//
// A file that is damaged, shapes that do not fit together, weights that are
// not finite and a meta that is no JSON object are errors, of one line that
// starts with the path.
func Load(path string) (*Model, error) {
	f, err := npz.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return read(f)
}

func read(f *npz.File) (*Model, error) {
	params, err := readParams(f)
	if err != nil {
		return nil, err
	}
	m := &Model{Params: params}
	if f.Has("meta") {
		if m.Meta, _, err = f.Bytes("meta"); err != nil {
			return nil, err
		}
	}
	if f.Has("loss") {
		loss, err := readArray(f, "loss", 1)
		if err != nil {
			return nil, err
		}
		m.Losses = loss.data
	}
	if err := m.check(); err != nil {
		return nil, f.Errorf("%w", err)
	}
	return m, nil
}
