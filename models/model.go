package models

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"

	"numgrad/nn"
)

// Model is a trained net with what is known of its training.
type Model struct {
	*nn.Params
	Meta   json.RawMessage // a JSON object that is kept with the weights; nil if there is none
	Losses []float64       // the loss of each step of the training; nil if not kept
}

// check returns an error if the weights are not finite, or Meta is not a JSON
// object.
func (m *Model) check() error {
	_, hidden, classes := m.Sizes()
	for _, a := range []struct {
		name    string
		values  []float64
		columns int // 0 for a bias
	}{
		{"W1", m.W1.RawMatrix().Data, hidden},
		{"b1", m.B1, 0},
		{"W2", m.W2.RawMatrix().Data, classes},
		{"b2", m.B2, 0},
	} {
		if err := checkFinite(a.name, a.values, a.columns); err != nil {
			return err
		}
	}
	if m.Meta != nil && !isObject(m.Meta) {
		return fmt.Errorf("meta is no JSON object: it is %.50q", m.Meta)
	}
	return nil
}

func checkFinite(name string, values []float64, columns int) error {
	for i, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			continue
		}
		index := fmt.Sprint(i)
		if columns > 0 {
			index = fmt.Sprintf("%d,%d", i/columns, i%columns)
		}
		return fmt.Errorf("%s[%s] is %v, want weights that are finite", name, index, v)
	}
	return nil
}

func isObject(text []byte) bool {
	return json.Valid(text) && bytes.HasPrefix(bytes.TrimSpace(text), []byte("{"))
}
