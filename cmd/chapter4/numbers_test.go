package main

import (
	"math"
	"os"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"

	"numgrad/chapter4"
	"numgrad/dataset"
	"numgrad/train"
)

// amd64 is the machine on which the figures were drawn. Elsewhere a fused
// multiply-add changes some pixels, and logarithms their last digits.
const amd64 = runtime.GOARCH == "amd64"

var images = regexp.MustCompile(`\(chapter4/[^)]*\.png\)`)

func builtIn(t *testing.T) material {
	t.Helper()
	m, err := saved()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// significant is the number of digits that agree with the book's published
// code. It is 17, the same bits, where there is no entry. In the others Go and
// NumPy may round a logarithm differently, and a difference divides that by 2h.
var significant = map[string]int{
	"cross_entropy_error, 2 is likely": 15,
	"cross_entropy_error, 7 is likely": 15,
	"net.loss(x, t), published code":   15,
	"dW, published code":               11,
}

// All numbers agree, and each result of the published code has a number.
func TestAllAgree(t *testing.T) {
	compared := map[string]bool{notebook: true}
	for _, s := range chapter(builtIn(t)) {
		for _, n := range s.numbers {
			if !n.agrees() || n.printed == "" && n.expected == nil {
				t.Errorf("%s %s: %s, %+v", s.number, n.what, n.verdict(), n)
			}
			compared[n.what] = true
			want := published()[n.what]
			for i := range want {
				exact := significant[n.what] == 0
				if exact && n.ours[i] != want[i] || math.Abs(n.ours[i]-want[i]) > math.Abs(want[i])*math.Pow10(-significant[n.what]) {
					t.Errorf("%s %s: %v, want %v", s.number, n.what, n.ours[i], want[i])
				}
			}
		}
	}
	for name := range published() {
		if !compared[name] {
			t.Errorf("no number is compared with %q", name)
		}
	}
}

func TestVerdict(t *testing.T) {
	for _, test := range []struct {
		name   string
		number number
		want   string
	}{
		{"same bits", number{printed: "0.25", expected: []float64{0.25}, ours: []float64{0.25}}, "same bits"},
		{"all digits of the last", number{printed: "[0.25 1e-3]", ours: []float64{0.2549, 0.00149}}, "all digits"},
		{"17 digits", number{printed: "0.59750000000000003", ours: []float64{0.5974999999999999}}, "NO"},
		{"exponent", number{printed: "-2.58983747e+13", ours: []float64{-25898374737328.363}}, "all digits"},
		{"other exponent", number{printed: "-2.58983747e+13", ours: []float64{-2589837473732.8363}}, "NO"},
		{"last digit printed", number{printed: "0.26", ours: []float64{0.2549}}, "NO"},
		{"sign", number{printed: "1.5", ours: []float64{-1.5}}, "NO"},
		{"second of two", number{printed: "[6., 8.]", ours: []float64{6.2, 7.4}}, "NO"},
		{"too few", number{printed: "[6., 8.]", ours: []float64{6}}, "NO"},
		{"too few published", number{expected: []float64{6, 8}, ours: []float64{6}}, "NO"},
		{"none", number{printed: "6"}, "NO"},
		{"not a number", number{printed: "6.", ours: []float64{math.NaN()}}, "NO"},
		{"one bit", number{expected: []float64{1}, ours: []float64{1 + 0x1p-52}}, "NO"},
		{"within", number{expected: []float64{1}, ours: []float64{1 + 0x1p-52}, tolerance: 0x1p-52}, "within 2e-16"},
		{"not within", number{expected: []float64{1}, ours: []float64{1 + 0x1p-51}, tolerance: 0x1p-52}, "NO"},
		{"printed, not published", number{printed: "1.0", expected: []float64{1.01}, ours: []float64{1}}, "NO"},
		{"published, not printed", number{printed: "1.01", expected: []float64{1}, ours: []float64{1}}, "NO"},
		{"expected", number{expected: []float64{1}, ours: []float64{1}}, "same bits"},
		{"not expected", number{expected: []float64{1}, ours: []float64{1 + 1e-9}}, "NO"},
	} {
		if got := test.number.verdict(); got != test.want {
			t.Errorf("%s: verdict %q, want %q", test.name, got, test.want)
		}
	}
}

func TestWriteTable(t *testing.T) {
	var out strings.Builder
	err := writeTable(&out, []number{
		{what: "numerical_diff(function_1, 5)", printed: "0.1999999999990898", ours: []float64{chapter4.NumericalDiff(chapter4.Function1, 5)}},
		{what: "minimum, nearly", printed: "[0., 0.]", expected: []float64{0, 0}, ours: []float64{1e-9, 0.5}, tolerance: 1e-8, note: "A wrong number."},
	})
	const want = `
                               the book prints     expected  ours                agree
numerical_diff(function_1, 5)  0.1999999999990898            0.1999999999990898  all digits
minimum, nearly                0.                  0         1e-09               NO [1]
                               0.                  0         0.5
[1] A wrong number.
`
	if err != nil || "\n"+out.String() != want {
		t.Errorf("error %v, table\n%swant%s", err, out.String(), want)
	}
}

// The two built-in trainings are the book's, and differ only in the loss, by
// round-off.
func TestSaved(t *testing.T) {
	m, book := builtIn(t), train.Book()
	if n := len(m.numerical.Losses); n != book.Epochs*600 || len(m.numerical.Log) != book.Epochs || len(m.backprop.Log) != book.Epochs {
		t.Fatalf("%d losses, logs of %d and %d epochs, want %d", n, len(m.numerical.Log), len(m.backprop.Log), book.Epochs)
	}
	for i, n := range m.numerical.Log {
		b := m.backprop.Log[i]
		if d := math.Abs(n.Loss - b.Loss); d == 0 || d > 1e-9 {
			t.Errorf("epoch %d: the mean losses are %v apart, want some, up to 1e-9", i+1, d)
		}
		n.Loss, b.Loss = 0, 0
		if n != b {
			t.Errorf("epoch %d: %+v by numerical gradients, %+v by backprop", i+1, n, b)
		}
	}
}

// Epoch 0 has the accuracies of the initial weights.
func TestBefore(t *testing.T) {
	if race {
		t.Skip("the race detector takes a minute for 70,000 images")
	}
	images, test, err := dataset.Load("")
	if err != nil {
		t.Fatal(err)
	}
	initial := train.New(train.Book(), images, test, 0)
	if got := (train.Epoch{TrainAcc: initial.Accuracy(images), TestAcc: initial.Accuracy(test)}); got != before {
		t.Errorf("%+v, want %+v", got, before)
	}
}

// The accuracies of eight trainings from different seeds have the standard
// deviations in spreads. It takes a minute or two.
func TestSpreadLong(t *testing.T) {
	if os.Getenv("NUMGRAD_LONG") == "" {
		t.Skip("NUMGRAD_LONG is not set")
	}
	images, test, err := dataset.Load("")
	if err != nil {
		t.Fatal(err)
	}
	trainAcc, testAcc := map[int][]float64{}, map[int][]float64{}
	for seed := uint64(1); seed <= 8; seed++ {
		settings := train.Book()
		settings.Seed, settings.Epochs = seed, 16
		run, err := chapter4.TrainNeuralNet(settings, images, test, func(train.Epoch) {})
		if err != nil {
			t.Fatal(err)
		}
		for epoch := range spreads {
			e := run.Log[epoch-1]
			trainAcc[epoch], testAcc[epoch] = append(trainAcc[epoch], e.TrainAcc), append(testAcc[epoch], e.TestAcc)
		}
	}
	for epoch, want := range spreads {
		got := math.Max(stat.StdDev(trainAcc[epoch], nil), stat.StdDev(testAcc[epoch], nil))
		if got > want || got < 0.9*want {
			t.Errorf("epoch %d: standard deviation %v, spreads has %v", epoch, got, want)
		}
	}
}
