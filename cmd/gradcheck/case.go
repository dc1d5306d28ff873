package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"numgrad/internal/input"
	"numgrad/internal/npz"
	"numgrad/internal/number"
	"numgrad/loss"
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
	s := &subject{about: input.Quote(o.casePath), precision: o.precision}
	sizes, samples, err := readSizes(f)
	if err != nil {
		return nil, err
	}
	if err := affordable(o.casePath, sizes, samples); err != nil {
		return nil, f.Errorf("%w", err)
	}
	s.net = &nn.Net{Params: nn.NewParams(sizes...), Activation: o.activation, BookLoss: o.book}
	known := []string{"x", "t"}
	for _, a := range s.net.Params.Arrays() {
		w, err := readFinite(f, a.Name, a.Shape...)
		if err != nil {
			return nil, err
		}
		copy(a.Data, w)
		known = append(known, a.Name)
	}
	if err := refuseOthers(f, known); err != nil {
		return nil, err
	}
	x, err := readFinite(f, "x", samples, sizes[0])
	if err != nil {
		return nil, err
	}
	s.x = mat.NewDense(samples, sizes[0], x)
	if s.t, err = readLabels(f, samples, s.net.Classes()); err != nil {
		return nil, err
	}
	return s, s.readGradient(o.against)
}

// readSizes returns the sizes of the layers, by the biases and the rows of W1,
// and the number of samples in x.
func readSizes(f *npz.File) (sizes []int, samples int, err error) {
	for l := range max(1, f.Largest("W", "b")) {
		_, w, err := f.Describe(fmt.Sprint("W", l+1))
		if err != nil {
			return nil, 0, err
		}
		name := fmt.Sprint("b", l+1)
		_, b, err := f.Describe(name)
		if err != nil {
			return nil, 0, err
		}
		if len(b) != 1 || b[0] == 0 {
			return nil, 0, f.Errorf("%s is %s, want one axis, an element for each unit", name, number.Shape(b))
		}
		if l == 0 {
			if len(w) != 2 || w[0] == 0 {
				return nil, 0, f.Errorf("W1 is %s, want two axes, a row for each input", number.Shape(w))
			}
			inputs := w[0]
			if w[1] != b[0] && w[0] == b[0] {
				inputs = w[1] // W1 is transposed, and reading it is an error
			}
			sizes = append(sizes, inputs)
		}
		sizes = append(sizes, b[0])
	}
	_, x, err := f.Describe("x")
	if err != nil {
		return nil, 0, err
	}
	if len(x) != 2 || x[0] == 0 || x[1] != sizes[0] {
		return nil, 0, f.Errorf("x is %s, want [N×%d], a row for each sample%s", number.Shape(x), sizes[0], remedyForX(x, sizes[0]))
	}
	return sizes, x[0], nil
}

// remedyForX is advice for an x of the wrong shape, or "".
func remedyForX(x []int, inputs int) string {
	pixels := 1
	for _, n := range x[min(1, len(x)):] {
		pixels *= n
	}
	switch {
	case slices.Equal(x, []int{inputs}):
		return ": one sample is x.reshape(1, -1)"
	case len(x) == 2 && x[0] == inputs:
		return ": use x.T"
	case len(x) > 2 && pixels == inputs:
		return ": flatten the images, x.reshape(len(x), -1)"
	}
	return ""
}

// refuseOthers returns an error if the file has an array that would be ignored.
func refuseOthers(f *npz.File, known []string) error {
	for _, name := range f.Names() {
		if !slices.Contains(known, name) {
			return f.Errorf("has the array %.60q, which is not known: want %s", name, strings.Join(known, " "))
		}
	}
	return nil
}

// readLabels reads t, class indices [N] or one-hot rows [N×K].
func readLabels(f *npz.File, samples, classes int) ([]int, error) {
	_, shape, err := f.Describe("t")
	if err != nil {
		return nil, err
	}
	indices, oneHot := []int{samples}, []int{samples, classes}
	if !slices.Equal(shape, indices) && !slices.Equal(shape, oneHot) {
		remedy := ""
		if slices.Equal(shape, []int{samples, 1}) {
			remedy = ": use t.ravel()"
		} else if slices.Equal(shape, []int{classes, samples}) {
			remedy = ": use t.T"
		}
		return nil, f.Errorf("t is %s, want %s, class indices, or %s, one-hot%s", number.Shape(shape), number.Shape(indices), number.Shape(oneHot), remedy)
	}
	data, err := readFinite(f, "t", shape...)
	if err != nil {
		return nil, err
	}
	if len(shape) == 2 {
		t, err := loss.Indices(mat.NewDense(samples, classes, data))
		if err != nil {
			return nil, f.Errorf("t: %w", err)
		}
		return t, nil
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
		data, dtype, err := readArray(f, a.Name, a.Shape...)
		if err != nil {
			return err
		}
		copy(a.Data, data)
		if dtype == "float32" {
			s.single = append(s.single, a.Name)
		}
	}
	if len(s.missing) == len(arrays) {
		return f.Errorf("has no gradient: it has the arrays %.300q, want %s, or some of them", strings.Join(f.Names(), " "), strings.Join(known[1:], ", "))
	}
	if err := refuseOthers(f, known); err != nil {
		return err
	}
	if len(s.missing) > 0 {
		s.notes = append(s.notes, fmt.Sprintf("%s: has no %s: not checked", input.Quote(path), strings.Join(s.missing, ", ")))
	}
	return nil
}

// readFinite is readArray of finite numbers.
func readFinite(f *npz.File, name string, shape ...int) ([]float64, error) {
	data, _, err := readArray(f, name, shape...)
	for i, v := range data {
		if math.IsNaN(v - v) {
			return nil, f.Errorf("%s%v is %v, want a finite number", name, number.Index(i, shape), v)
		}
	}
	return data, err
}

// readArray reads an array of floats, integers or booleans, by rows.
func readArray(f *npz.File, name string, shape ...int) (data []float64, dtype string, err error) {
	dtype, got, err := f.Describe(name)
	if err != nil {
		return nil, "", err
	}
	if !slices.Equal(got, shape) {
		err := f.Errorf("%s is %s, want %s", name, number.Shape(got), number.Shape(shape))
		if len(got) == 2 && slices.Equal([]int{got[1], got[0]}, shape) {
			err = fmt.Errorf("%w: is it transposed, as Linear.weight of PyTorch is?", err)
		}
		return nil, "", err
	}
	if strings.Contains(dtype, "int") || dtype == "bool" {
		integers, _, err := f.Ints(name)
		data = make([]float64, len(integers))
		for i, v := range integers {
			data[i] = float64(v)
		}
		return data, dtype, err
	}
	data, _, err = f.Floats(name)
	return data, dtype, err
}
