package numbers

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"numgrad/chapter4"
	"numgrad/dataset"
	"numgrad/loss"
	"numgrad/train"
)

// digits is to how many significant digits the numbers are those of the
// book's published code: 17 for the same bits. Where there are fewer, a
// logarithm or an exponential is between, of which Go and NumPy may round the
// last digit differently; a difference divides that by 2h.
var digits = map[string]int{
	"cross_entropy_error (with 1e-7), y peaks at 2": 15,
	"cross_entropy_error (with 1e-7), y peaks at 7": 15,
	"simpleNet loss, t=[0,0,1] (with 1e-7)":         15,
	"simpleNet dW = numerical_gradient of the loss": 11,
}

func TestPublished(t *testing.T) {
	ours := slices.Concat(Rows(), TrainingRows(savedRun(t)))
	var file struct {
		Rows []struct{ What string }
	}
	if err := json.Unmarshal(publishedJSON, &file); err != nil {
		t.Fatal(err)
	}
	for _, row := range file.Rows {
		if strings.Contains(row.What, "shapes") || row.What == publishedCurve {
			continue // see TestShapes, TestTrainingRows
		}
		want := published(row.What)
		i := slices.IndexFunc(ours, func(r Row) bool { return slices.Equal(r.Published, want) })
		if i < 0 {
			t.Errorf("%s: no row has it", row.What)
			continue
		}
		for k, got := range ours[i].Ours {
			exact := digits[row.What] == 0
			if exact && got != want[k] || math.Abs(got-want[k]) > math.Abs(want[k])*math.Pow10(-digits[row.What]) && !exact {
				t.Errorf("%s: %v, want %v", row.What, got, want[k])
			}
		}
	}
}

func TestRows(t *testing.T) {
	for _, r := range slices.Concat(Rows(), TrainingRows(savedRun(t))) {
		if !r.Agrees() {
			t.Errorf("%s %s:\nprinted   %s\npublished %v\nours      %v", r.Section, r.What, r.Printed, r.Published, r.Ours)
		}
		if r.Printed == "" && r.Published == nil {
			t.Errorf("%s %s is compared with nothing", r.Section, r.What)
		}
		if r.Within > 0 && r.Within < 1e-15 && r.Printed != "" && (Row{Printed: r.Printed, Ours: r.Ours}).Verdict() != "all digits" {
			t.Errorf("%s %s: %v, the book prints %s", r.Section, r.What, r.Ours, r.Printed)
		}
	}
}

func TestShapes(t *testing.T) {
	for _, test := range []struct {
		what string
		want []float64
	}{
		{"net.params['W1'].shape", []float64{784, 100}},
		{"net.params['b1'].shape", []float64{100}},
		{"net.params['W2'].shape", []float64{100, 10}},
		{"net.params['b2'].shape", []float64{10}},
	} {
		i := slices.IndexFunc(Rows(), func(r Row) bool { return r.What == test.what })
		if got := Rows()[i].Ours; !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.what, got, test.want)
		}
	}
}

func TestTrainingRows(t *testing.T) {
	run := savedRun(t)
	rows := TrainingRows(run)
	if len(rows) != 2 {
		t.Fatalf("%d rows, want those of epochs 1 and 16", len(rows))
	}
	// As the golden file has them: iterations 600 and 9600.
	for i, want := range [][]float64{{0.7892666666666667, 0.7947}, {0.94705, 0.9465}} {
		if !slices.Equal(rows[i].Published, want) {
			t.Errorf("row %d: published %v, want %v", i, rows[i].Published, want)
		}
	}
	if got := TrainingRows(chapter4.Run{Log: run.Log[:3]}); len(got) != 1 {
		t.Errorf("three epochs give %d rows, want that of the first", len(got))
	}
	bad := slices.Clone(run.Log)
	bad[15].TestAcc = 0.93
	if rows := TrainingRows(chapter4.Run{Log: bad}); rows[1].Agrees() {
		t.Errorf("a test acc of 0.93 agrees: %+v", rows[1])
	}
}

func TestAgrees(t *testing.T) {
	for _, test := range []struct {
		name string
		row  Row
		want string
	}{
		{"same bits", Row{Printed: "0.25", Published: []float64{0.25}, Ours: []float64{0.25}}, "same bits"},
		{"all digits of the last", Row{Printed: "[0.25 1e-3]", Ours: []float64{0.2549, 0.00149}}, "all digits"},
		{"17 digits", Row{Printed: "0.59750000000000003", Ours: []float64{0.5974999999999999}}, "NO"},
		{"exponent", Row{Printed: "-2.58983747e+13", Ours: []float64{-25898374737328.363}}, "all digits"},
		{"other exponent", Row{Printed: "-2.58983747e+13", Ours: []float64{-2589837473732.8363}}, "NO"},
		{"last digit printed", Row{Printed: "0.26", Ours: []float64{0.2549}}, "NO"},
		{"sign", Row{Printed: "1.5", Ours: []float64{-1.5}}, "NO"},
		{"second of two", Row{Printed: "[6., 8.]", Ours: []float64{6.2, 7.4}}, "NO"},
		{"too few", Row{Printed: "[6., 8.]", Ours: []float64{6}}, "NO"},
		{"too few published", Row{Published: []float64{6, 8}, Ours: []float64{6}}, "NO"},
		{"none", Row{Printed: "6"}, "NO"},
		{"not a number", Row{Printed: "6.", Ours: []float64{math.NaN()}}, "NO"},
		{"one bit", Row{Published: []float64{1}, Ours: []float64{1 + 0x1p-52}}, "NO"},
		{"within", Row{Published: []float64{1}, Ours: []float64{1 + 0x1p-52}, Within: 0x1p-52}, "within 2e-16"},
		{"not within", Row{Published: []float64{1}, Ours: []float64{1 + 0x1p-51}, Within: 0x1p-52}, "NO"},
		{"printed, not published", Row{Printed: "1.0", Published: []float64{1.01}, Ours: []float64{1}}, "NO"},
		{"published, not printed", Row{Printed: "1.01", Published: []float64{1}, Ours: []float64{1}}, "NO"},
	} {
		if got := test.row.Verdict(); got != test.want {
			t.Errorf("%s: verdict %q, want %q", test.name, got, test.want)
		}
	}
}

// A wrong number in any row is seen.
func TestWrong(t *testing.T) {
	for _, r := range Rows() {
		for i := range r.Ours {
			wrong := r
			wrong.Ours = slices.Clone(r.Ours)
			wrong.Ours[i] += 1e-3*math.Abs(r.Ours[i]) + 1
			if wrong.Agrees() {
				t.Errorf("%s %s: %v agrees", r.Section, r.What, wrong.Ours)
			}
		}
	}
}

// The order of the sum may change the last digit, and nothing else.
func TestSumSquaredError(t *testing.T) {
	for n := 1; n <= 15; n++ {
		y, label := make([]float64, n), make([]float64, n)
		for i := range y {
			y[i] = math.Sin(float64(i))
		}
		label[n/2] = 1
		want := loss.SumSquaredError(mat.NewDense(1, n, y), mat.NewDense(1, n, label))
		if got := chapter4.SumSquaredError(y, label); math.Abs(got-want) > 4e-16*want {
			t.Errorf("%d classes: %v, want %v", n, got, want)
		}
	}
}

func TestImageRows(t *testing.T) {
	images := &dataset.Set{Rows: 28, Cols: 28, Classes: 10}
	for _, r := range ImageRows(images) {
		if r.Agrees() {
			t.Errorf("%s: no images agree: %v", r.What, r.Ours)
		}
	}
}

func savedRun(t *testing.T) chapter4.Run {
	t.Helper()
	run, _, err := Saved()
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// Both trainings begin with the accuracies of the initial weights.
func TestBefore(t *testing.T) {
	if race {
		t.Skip("the race detector takes a minute for the 70,000 images")
	}
	images, test, err := dataset.Load("")
	if err != nil {
		t.Fatal(err)
	}
	initial := train.New(train.Book(), images, test, 0)
	if got, want := before.TrainAcc, initial.Accuracy(images); got != want {
		t.Errorf("train acc %v, want %v", got, want)
	}
	if got, want := before.TestAcc, initial.Accuracy(test); got != want {
		t.Errorf("test acc %v, want %v", got, want)
	}
}

// The two trainings that ship are those that the figures say.
func TestSaved(t *testing.T) {
	numerical, backprop, err := Saved()
	if err != nil {
		t.Fatal(err)
	}
	book := train.Book()
	if n := len(numerical.Losses); n != book.Epochs*600 {
		t.Errorf("%d losses, want those of %d epochs", n, book.Epochs)
	}
	if len(numerical.Log) != book.Epochs || len(backprop.Log) != book.Epochs {
		t.Fatalf("logs of %d and %d epochs, want %d", len(numerical.Log), len(backprop.Log), book.Epochs)
	}
	for i, n := range numerical.Log {
		b := backprop.Log[i]
		if d := math.Abs(n.Loss - b.Loss); d == 0 || d > 1e-9 {
			t.Errorf("epoch %d: the mean losses are %v apart, want some, up to 1e-9", i+1, d)
		}
		n.Loss, b.Loss = 0, 0
		if !reflect.DeepEqual(n, b) {
			t.Errorf("epoch %d: %+v by numerical gradients, %+v by backprop", i+1, n, b)
		}
	}
}
