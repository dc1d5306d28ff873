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
	for _, a := range m.Arrays() {
		if err := checkFinite(a); err != nil {
			return err
		}
	}
	if m.Meta != nil && !isObject(m.Meta) {
		return fmt.Errorf("meta is no JSON object: it is %.50q", m.Meta)
	}
	return nil
}

func checkFinite(a nn.Array) error {
	for i, v := range a.Data {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			continue
		}
		index := fmt.Sprint(i)
		if len(a.Shape) == 2 {
			index = fmt.Sprintf("%d,%d", i/a.Shape[1], i%a.Shape[1])
		}
		return fmt.Errorf("%s[%s] is %v, want weights that are finite", a.Name, index, v)
	}
	return nil
}

func isObject(text []byte) bool {
	return json.Valid(text) && bytes.HasPrefix(bytes.TrimSpace(text), []byte("{"))
}
