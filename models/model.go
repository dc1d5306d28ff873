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

// Net returns the net that the weights are of, with the activation that Meta
// names. It shares the memory of the weights. Net panics if [Model.Save] would
// refuse Meta.
func (m *Model) Net() *nn.Net {
	activation, err := m.activation()
	if err != nil {
		panic("models: " + err.Error())
	}
	return &nn.Net{Params: m.Params, Activation: activation}
}

// activation returns what Meta says of the hidden units: sigmoids, if nothing.
func (m *Model) activation() (nn.Activation, error) {
	if m.Meta == nil {
		return nn.Sigmoid, nil
	}
	if !isObject(m.Meta) {
		return "", fmt.Errorf("meta is no JSON object: it is %.50q", m.Meta)
	}
	meta := struct {
		Settings struct{ Activation nn.Activation }
	}{}
	meta.Settings.Activation = nn.Sigmoid
	if err := json.Unmarshal(m.Meta, &meta); err != nil {
		return "", fmt.Errorf("meta: %w", err)
	}
	if a := meta.Settings.Activation; a != nn.Sigmoid && a != nn.ReLU {
		return "", fmt.Errorf("meta: activation is %.50q, want %q or %q", a, nn.Sigmoid, nn.ReLU)
	}
	return meta.Settings.Activation, nil
}

// check returns an error if the weights are not finite, or Meta is not a JSON
// object, or names an unknown activation.
func (m *Model) check() error {
	for _, a := range m.Arrays() {
		if err := checkFinite(a); err != nil {
			return err
		}
	}
	_, err := m.activation()
	return err
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
