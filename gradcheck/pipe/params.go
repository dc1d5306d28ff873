package pipe

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"numgrad/gradcheck"
)

// precisions are the unit round-offs of the types that a gradient may have.
var precisions = map[string]float64{"": gradcheck.Float64, "float64": gradcheck.Float64, "float32": gradcheck.Float32}

// param is one parameter in the program's first line.
type param struct {
	Name     string   `json:"name"`
	Shape    []int    `json:"shape"`
	Values   []number `json:"values"`
	Gradient []number `json:"gradient"`
	DType    string   `json:"dtype"`
}

// hello is the program's first line.
type hello struct {
	Params []param `json:"params"`
	// Base64 says that the program understands values in base64.
	Base64 bool   `json:"base64"`
	Error  string `json:"error"`
}

func parseHello(line []byte) (*hello, error) {
	var h hello
	if err := unmarshal(line, &h); err != nil {
		return nil, nonsense(line, `{"params": …}`, err)
	}
	if h.Error != "" {
		return nil, reported(h.Error)
	}
	return &h, nil
}

// params returns the parameters, and the precision of the least precise
// gradient.
func (h *hello) params() (params []gradcheck.Param, precision float64, err error) {
	elements := 0
	seen := map[string]bool{}
	for _, p := range h.Params {
		if seen[p.Name] {
			return nil, 0, fmt.Errorf("has two parameters named %q, want a name for each", p.Name)
		}
		seen[p.Name] = true
		if err := p.check(); err != nil {
			return nil, 0, err
		}
		params = append(params, gradcheck.Param{Name: p.Name, Shape: p.Shape, X: floats(p.Values), Gradient: floats(p.Gradient)})
		precision = math.Max(precision, precisions[p.DType])
		elements += len(p.Values)
	}
	if elements == 0 {
		return nil, 0, fmt.Errorf("has no parameters in its first line, want one element to check or more")
	}
	return params, precision, nil
}

// check returns what is wrong with a parameter.
func (p *param) check() error {
	if p.Name == "" || strings.ContainsAny(p.Name, "\r\n") {
		return fmt.Errorf("has a parameter named %q, want a name of one line", p.Name)
	}
	if len(p.Gradient) != len(p.Values) {
		return fmt.Errorf("has %d values and a gradient of %d for %s, want as many", len(p.Values), len(p.Gradient), p.Name)
	}
	if p.Shape != nil && !fills(p.Shape, len(p.Values)) {
		return fmt.Errorf("has %d values for %s of shape %v", len(p.Values), p.Name, p.Shape)
	}
	if _, ok := precisions[p.DType]; !ok {
		return fmt.Errorf("has the dtype %q for %s, want float64 or float32", p.DType, p.Name)
	}
	for i, v := range p.Values {
		if v := float64(v); math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("has the value %v for element %d of %s, want finite numbers", v, i, p.Name)
		}
	}
	return nil
}

// fills reports whether an array of the given shape has n elements.
func fills(shape []int, n int) bool {
	size := 1
	for _, length := range shape {
		if length < 0 || length > 0 && size > math.MaxInt/length {
			return false
		}
		size *= length
	}
	return size == n
}

func floats(v []number) []float64 {
	x := make([]float64, len(v))
	for i, n := range v {
		x[i] = float64(n)
	}
	return x
}

// unmarshal reads one JSON value with the fields of dst and no others.
func unmarshal(line []byte, dst any) error {
	d := json.NewDecoder(bytes.NewReader(quoteNonFinite(line)))
	d.DisallowUnknownFields()
	if err := d.Decode(dst); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("more than one JSON value")
	}
	return nil
}
