package models

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"numgrad/internal/npz"
	"numgrad/nn"
)

// small is the net of testdata/make.py: 4 inputs, 3 hidden units, 2 classes.
func small() *nn.Params {
	p := nn.NewParams(4, 3, 2)
	copy(p.Vector, []float64{
		0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1, 1.125, 1.25, 1.375, // W1
		-1, 0.5, 2, // b1
		-2, -1, 0, 1, 2, 3, // W2
		0.25, -0.25, // b2
	})
	return p
}

// deep is a net of three hidden layers.
func deep() *nn.Params {
	p := nn.NewParams(4, 3, 1, 5, 2)
	for i := range p.Vector {
		p.Vector[i] = float64(i) / 7
	}
	return p
}

func TestRoundTrip(t *testing.T) {
	extreme := small()
	extreme.Vector[0], extreme.Vector[1] = math.Copysign(0, -1), math.SmallestNonzeroFloat64
	for name, m := range map[string]*Model{
		"weights alone": {Params: small()},
		"all":           {small(), json.RawMessage(` {"epochs": 17, "ß": "重み"}` + "\n"), []float64{2.3, math.NaN(), 0.1}},
		"no steps yet":  {small(), json.RawMessage(`{}`), []float64{}},
		"deep":          {Params: deep(), Meta: json.RawMessage(`{"settings": {"activation": "relu"}}`)},
		"one of each":   {Params: nn.NewParams(1, 1, 1)},
		"extremes":      {Params: extreme},
	} {
		path := filepath.Join(t.TempDir(), "m.npz")
		if err := m.Save(path); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := Load(path)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		checkSame(t, name, got, m)
	}
}

func checkSame(t *testing.T, name string, got, want *Model) {
	t.Helper()
	if !sameBits(got.Vector, want.Vector) {
		t.Errorf("%s: weights %v, want %v", name, got.Vector, want.Vector)
	}
	if !slices.Equal(got.Sizes(), want.Sizes()) {
		t.Errorf("%s: a net of sizes %v, want %v", name, got.Sizes(), want.Sizes())
	}
	if string(got.Meta) != string(want.Meta) || (got.Meta == nil) != (want.Meta == nil) {
		t.Errorf("%s: meta %q, want %q", name, got.Meta, want.Meta)
	}
	if !sameBits(got.Losses, want.Losses) || (got.Losses == nil) != (want.Losses == nil) {
		t.Errorf("%s: losses %v, want %v", name, got.Losses, want.Losses)
	}
}

func sameBits(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) })
}

func TestLoadNumPy(t *testing.T) {
	for _, path := range []string{"testdata/numpy.npz", "testdata/torch.npz"} {
		m, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		checkSame(t, path, m, &Model{Params: small()})
	}
}

func TestMNIST(t *testing.T) {
	m := MNIST()
	if got, want := m.Sizes(), []int{784, 50, 10}; !slices.Equal(got, want) {
		t.Errorf("a net of sizes %v, want %v", got, want)
	}
	m.Layers[0].W.Set(0, 0, 1e9)
	if MNIST().Layers[0].W.At(0, 0) == 1e9 {
		t.Error("a change of one copy changes the next")
	}
	var written bytes.Buffer
	if err := MNIST().Write(&written); err != nil || written.String() != string(mnist) {
		t.Errorf("Write: %v, or other bytes than those embedded", err)
	}
	path := filepath.Join(t.TempDir(), "m.npz")
	if err := MNIST().Save(path); err != nil {
		t.Fatal(err)
	}
	if saved, err := os.ReadFile(path); err != nil || string(saved) != string(mnist) {
		t.Errorf("saved again, the file has %d bytes and is another than the %d embedded, %v", len(saved), len(mnist), err)
	}
}

// Meta names the activation; the default is the sigmoid.
func TestNet(t *testing.T) {
	for meta, want := range map[string]nn.Activation{
		"":                        nn.Sigmoid,
		`{"epochs": 17}`:          nn.Sigmoid,
		`{"settings": {"lr": 1}}`: nn.Sigmoid,
		`{"settings": {"activation": "sigmoid"}}`: nn.Sigmoid,
		`{"settings": {"activation": "relu"}}`:    nn.ReLU,
	} {
		m := &Model{Params: small()}
		if meta != "" {
			m.Meta = json.RawMessage(meta)
		}
		net := m.Net()
		if net.Activation != want || net.Params != m.Params {
			t.Errorf("meta %s: activation %q, want %q", meta, net.Activation, want)
		}
	}
}

func TestLoadFaults(t *testing.T) {
	matrix := func(r, c int) *mat.Dense { return mat.NewDense(r, c, nil) }
	vector := func(n int) []float64 { return make([]float64, n) }
	net := func(data ...any) (list []npz.Array) {
		for i, name := range []string{"W1", "b1", "W2", "b2"}[:len(data)] {
			list = append(list, npz.Array{Name: name, Data: data[i]})
		}
		return list
	}
	notFinite := func(at int, v float64) []npz.Array {
		p := small()
		p.Vector[at] = v
		return (&Model{Params: p}).arrays()
	}
	with := func(name string, data any) []npz.Array {
		return append((&Model{Params: small()}).arrays(), npz.Array{Name: name, Data: data})
	}
	without := func(names ...string) []npz.Array {
		deep := &Model{Params: nn.NewParams(4, 3, 3, 2)}
		return slices.DeleteFunc(deep.arrays(), func(a npz.Array) bool { return slices.Contains(names, a.Name) })
	}
	manyLayers := func(n int, without ...string) (list []npz.Array) {
		for l := range n {
			list = append(list,
				npz.Array{Name: fmt.Sprintf("W%d", l+1), Data: matrix(1, 1)},
				npz.Array{Name: fmt.Sprintf("b%d", l+1), Data: vector(1)})
		}
		return slices.DeleteFunc(list, func(a npz.Array) bool { return slices.Contains(without, a.Name) })
	}
	for _, test := range []struct {
		arrays []npz.Array
		want   string
	}{
		{nil, `has no array "W1", nor any other`},
		{[]npz.Array{{Name: "fc1.weight", Data: matrix(3, 4)}, {Name: "fc1.bias", Data: vector(3)}},
			`has no array "W1", but fc1.weight, as PyTorch names it: save the weights as W1 = fc1.weight.T, b1 = fc1.bias and so on`},
		{net(matrix(4, 4), vector(4), matrix(2, 4), vector(2)),
			"W1 [4×4] and W2 [2×4] do not fit together: is W2 transposed, as Linear.weight of PyTorch is? Save its transpose, W2.T"},
		{net(matrix(4, 3)), `has no array "b1", only "W1"`},
		{without("W2", "b2"), `has no array "W2", only "W1 b1 W3 b3"`},
		{without("b2"), `has no array "b2", only "W1 b1 W2 W3 b3"`},
		{without("W3"), `has no array "W3", only "W1 b1 W2 b2 b3"`},
		{with("W99999999999", matrix(2, 2)), `has no array "W3", only "W1 b1 W2 b2 W99999999999"`},
		{manyLayers(10_000), "holds 20000 arrays, want at most 1000"},
		{manyLayers(500, "b77"), `has no array "b77"`},
		{net(matrix(4, 3), vector(3)), "has one layer, want a net with a hidden layer"},
		{net([]byte{1, 2}), "W1 [2] is not 2-dimensional"},
		{net(vector(12)), "W1 [12] is not 2-dimensional"},
		{net(matrix(4, 3), matrix(1, 3)), "b1 [1×3] is not 1-dimensional"},
		{net(matrix(4, 3), vector(0), matrix(3, 2), vector(2)), "b1 [0] is empty"},
		{net(matrix(4, 3), vector(5), matrix(3, 2), vector(2)), "W1 [4×3] and b1 [5] do not fit together"},
		{net(matrix(4, 3), vector(3), matrix(4, 2), vector(2)),
			"W1 [4×3] and W2 [4×2] do not fit together"},
		{net(matrix(4, 3), vector(3), matrix(3, 2), vector(9)), "W2 [3×2] and b2 [9] do not fit together"},
		{net(matrix(3, 4), vector(3), matrix(2, 3), vector(2)),
			"W1 [3×4] and b1 [3] do not fit together: is W1 transposed, as Linear.weight of PyTorch is? Save its transpose, W1.T"},
		{notFinite(5, math.NaN()), "W1[1,2] is NaN, want finite weights"},
		{notFinite(20, math.Inf(-1)), "W2[2,1] is -Inf, want finite weights"},
		{with("meta", []byte("{")), `meta is no JSON object: it is "{"`},
		{with("meta", []byte("[1]")), `meta is no JSON object: it is "[1]"`},
		{with("meta", []byte(`{"settings": {"activation": "tanh"}}`)), `meta: activation is "tanh", want "sigmoid" or "relu"`},
		{with("meta", []byte(`{"settings": 5}`)), `meta: json: `},
		{with("meta", vector(2)), `array "meta" holds float64, want uint8`},
		{with("loss", []byte("12")), `array "loss" holds uint8, want float16, float32 or float64`},
		{with("loss", matrix(2, 2)), "loss [2×2] is not 1-dimensional"},
	} {
		path := filepath.Join(t.TempDir(), "m.npz")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(npz.Write(f, test.arrays...), f.Close()); err != nil {
			t.Fatal(err)
		}
		_, err = Load(path)
		if want := path + ": " + test.want; err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func TestLoadNothing(t *testing.T) {
	if _, err := Load("testdata/none.npz"); !errors.Is(err, fs.ErrNotExist) || strings.Count(err.Error(), "testdata/none.npz") != 1 {
		t.Errorf("error %v, want one that wraps fs.ErrNotExist, with the path", err)
	}
	if _, err := Load("testdata/make.py"); err == nil || !strings.HasPrefix(err.Error(), "testdata/make.py: is not an npz file") {
		t.Errorf("error %v, want that it is not an npz file", err)
	}
}

// A model that Load would refuse is not saved, and the existing file stays.
func TestSaveFaults(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.npz")
	good := &Model{Params: small()}
	if err := good.Save(path); err != nil {
		t.Fatal(err)
	}
	diverged := &Model{Params: small()}
	diverged.Layers[1].W.Set(1, 1, math.NaN())
	for _, test := range []struct {
		m    *Model
		want string
	}{
		{diverged, "W2[1,1] is NaN, want finite weights"},
		{&Model{Params: small(), Meta: json.RawMessage("17")}, `meta is no JSON object: it is "17"`},
	} {
		want := "write " + path + ": " + test.want
		if err := test.m.Save(path); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
		if err := test.m.Write(io.Discard); err == nil || err.Error() != test.want {
			t.Errorf("written, it gives %v", err)
		}
	}
	if err := good.Save(path + "/m.npz"); err == nil || strings.Count(err.Error(), path) != 1 {
		t.Errorf("error %v, want one with the path", err)
	}
	m, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	checkSame(t, "the file before", m, good)
}
