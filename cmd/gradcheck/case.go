package main

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"numgrad/internal/input"
	"numgrad/internal/npz"
	"numgrad/internal/number"
	"numgrad/loss"
	"numgrad/models"
	"numgrad/nn"
)

// readCase reads the case, and the gradient if -against names one.
func (o *options) readCase() (*subject, error) {
	if o.out != "" {
		if err := checkOut(o.out); err != nil {
			return nil, err
		}
	}
	f, err := npz.Open(o.casePath)
	if err != nil {
		return nil, err
	}
	params, err := models.ReadParams(f)
	if err != nil {
		return nil, err
	}
	known := []string{"x", "t"}
	for _, a := range params.Arrays() {
		if err := checkFinite(f, a); err != nil {
			return nil, err
		}
		known = append(known, a.Name)
	}
	if err := refuseOthers(f, known); err != nil {
		return nil, err
	}
	s := &subject{about: input.Quote(o.casePath), precision: o.precision}
	s.net = &nn.Net{Params: params, Activation: o.activation, BookLoss: o.book}
	if s.x, err = readSamples(f, params.Sizes()[0]); err != nil {
		return nil, err
	}
	samples, _ := s.x.Dims()
	if s.t, err = readLabels(f, samples, s.net.Classes()); err != nil {
		return nil, err
	}
	if err := affordable(params.Sizes(), samples, fileSize(o.casePath), true); err != nil {
		return nil, f.Errorf("%w", err)
	}
	return s, s.readGradient(o.against)
}

// fileSize returns the size of a file in bytes, or 0 if there is none.
func fileSize(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// readSamples reads x, a row for each sample.
func readSamples(f *npz.File, inputs int) (*mat.Dense, error) {
	x, shape, err := f.Numbers("x")
	if err != nil {
		return nil, err
	}
	samples := len(x) / inputs
	if samples == 0 || !slices.Equal(shape, []int{samples, inputs}) {
		return nil, f.Errorf("x is %s, want [N×%d], a row for each sample%s", number.Shape(shape), inputs, remedy("x", shape, samples, inputs))
	}
	if err := checkFinite(f, nn.Array{Name: "x", Shape: shape, Data: x}); err != nil {
		return nil, err
	}
	return mat.NewDense(samples, inputs, x), nil
}

// readLabels reads t, class indices [N] or one-hot rows [N×K].
func readLabels(f *npz.File, samples, classes int) ([]int, error) {
	data, shape, err := f.Numbers("t")
	if err != nil {
		return nil, err
	}
	if slices.Equal(shape, []int{samples, classes}) {
		t, err := loss.Indices(mat.NewDense(samples, classes, data))
		if err != nil {
			return nil, f.Errorf("t: %w", err)
		}
		return t, nil
	}
	if !slices.Equal(shape, []int{samples}) {
		advice := remedy("t", shape, samples) + remedy("t", shape, samples, classes)
		return nil, f.Errorf("t is %s, want [%d], class indices, or [%[2]d×%d], one-hot%s", number.Shape(shape), samples, classes, advice)
	}
	t := make([]int, samples)
	for i, v := range data {
		t[i] = int(v)
		if t[i] < 0 || t[i] >= classes || float64(t[i]) != v {
			return nil, f.Errorf("t[%d] is %v, want a class index in 0…%d", i, v, classes-1)
		}
	}
	return t, nil
}

// readGradient reads the gradient in the file at path, or none if path is "".
func (s *subject) readGradient(path string) error {
	s.gradient = nn.NewParams(s.net.Sizes()...)
	arrays := s.gradient.Arrays()
	known := []string{"meta"} // in a file of -out
	for _, a := range arrays {
		known = append(known, a.Name)
	}
	if path == "" {
		s.missing = known
		return nil
	}
	f, err := npz.Open(path)
	if err != nil {
		return err
	}
	for _, a := range arrays {
		if !f.Has(a.Name) {
			s.missing = append(s.missing, a.Name)
			continue
		}
		data, shape, err := f.Numbers(a.Name)
		if err != nil {
			return err
		}
		if !slices.Equal(shape, a.Shape) {
			return f.Errorf("%s is %s, want %s%s", a.Name, number.Shape(shape), number.Shape(a.Shape), remedy(a.Name, shape, a.Shape...))
		}
		copy(a.Data, data)
		if dtype, _, _ := f.Describe(a.Name); dtype == "float32" {
			s.single = append(s.single, a.Name)
		}
	}
	if len(s.missing) == len(arrays) {
		return f.Errorf("has no gradient: it has the arrays %.300q, want %s, or some of them", strings.Join(f.Names(), " "), strings.Join(known[1:], ", "))
	}
	if len(s.missing) > 0 {
		s.notes = append(s.notes, fmt.Sprintf("%s: has no %s: not checked", input.Quote(path), strings.Join(s.missing, ", ")))
	}
	return refuseOthers(f, known)
}

// refuseOthers returns an error if the file has an array that is not known.
func refuseOthers(f *npz.File, known []string) error {
	for _, name := range f.Names() {
		if !slices.Contains(known, name) {
			return f.Errorf("has the array %.60q, which is not known: want %s", name, strings.Join(known, " "))
		}
	}
	return nil
}

// checkFinite returns an error at the first number that is not finite.
func checkFinite(f *npz.File, a nn.Array) error {
	for i, v := range a.Data {
		if math.IsNaN(v - v) {
			return f.Errorf("%s%v is %v, want a finite number", a.Name, number.Index(i, a.Shape), v)
		}
	}
	return nil
}

// remedy is advice for an array if its transpose, or its elements row by row,
// have the wanted shape, or "".
func remedy(name string, shape []int, want ...int) string {
	size := func(shape []int) int {
		n := 1
		for _, length := range shape {
			n *= length
		}
		return n
	}
	switch {
	case len(shape) == 2 && len(want) == 2 && shape[0] == want[1] && shape[1] == want[0]:
		return fmt.Sprintf(": use %s.T", name)
	case size(shape) == size(want) && (len(shape) == 1 || shape[0] == want[0]) && len(shape) != len(want):
		return fmt.Sprintf(": use %s.reshape(%s)", name, strings.Trim(strings.Join(strings.Fields(fmt.Sprint(want)), ", "), "[]"))
	}
	return ""
}
