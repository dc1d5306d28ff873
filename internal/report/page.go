package report

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"math"

	"numgrad/dataset"
	"numgrad/internal/number"
	"numgrad/models"
	"numgrad/nn"
	"numgrad/train"
)

// Subject is what a page is about.
type Subject struct {
	Name        string // of the file of weights, as its user calls it
	Model       *models.Model
	Train, Test *dataset.Set
	Log         []train.LogLine // of the training; nil if there is none
}

// check returns an error if the net was made for other images.
func (s *Subject) check() error {
	inputs, classes := s.Model.Inputs(), s.Model.Classes()
	if inputs != s.Test.Size() || classes != s.Test.Classes {
		return fmt.Errorf("the net has %d inputs and %d classes, the images have %d×%d = %d pixels and %d classes: want the data that it was trained on",
			inputs, classes, s.Test.Rows, s.Test.Cols, s.Test.Size(), s.Test.Classes)
	}
	return nil
}

// page is what the template is filled with.
type page struct {
	*Subject
	CSS              template.CSS
	Form             string // such as 784-50-10
	Activation       nn.Activation
	Weights, Classes int
	Evaluation       *Evaluation
	Meta             *train.Meta // nil if the weights tell nothing of their training
	Unknown          error       // then why
	Charts           []chart
	Time             duration
	Confusion        confusion
	PerClass         classes
	Worst            []mistake
	Units            units
	Gradients        *gradients // nil if they take too long
	Machine          machine
}

// Generator is in the head of each page, which can be told by it.
const Generator = `<meta name="generator" content="numgrad report">`

//go:embed page
var files embed.FS

var pageTemplate = template.Must(template.New("page.html").Funcs(template.FuncMap{
	"count":      number.Commas,
	"percent":    percent,
	"rate":       rate,
	"scientific": scientific,
	"seconds":    seconds,
	"generator":  func() template.HTML { return Generator },
	"isNaN":      math.IsNaN,
}).ParseFS(files, "page/*.html"))

// WritePage writes the page. Equal subjects give equal pages on the same
// machine. A net that was made for other images, and one whose answers are not
// numbers, are errors.
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
	evaluation, err := Evaluate(net, s.Test)
	if err != nil {
		return nil, err
	}
	css, err := files.ReadFile("page/page.css")
	if err != nil {
		return nil, err
	}
	p := &page{
		Subject:    s,
		CSS:        template.CSS(css),
		Form:       nn.Form(net.Sizes()),
		Activation: net.Activation,
		Weights:    len(net.Vector),
		Classes:    net.Classes(),
		Evaluation: evaluation,
		Confusion:  newConfusion(evaluation),
		PerClass:   newClasses(evaluation),
		Worst:      worstMistakes(evaluation, s.Test),
		Units:      newUnits(net.Params, s.Test),
		Machine:    thisMachine(),
	}
	return p, p.addTraining(net)
}

// addTraining adds what the weights tell of their training.
func (p *page) addTraining(net *nn.Net) error {
	settings := train.Book()
	if meta, err := train.ReadMeta(p.Model); err != nil {
		p.Unknown = err
	} else {
		p.Meta, settings = &meta, meta.Settings
		p.Time = newDuration(meta.Log, p.Log)
		if len(meta.Log) > 0 {
			p.Charts = append(p.Charts, accuracyChart(meta.Log))
		}
	}
	for i, l := range p.Model.Losses {
		if math.IsNaN(l) || math.IsInf(l, 0) {
			return fmt.Errorf("the loss of iteration %d is %v", i+1, l)
		}
	}
	if len(p.Model.Losses) > 0 {
		p.Charts = append([]chart{lossChart(p.Model.Losses)}, p.Charts...)
	}
	p.Gradients = newGradients(net, p.Train, settings)
	return nil
}

// duration is the time of a training, 0 if it is not known.
type duration struct {
	Epochs  []train.LogLine
	Seconds float64 // in all
	Unknown string  // why it is not known
}

// newDuration sums the times in log, which must be that of the epochs.
func newDuration(epochs []train.Epoch, log []train.LogLine) duration {
	d := duration{Epochs: make([]train.LogLine, len(epochs))}
	for i, e := range epochs {
		d.Epochs[i].Epoch = e
		switch {
		case log == nil:
			d.Unknown = "there is no log beside the weights"
		case i >= len(log) || log[i].Epoch != e:
			d.Unknown = "the log beside the weights is that of another training"
		case log[i].Seconds == 0:
			d.Unknown = fmt.Sprintf("the log does not tell it of epoch %d", e.Epoch)
		default:
			d.Epochs[i].Seconds = log[i].Seconds
			d.Seconds += log[i].Seconds
		}
	}
	if d.Unknown != "" {
		d.Seconds = 0
	}
	return d
}
