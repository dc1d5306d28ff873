package models

import (
	"fmt"
	"io"

	"numgrad/internal/atomicfile"
	"numgrad/internal/npz"
)

// Save writes the model to the file at path, whole or not at all: if Save fails
// or is killed, the file is what it was before. Equal models give equal bytes.
//
// A model that [Load] would refuse is an error.
func (m *Model) Save(path string) error {
	if err := m.check(); err != nil {
		return fmt.Errorf("%s: not saved: %w", path, err)
	}
	return atomicfile.Write(path, m.encode)
}

// Write writes to w what [Model.Save] writes to a file.
func (m *Model) Write(w io.Writer) error {
	if err := m.check(); err != nil {
		return fmt.Errorf("not written: %w", err)
	}
	return m.encode(w)
}

func (m *Model) encode(w io.Writer) error { return npz.Write(w, m.arrays()...) }

// arrays returns the model as it is in a file.
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
