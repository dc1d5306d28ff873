package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"numgrad/gradcheck"
	"numgrad/internal/atomicfile"
	"numgrad/internal/input"
	"numgrad/internal/npz"
	"numgrad/models"
	"numgrad/nn"
)

// mark is the meta of the files that -out writes, which are told by it.
const mark = `{"gradient": "numerical"}`

// checkOut returns an error if no file can be written at path, or if the one
// that is there was not written by -out.
func checkOut(path string) error {
	if err := atomicfile.Check(path); err != nil {
		return err
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 || isMarked(path) {
		return nil
	}
	return fmt.Errorf("-out: %s was not written by gradcheck -out: move it away, or name another file", input.Quote(path))
}

// isMarked reports whether the file at path is one that -out has written.
func isMarked(path string) bool {
	f, err := npz.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	meta, _, err := f.Bytes("meta")
	return err == nil && string(meta) == mark
}

// writeGradient writes the differences of a report on all weights to a file.
func writeGradient(path string, r *gradcheck.Report, weights *nn.Params) error {
	numerical := nn.NewParams(weights.Sizes()...)
	rest := numerical.Vector
	for _, p := range r.Params {
		for _, e := range p.Elements {
			rest[e.Index] = e.Difference
		}
		rest = rest[p.Size:]
	}
	return (&models.Model{Params: numerical, Meta: []byte(mark)}).Save(path)
}
