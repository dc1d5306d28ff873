package main

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"numgrad/dataset"
	"numgrad/gradcheck"
	"numgrad/internal/atomicfile"
	"numgrad/internal/input"
	"numgrad/internal/npz"
	"numgrad/internal/number"
	"numgrad/models"
	"numgrad/nn"
	"numgrad/perturb"
	"numgrad/train"
)

// A subject is the gradient of a net's loss to check.
type subject struct {
	about     string // the source of the gradient
	net       *nn.Net
	x         *mat.Dense
	t         []int
	gradient  *nn.Params
	precision float64  // 0 is float64, and float32 for the parameters single
	single    []string // parameters with a float32 gradient
	missing   []string // parameters without a gradient
	notes     []string
}

// The book's net, section 4.5.2.
const (
	hiddenSize    = 50
	weightInitStd = 0.01
)

// ownBackprop computes the gradient of a batch of MNIST by this project's
// backprop.
func (o *options) ownBackprop() (*subject, error) {
	training, test, err := dataset.Load(o.data)
	if err != nil {
		return nil, err
	}
	if o.batch > training.Len() {
		return nil, usageError("-batch is %d, want at most %d, all training images", o.batch, training.Len())
	}
	s := &subject{about: "nn.Net.Gradient at random weights"}
	bytes := int64(0)
	if o.weights == "" {
		s.net = nn.NewTwoLayer(training.Size(), hiddenSize, training.Classes, weightInitStd, rand.NewPCG(o.seed, 0))
	} else {
		file, err := models.Find(o.weights)
		if err != nil {
			return nil, err
		}
		if s.net, err = loadNet(file, training, test); err != nil {
			return nil, err
		}
		s.about, bytes = "nn.Net.Gradient at "+input.Quote(file), fileSize(file)
	}
	if err := affordable(s.net.Sizes(), o.batch, bytes, false); err != nil {
		return nil, fmt.Errorf("%s: %w", s.about, err)
	}
	var batch dataset.Batch
	training.Gather(&batch, dataset.Epoch(nil, training.Len(), o.seed, 0)[:o.batch])
	s.x, s.t = batch.X, batch.T
	s.gradient = nn.NewParams(s.net.Sizes()...)
	s.net.Gradient(s.gradient, s.x, s.t)
	return s, nil
}

// loadNet loads a net for images of the sets, and turns the images as the
// training of the net did.
func loadNet(file string, training, test *dataset.Set) (*nn.Net, error) {
	model, err := models.Load(file)
	if err != nil {
		return nil, err
	}
	if d, k := model.Inputs(), model.Classes(); d != training.Size() || k != training.Classes {
		return nil, fmt.Errorf("%s: a net of %d inputs and %d classes, want %d and %d as the images have", input.Quote(file), d, k, training.Size(), training.Classes)
	}
	if err := train.PrepareData(model, training, test); err != nil {
		return nil, fmt.Errorf("%s: %w", input.Quote(file), err)
	}
	return model.Net(), nil
}

// Bounds of a check. It keeps up to 1.6 kB for each weight. A unit of work takes
// up to 5 ns, and a wrong gradient is checked four times.
const (
	maxWeights = 2_000_000
	maxWork    = 50e9

	smallFile         = 1 << 20 // bytes
	maxWeightsOfSmall = 300_000
	workPerByte       = 1000 // of a case, at least for the bytes of a small file
)

// affordable returns an error if a net takes too much memory or time to check.
// Bytes is the size of the net's file, or 0. If it is the file of a case, a small
// one may not ask for much work either.
func affordable(sizes []int, samples int, bytes int64, ofCase bool) error {
	weights, work := 0, 0.0
	for l := len(sizes) - 1; l > 0; l-- {
		inputs := sizes[l-1] + 1
		// A displaced weight costs the units behind it, and each unit a few exponentials.
		work += float64(samples) * float64(sizes[l]) * float64(10_000+2*inputs+weights)
		weights += inputs * sizes[l]
	}
	most := maxWork
	if ofCase {
		most = min(most, workPerByte*float64(max(bytes, smallFile)))
	}
	switch {
	case weights > maxWeights:
		return fmt.Errorf("a %s net is too large to check: want at most %s weights", nn.Form(sizes), number.Commas(maxWeights))
	case work > most:
		return fmt.Errorf("%s are too many to check a %s net: want at most %.0f", number.Count(samples, "sample"), nn.Form(sizes), math.Floor(most/work*float64(samples)))
	case bytes > 0 && weights > maxWeightsOfSmall && bytes < max(smallFile, int64(weights)):
		return fmt.Errorf("has %s weights, more than a file of %d bytes may have: save it in float64 with np.savez, which does not compress",
			number.Commas(weights), bytes)
	}
	return nil
}

func (s *subject) check() *gradcheck.Report {
	var engine perturb.Engine
	var params []gradcheck.Param
	gradients := s.gradient.Arrays()
	for i, a := range s.net.Params.Arrays() {
		p := gradcheck.Param{Name: a.Name, X: a.Data, Gradient: gradients[i].Data, Shape: a.Shape, Precision: s.precision}
		if p.Precision == 0 && slices.Contains(s.single, a.Name) {
			p.Precision = gradcheck.Float32
		}
		params = append(params, p)
	}
	loss := func() float64 { return s.net.Loss(s.x, s.t) }
	changes := func(dst []float64, h float64) { engine.Changes(dst, s.net, s.x, s.t, h) }
	return gradcheck.Check(loss, params, &gradcheck.Settings{Words: words[""], Changes: changes})
}

var errConstant = errors.New("the loss does not depend on the weights: is there only one class?")

// explain replaces the fault of a constant loss, and the hints if the gradient
// is right for the other activation or the other loss.
func (s *subject) explain(r *gradcheck.Report) {
	isWrong := func(p gradcheck.ParamReport) bool { return p.Verdict() == gradcheck.Wrong }
	if errors.Is(r.Fault, gradcheck.ErrUnread) {
		r.Fault = errConstant
	}
	if r.Fault != nil || !slices.ContainsFunc(r.Params, isWrong) {
		return
	}
	var agree []string
	other := map[nn.Activation]nn.Activation{nn.Sigmoid: nn.ReLU, "": nn.ReLU, nn.ReLU: nn.Sigmoid}[s.net.Activation]
	activationFlag, bookFlag := "-activation "+string(other), fmt.Sprintf("-book=%v", !s.net.BookLoss)
	for _, kind := range []struct {
		flags      string
		activation nn.Activation
		book       bool
	}{
		{activationFlag, other, s.net.BookLoss},
		{bookFlag, s.net.Activation, !s.net.BookLoss},
		{activationFlag + " " + bookFlag, other, !s.net.BookLoss},
	} {
		instead := *s
		instead.net = &nn.Net{Params: s.net.Params, Activation: kind.activation, BookLoss: kind.book}
		report := instead.check()
		if s.leaveOut(report); report.Err() == nil {
			agree = append(agree, kind.flags)
		}
	}
	if agree == nil {
		return
	}
	for p := range r.Params {
		if isWrong(r.Params[p]) {
			r.Params[p].Hint = "the gradient agrees with " + strings.Join(agree, ", and with ")
		}
	}
}

// leaveOut removes the parameters without a gradient from the report.
func (s *subject) leaveOut(r *gradcheck.Report) {
	r.Params = slices.DeleteFunc(r.Params, func(p gradcheck.ParamReport) bool { return slices.Contains(s.missing, p.Name) })
}

// title is the output before the report. Its loss tells the user whether both
// programs compute the same net.
func (s *subject) title(loss float64) string {
	samples, _ := s.x.Dims()
	lines := append([]string{fmt.Sprintf("%s: %s net, %d samples, loss %.10g", s.about, nn.Form(s.net.Sizes()), samples, loss)}, s.notes...)
	return strings.Join(lines, "\n") + "\n"
}

// mark is the meta of the files that -out writes.
const mark = `{"gradient": "numerical"}`

// checkOut returns an error if path cannot be written, or is a file that -out
// did not write.
func checkOut(path string) error {
	if err := atomicfile.Check(path); err != nil {
		return err
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 || isMarked(path) {
		return nil
	}
	return fmt.Errorf("-out: %s was not written by gradcheck -out: move it away, or name another file", input.Quote(path))
}

func isMarked(path string) bool {
	f, err := npz.Open(path)
	if err != nil {
		return false
	}
	meta, _, err := f.Bytes("meta")
	return err == nil && string(meta) == mark
}

// writeGradient writes the differences of a report on all weights.
func writeGradient(path string, r *gradcheck.Report, weights *nn.Params) error {
	numerical := nn.NewParams(weights.Sizes()...)
	rest := numerical.Vector
	for _, p := range r.Params {
		for _, e := range p.Elements {
			rest[e.Index] = e.Difference
		}
		rest = rest[p.Size:]
	}
	return (&models.Model{Params: numerical, Meta: []byte(mark)}).Save(path)
}
