package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/tabwriter"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/chapter4"
	"numgrad/dataset"
	"numgrad/grad"
	"numgrad/internal/figure"
	"numgrad/loss"
	"numgrad/models"
	"numgrad/nn"
	"numgrad/train"
)

// section is a section of the chapter, or a subsection, with its results.
type section struct {
	number, title string
	numbers       []number
	figures       []fig
}

// fig is a figure: the book's number, such as 4-3, or a name of its own.
type fig struct {
	name, shows string
	draw        func() *figure.Figure
}

// material is the data of the sections on MNIST and on the training.
type material struct {
	images              *dataset.Set // training images, or nil
	numerical, backprop chapter4.Run // two trainings from the same seed
}

// ulpOfLog is the unit in the last place of numbers from 2 to 4. No library
// promises a logarithm closer than that.
const ulpOfLog = 0x1p-51

// chapter returns all sections in the book's order, with their results.
func chapter(m material) []section {
	right := []float64{0.1, 0.05, 0.6, 0, 0.05, 0.1, 0, 0.1, 0, 0} // answers of section 4.2
	wrong := []float64{0.1, 0.05, 0.1, 0, 0.05, 0.1, 0, 0.6, 0, 0}
	label := []float64{0, 0, 1, 0, 0, 0, 0, 0, 0, 0}
	f1, f2 := chapter4.Function1, chapter4.Function2
	tiny, at34, start := 1e-50, []float64{3, 4}, []float64{-3, 4}
	arrives, _ := chapter4.GradientDescent(f2, start, 0.1, 100)
	fliesOff, _ := chapter4.GradientDescent(f2, start, 10, 100)
	stays, _ := chapter4.GradientDescent(f2, start, 1e-10, 100)
	_, path := chapter4.GradientDescent(f2, start, 0.1, 20)
	held, _ := chapter4.GradientDescent(chapter4.Saddle, []float64{-3, 0}, 0.1, 100)

	net := chapter4.NewSimpleNet()
	x, t := []float64{0.6, 0.9}, []float64{0, 0, 1}
	dW := func(loss func(x, t []float64) float64) []float64 {
		return net.Gradient(func() float64 { return loss(x, t) }).RawMatrix().Data
	}
	// The book prints W with 8 decimals, each off by up to 5e-9.
	fromW := 5e-9 * floats.Norm(dW(net.Loss), 1)
	// A loss near 1 is rounded to 2^-53, a few times, and then divided by 2h.
	const fromRounding = 8 * 0x1p-53 / grad.BookStep

	return []section{
		{"4.1", "Learning from data", nil, nil},
		{"4.1.1", "Driven by data", nil, nil},
		{"4.1.2", "Training data and test data", nil, nil},
		{"4.2", "Loss functions", nil, nil},
		{"4.2.1", "Sum of squared errors", []number{
			book("sum_squared_error, 2 is likely", "0.097500000000000031", chapter4.SumSquaredError(right, label)),
			book("sum_squared_error, 7 is likely", "0.59750000000000003", chapter4.SumSquaredError(wrong, label)).
				within(0, "The terms are added in the order of np.sum. Added one after the other, they give 0.5974999999999999."),
		}, nil},
		{"4.2.2", "Cross entropy error", []number{
			book("cross_entropy_error, 2 is likely", "0.51082545709933802", chapter4.CrossEntropyError(right, label)).within(ulpOfLog, ""),
			book("cross_entropy_error, 7 is likely", "2.3025840929945458", chapter4.CrossEntropyError(wrong, label)).
				within(ulpOfLog, "The published code ran on NumPy 1.24. Its logarithm is off by one unit in the last place here."),
		}, []fig{{"4-3", "y = log x", drawGraph("y = log x", [4]float64{0, 1, -5, 0}, curve{"", math.Log, 1e-3, 1, mainLine})}}},
		{"4.2.3", "Mini-batches", imageNumbers(m.images), nil},
		{"4.2.4", "Cross entropy error of a batch", []number{
			added("cross_entropy_error of two answers", 0x1p-52, []float64{-(math.Log(0.7+loss.Delta) + math.Log(0.6+loss.Delta)) / 2},
				loss.CrossEntropyError(mat.NewDense(2, 3, []float64{0.1, 0.2, 0.7, 0.6, 0.3, 0.1}), []int{2, 0})),
		}, nil},
		{"4.2.5", "Why a loss function", []number{
			added("loss, accuracy", 1e-14, []float64{1.1421905790849105, 0.3}, lossAndAccuracy(0)...),
			added("the same, w11 + 0.001", 1e-14, []float64{1.14214546288524, 0.3}, lossAndAccuracy(0.001)...),
			added("the same, w11 + 0.01", 1e-14, []float64{1.1417445343243027, 0.3}, lossAndAccuracy(0.01)...),
			added("the same, w11 + 0.5", 1e-14, []float64{1.1340888177419728, 0.1}, lossAndAccuracy(0.5)...),
		}, []fig{
			{"loss-accuracy", "loss and accuracy of simpleNet by one weight", drawLossAndAccuracy},
			{"4-4", "step function and sigmoid, with their slopes", drawActivations},
		}},
		{"4.3", "Numerical differentiation", nil, nil},
		{"4.3.1", "The derivative", []number{
			book("np.float32(1e-50)", "0.0", float64(float32(tiny))),
			book("(f(5+h) − f(5)) / h, h = 10e-50", "", chapter4.BadNumericalDiff(f1, 5)),
			book("(f(5+h) − f(5)) / h, h = 1e-4", "", chapter4.ForwardDiff(f1, 5, 1e-4)),
		}, []fig{
			{"4-5", "true tangent, and the line of a finite h", drawSecant},
			{"step-size", "why h = 1e-4: the error of the differences by h", drawStepSize},
		}},
		{"4.3.2", "Examples", []number{
			book("numerical_diff(function_1, 5)", "0.1999999999990898", chapter4.NumericalDiff(f1, 5)),
			book("numerical_diff(function_1, 10)", "0.2999999999986347", chapter4.NumericalDiff(f1, 10)),
		}, []fig{
			{"4-6", "f(x) = 0.01x² + 0.1x", drawGraph("f(x)", [4]float64{0, 20, 0, 6}, curve{"", f1, 0, 20, mainLine})},
			{"4-7", "its tangents at x = 5 and x = 10", drawTangents},
		}},
		{"4.3.3", "Partial derivatives", []number{
			book("∂f/∂x0 of x0² + x1² at (3, 4)", "6.00000000000378", chapter4.PartialDiff(f2, at34, 0)),
			book("∂f/∂x1 of x0² + x1² at (3, 4)", "7.999999999999119", chapter4.PartialDiff(f2, at34, 1)),
		}, []fig{{"4-8", "f(x0, x1) = x0² + x1²", drawSurface}}},
		{"4.4", "The gradient", []number{
			book("numerical_gradient at (3, 4)", "[6.0000000000037801, 7.9999999999991189]", chapter4.NumericalGradient(f2, at34)...),
			book("numerical_gradient at (0, 2)", "[0., 4.]", chapter4.NumericalGradient(f2, []float64{0, 2})...),
			book("numerical_gradient at (3, 0)", "[6., 0.]", chapter4.NumericalGradient(f2, []float64{3, 0})...),
		}, []fig{{"4-9", "its negative gradient", drawGradientField}}},
		{"4.4.1", "Gradient methods", slices.Concat([]number{
			book("gradient_descent, lr = 0.1", "[-6.11110793e-10, 8.14814391e-10]", arrives...),
			book("gradient_descent, lr = 10.0", "[-2.58983747e+13, -1.29524862e+12]", fliesOff...).
				within(0, "Nothing but rounding errors: the steps go too far, until x+h is x."),
			book("gradient_descent, lr = 1e-10", "[-2.99999994, 3.99999992]", stays...),
			book("its path, 20 points, lr = 0.1", "", slices.Concat(path...)...),
		}, walkNumbers(), []number{
			added("gradient at the end of the first", 1e-12, []float64{-6 * math.Pow(0.8, 100), 0}, chapter4.NumericalGradient(chapter4.Saddle, held)...),
		}), []fig{
			{"4-10", "the path of gradient descent, lr = 0.1", drawDescent},
			{"learning-rates", "paths for learning rates from 1e-10 to 10", drawLearningRates},
			{"gradient-methods", "saddle point, two valleys, plateau, long bowl, ascent", drawWalks},
		}},
		{"4.4.2", "The gradient of a neural network", []number{
			book("net.W (given; the book's is random)", "[[0.47355232 0.9977393 0.84668094] [0.85557411 0.03563661 0.69422093]]", net.W.RawMatrix().Data...),
			book("net.predict(x)", "[1.05414809 0.63071653 1.1328074]", net.Predict(x)...),
			book("np.argmax(p)", "2", float64(floats.MaxIdx(net.Predict(x)))),
			book("net.loss(x, t), first edition", "0.92806853663411326", net.Loss(x, t)).
				within(fromW, "The first edition takes log y. Its W had 16 digits and it prints 8, which determine the loss no further."),
			book("net.loss(x, t), published code", "", net.PublishedLoss(x, t)).
				within(2*ulpOfLog, "The published code takes log(y + 1e-7), which lowers the loss by 1e-7/y = 2.5e-7."),
			book("dW, first edition", "[[0.21924763 0.14356247 -0.36281009] [0.32887144 0.2153437 -0.54421514]]", dW(net.Loss)...),
			book("dW, published code", "", dW(net.PublishedLoss)...).within(fromRounding, ""),
		}, []fig{{"simplenet", "W of simpleNet, and the gradient of its loss", drawSimpleNet}}},
		{"4.5", "The learning algorithm", nil, nil},
		{"4.5.1", "The class of the two-layer net", shapeNumbers(), nil},
		{"4.5.2", "Training with mini-batches", nil, []fig{
			{"4-11", "the loss of a training by numerical gradients", func() *figure.Figure { return drawLosses(m.numerical) }},
		}},
		{"4.5.3", "Accuracy on test data", trainingNumbers(m.numerical), []fig{
			{"4-12", "its accuracy on training and test images", func() *figure.Figure { return drawAccuracy(m.numerical) }},
			{"backprop", "numerical gradients against backprop", func() *figure.Figure { return drawBackprop(m.numerical, m.backprop) }},
		}},
		{"4.6", "Summary", nil, nil},
	}
}

// imageNumbers returns the shapes of the training images, if there are any.
func imageNumbers(images *dataset.Set) []number {
	if images == nil {
		return nil
	}
	n := float64(images.Len())
	return []number{
		book("x_train.shape", "(60000, 784)", n, float64(images.Size())),
		book("t_train.shape", "(60000, 10)", n, float64(images.Classes)),
	}
}

// shapeNumbers returns the shapes of the parameters.
func shapeNumbers() (shapes []number) {
	printed := []string{"(784, 100)", "(100,)", "(100, 10)", "(10,)"}
	for l, layer := range nn.NewParams(784, 100, 10).Layers {
		rows, cols := layer.W.Dims()
		shapes = append(shapes,
			book(fmt.Sprintf("net.params['W%d'].shape", l+1), printed[2*l], float64(rows), float64(cols)),
			book(fmt.Sprintf("net.params['b%d'].shape", l+1), printed[2*l+1], float64(len(layer.B))))
	}
	return shapes
}

// lossAndAccuracy returns the loss and the accuracy of simpleNet on ten samples,
// with d added to w11.
func lossAndAccuracy(d float64) []float64 {
	x, t := mat.NewDense(10, 2, nil), make([]int, 10)
	for i := range t {
		sin, cos := math.Sincos(float64(i))
		x.SetRow(i, []float64{cos, sin})
		t[i] = i % 3
	}
	net := chapter4.NewSimpleNet()
	net.W.Set(0, 0, net.W.At(0, 0)+d)
	mean, accuracy := net.LossAndAccuracy(x, t)
	return []float64{mean, accuracy}
}

// notebook names the accuracies at iterations 0, 600, … 9600 of the book's
// published notebook (figure 4-12). Its random numbers are not ours.
const notebook = "the notebook's train acc, test acc"

// spreads are the standard deviations of the accuracies after some epochs over
// the seeds 1 to 8, of the training or the test images, whichever is larger.
var spreads = map[int]float64{1: 0.008, 16: 0.0012}

// trainingNumbers returns the accuracies after the first epoch and after the
// 16th, the last in the book's notebook, which measures one step later.
func trainingNumbers(run chapter4.Run) (numbers []number) {
	for _, epoch := range []int{1, 16} {
		if len(run.Log) < epoch {
			break
		}
		e := run.Log[epoch-1]
		n := book(fmt.Sprintf("train acc, test acc after %d steps, its code after %d steps", 600*epoch, 600*epoch+1), "", e.TrainAcc, e.TestAcc).
			within(3*math.Sqrt2*spreads[epoch], "Other random weights and mini-batches. Over eight seeds, the accuracies have a standard deviation "+
				"of up to 0.008 after 1 epoch and 0.0012 after 16. Two trainings should be within 3√2 times that.")
		n.expected = published()[notebook][2*epoch : 2*epoch+2]
		numbers = append(numbers, n)
	}
	return numbers
}

// backpropLog is log.jsonl of go run ./cmd/train -gradient backprop.
//
//go:embed backprop.jsonl
var backpropLog []byte

// before has the accuracies of the random weights of seed 1.
var before = train.Epoch{TrainAcc: 0.11236666666666667, TestAcc: 0.1135}

// saved returns the two trainings that come with the project: the training of
// [models.MNIST] by numerical gradients, and the log of one by backprop from
// the same seed.
func saved() (m material, err error) {
	model := models.MNIST()
	meta, err := train.ReadMeta(model)
	if err != nil {
		return m, fmt.Errorf("the built-in weights: %w", err)
	}
	lines, err := train.ReadLog(bytes.NewReader(backpropLog))
	if err != nil {
		return m, fmt.Errorf("backprop.jsonl: %w", err)
	}
	m.numerical = chapter4.Run{Before: before, Losses: model.Losses, Log: meta.Log}
	m.backprop.Before = before
	for _, line := range lines {
		m.backprop.Log = append(m.backprop.Log, line.Epoch)
	}
	return m, nil
}

// number is a result of the chapter, one number or a few, with its reference.
type number struct {
	what      string
	printed   string    // by the book, all digits; "" if it prints none
	expected  []float64 // by the book's code, by calculus or by NumPy; or nil
	ours      []float64
	tolerance float64 // 0 asks for all digits
	note      string  // reason of the tolerance
	added     bool    // not in the book
}

// book returns a result of the book.
func book(what, printed string, ours ...float64) number {
	return number{what: what, printed: printed, expected: published()[what], ours: ours}
}

// added returns a result that is not in the book.
func added(what string, tolerance float64, expected []float64, ours ...float64) number {
	return number{what: what, expected: expected, ours: ours, tolerance: tolerance, added: true}
}

// within returns n with a tolerance and a note.
func (n number) within(tolerance float64, note string) number {
	n.tolerance, n.note = tolerance, note
	return n
}

var decimal = regexp.MustCompile(`-?\d+(\.\d*)?(e[+-]?\d+)?`)

// printedNumbers returns the numbers in printed, digit by digit.
func (n number) printedNumbers() []string { return decimal.FindAllString(n.printed, -1) }

func (n number) agrees() bool { return n.verdict() != "NO" }

// verdict says in a few words how well the numbers agree.
func (n number) verdict() string {
	near := func(a, b float64) bool { return math.Abs(a-b) <= n.tolerance }
	allDigits := true
	nearPrinted := func(v float64, s string) bool {
		allDigits = allDigits && hasDigits(v, s)
		return hasDigits(v, s) || near(v, toFloat(s))
	}
	switch {
	case len(n.ours) == 0,
		n.expected != nil && !slices.EqualFunc(n.ours, n.expected, near),
		n.printed != "" && !slices.EqualFunc(n.ours, n.printedNumbers(), nearPrinted):
		return "NO"
	case slices.Equal(n.ours, n.expected):
		return "same bits"
	case n.printed != "" && allDigits:
		return "all digits"
	}
	return fmt.Sprintf("within %.1g", n.tolerance)
}

// hasDigits reports whether v, rounded to the digits of printed, is printed.
func hasDigits(v float64, printed string) bool {
	format := byte('f')
	mantissa, _, scientific := strings.Cut(printed, "e")
	if scientific {
		format = 'e'
	}
	_, decimals, _ := strings.Cut(mantissa, ".")
	return toFloat(strconv.FormatFloat(v, format, len(decimals), 64)) == toFloat(printed)
}

func toFloat(s string) float64 {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		panic("chapter4: " + err.Error())
	}
	return v
}

// digits returns the shortest decimals that give the numbers back, as Python
// writes them.
func digits(numbers []float64) (s []string) {
	for _, v := range numbers {
		format := byte('e')
		if size := math.Abs(v); size == 0 || 1e-4 <= size && size < 1e16 {
			format = 'f'
		}
		s = append(s, strconv.FormatFloat(v, format, -1, 64))
	}
	return s
}

// writeTable writes a line for each number, and the notes below.
func writeTable(w io.Writer, numbers []number) error {
	const most = 6 // of the numbers of a result
	var aligned strings.Builder
	table := tabwriter.NewWriter(&aligned, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\tthe book prints\texpected\tours\tagree")
	var notes []string
	for _, n := range numbers {
		what, verdict := n.what, n.verdict()
		if n.note != "" {
			if !slices.Contains(notes, n.note) {
				notes = append(notes, n.note)
			}
			verdict += fmt.Sprintf(" [%d]", 1+slices.Index(notes, n.note))
		}
		for i := range min(len(n.ours), most) {
			fmt.Fprint(table, what)
			for _, column := range [][]string{n.printedNumbers(), digits(n.expected), digits(n.ours)} {
				fmt.Fprint(table, "\t", strings.Join(column[min(i, len(column)):min(i+1, len(column))], ""))
			}
			fmt.Fprintln(table, "\t"+verdict)
			what, verdict = "", ""
		}
		if more := len(n.ours) - most; more > 0 {
			fmt.Fprintf(table, "\t\t\t… and %d more\n", more)
		}
	}
	table.Flush() // to a Builder, which returns no error
	for i, note := range notes {
		fmt.Fprintf(&aligned, "[%d] %s\n", i+1, note)
	}
	for line := range strings.Lines(aligned.String()) {
		if _, err := fmt.Fprintln(w, strings.TrimRight(line, " \n")); err != nil {
			return err
		}
	}
	return nil
}

// publishedJSON has the results of the book's published code, by name: of ch04
// and common in oreilly-japan/deep-learning-from-scratch, with NumPy 1.24.
//
//go:embed published.json
var publishedJSON []byte

var published = sync.OnceValue(func() (results map[string][]float64) {
	if err := json.Unmarshal(publishedJSON, &results); err != nil {
		panic("chapter4: published.json: " + err.Error())
	}
	return results
})
