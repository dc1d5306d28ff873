// Package report makes an HTML page about a trained net: its accuracy on a test
// set, its training, its mistakes, its weights and its gradient.
//
// The page is one file without scripts, and loads nothing. It follows the
// reader's choice of light or dark, fits a phone, and can be printed.
package report

import (
	"bytes"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"math"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"numgrad/dataset"
	"numgrad/internal/figure"
	"numgrad/internal/kernel"
	"numgrad/internal/number"
	"numgrad/models"
	"numgrad/nn"
	"numgrad/train"
)

// Subject is a trained net with its data.
type Subject struct {
	Name        string // of the net, for the page
	Model       *models.Model
	Train, Test *dataset.Set
	Log         []train.LogLine // of the training; nil if there is none
}

// maxWork is the largest number of multiplications for the answers to the test
// images: a few seconds of one core.
const maxWork = 5e10

// check returns an error if the net does not fit the images or is too large.
func (s *Subject) check() error {
	inputs, classes := s.Model.Inputs(), s.Model.Classes()
	if inputs != s.Test.Size() || classes != s.Test.Classes {
		return fmt.Errorf("the net has %d inputs and %d classes, the images have %d×%d = %d pixels and %d classes: give the -data that it was trained on",
			inputs, classes, s.Test.Rows, s.Test.Cols, s.Test.Size(), s.Test.Classes)
	}
	if weights := len(s.Model.Vector); float64(weights)*float64(s.Test.Len()) > maxWork {
		return fmt.Errorf("%s weights on %s test images are too much work: want a product of at most %g",
			number.Commas(weights), number.Commas(s.Test.Len()), maxWork)
	}
	return nil
}

// page is the data of the template.
type page struct {
	*Subject
	Form       string // the sizes of the layers: 784-50-10
	Activation nn.Activation
	Weights    int
	Evaluation *evaluation
	Meta       *train.Meta // nil if the weights hold no history
	NoHistory  error       // the reason, if Meta is nil
	Charts     []picture
	Time       trainingTime
	Confusion  confusion
	Classes    classes
	Worst      []tile
	Units      units
	Gradients  *gradients // nil for a net that is too large
	Machine    machine
}

// Generator is an element in the head of each page, near its beginning.
const Generator = `<meta name="generator" content="numgrad report">`

//go:embed page
var files embed.FS

var pageTemplate = template.Must(template.New("page.html").Funcs(template.FuncMap{
	"count":     number.Commas,
	"percent":   percent,
	"seconds":   seconds,
	"generator": func() template.HTML { return Generator },
}).ParseFS(files, "page/*"))

// percent returns a share from 0 to 1 in percent, and a dash for NaN. It rounds
// only 1 to 100, and only 0 to 0.
func percent(share float64, decimals int) string {
	step := math.Pow10(-decimals)
	inside, v := "", 100*share
	switch {
	case math.IsNaN(v):
		return "–"
	case v > 0 && v < step/2:
		inside, v = "<", step
	case v < 100 && v > 100-step/2:
		inside, v = ">", 100-step
	}
	return inside + strconv.FormatFloat(v, 'f', decimals, 64)
}

// seconds formats a duration: 12.3 s or 1h1m1s.
func seconds(s float64) string {
	if s < 100 {
		return strconv.FormatFloat(s, 'f', 1, 64) + " s"
	}
	return time.Duration(s * float64(time.Second)).Round(time.Second).String()
}

// WritePage writes the page. Equal subjects give equal pages on one machine.
// WritePage returns an error, and writes nothing, if the net does not fit the
// images, is too large, or has answers or losses that are not finite.
func (s *Subject) WritePage(w io.Writer) error {
	p, err := newPage(s)
	if err != nil {
		return err
	}
	return pageTemplate.Execute(w, p)
}

func newPage(s *Subject) (*page, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	net := s.Model.Net()
	evaluation, err := evaluate(net, s.Test)
	if err != nil {
		return nil, err
	}
	p := &page{
		Subject:    s,
		Form:       nn.Form(net.Sizes()),
		Activation: net.Activation,
		Weights:    len(net.Vector),
		Evaluation: evaluation,
		Confusion:  newConfusion(evaluation),
		Classes:    newClasses(evaluation),
		Worst:      worstMistakes(evaluation, s.Test),
		Units:      newUnits(net.Params, s.Test),
		Machine:    thisMachine(),
	}
	return p, p.addTraining(net)
}

// addTraining adds the history in the weights and the log, and the gradient with
// the settings of the training.
func (p *page) addTraining(net *nn.Net) error {
	for i, l := range p.Model.Losses {
		if math.IsNaN(l) || math.IsInf(l, 0) {
			return fmt.Errorf("the loss of iteration %d is %v", i+1, l)
		}
	}
	if losses := p.Model.Losses; len(losses) > 0 {
		if err := p.addChart(figure.Loss(losses), "loss of the mini-batches by iteration, from %.3g to %.3g", losses[0], losses[len(losses)-1]); err != nil {
			return err
		}
	}
	settings := train.Book()
	if meta, err := train.ReadMeta(p.Model); err != nil {
		p.NoHistory = err
	} else {
		p.Meta, settings = &meta, meta.Settings
		p.Time = newTrainingTime(meta.Log, p.Log)
		if err := p.addAccuracies(meta.Log); err != nil {
			return err
		}
	}
	p.Gradients = newGradients(net, p.Train, settings)
	return nil
}

func (p *page) addAccuracies(log []train.Epoch) error {
	if len(log) == 0 {
		return nil
	}
	var trainAcc, testAcc []float64
	for _, e := range log {
		trainAcc, testAcc = append(trainAcc, e.TrainAcc), append(testAcc, e.TestAcc)
	}
	last := log[len(log)-1]
	return p.addChart(figure.Accuracy(1, trainAcc, testAcc), "accuracy by epoch, up to %s %% on the training images and %s %% on the test images",
		percent(last.TrainAcc, 2), percent(last.TestAcc, 2))
}

// addChart adds a plot as SVG.
func (p *page) addChart(chart *plot.Plot, format string, args ...any) error {
	var file bytes.Buffer
	f := figure.Figure{Width: 4.6 * vg.Inch, Height: 3 * vg.Inch, Plots: [][]*plot.Plot{{chart}}}
	if err := f.SVG(&file); err != nil {
		return err
	}
	p.Charts = append(p.Charts, picture{URI: dataURI("image/svg+xml", file.Bytes()), Alt: fmt.Sprintf(format, args...)})
	return nil
}

// dataURI returns a file as an address in the page itself.
func dataURI(mediaType string, file []byte) template.URL {
	return template.URL("data:" + mediaType + ";base64," + base64.StdEncoding.EncodeToString(file))
}

// trainingTime is the time of a training from its log.
type trainingTime struct {
	Epochs  []train.LogLine
	Seconds float64 // time of all epochs; 0 if it is unknown
	Unknown string  // reason why Seconds is unknown
}

func newTrainingTime(epochs []train.Epoch, log []train.LogLine) trainingTime {
	t := trainingTime{Epochs: make([]train.LogLine, len(epochs))}
	for i, e := range epochs {
		t.Epochs[i].Epoch = e
		switch {
		case log == nil:
			t.Unknown = "there is no log beside the weights"
		case i >= len(log) || log[i].Epoch != e:
			t.Unknown = "the log beside the weights belongs to another training"
		case log[i].Seconds == 0:
			t.Unknown = fmt.Sprintf("the log has no time for epoch %d", e.Epoch)
		default:
			t.Epochs[i].Seconds = log[i].Seconds
			t.Seconds += log[i].Seconds
		}
	}
	if t.Unknown != "" {
		t.Seconds = 0
	}
	return t
}

// machine describes the machine that made the page.
type machine struct {
	CPU, System, Go, Kernel string
	Cores                   int
}

func thisMachine() machine {
	m := machine{runtime.GOARCH, runtime.GOOS + "/" + runtime.GOARCH, runtime.Version(), kernel.Name(), runtime.NumCPU()}
	info, _ := os.ReadFile("/proc/cpuinfo") // on Linux
	for line := range strings.Lines(string(info)) {
		if key, name, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			m.CPU = strings.TrimSpace(name)
		}
	}
	return m
}
