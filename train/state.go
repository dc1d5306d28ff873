package train

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"numgrad/dataset"
	"numgrad/models"
	"numgrad/nn"
)

// Meta is the state of a training without its weights and losses. The seed and
// the number of steps determine the order of the images.
type Meta struct {
	Settings  Settings `json:"settings"`
	Data      string   `json:"data"`      // SHA-256 of the training and test sets
	Iteration int      `json:"iteration"` // steps taken
	Log       []Epoch  `json:"log"`       // completed epochs
}

// ReadMeta returns the state in m. It returns an error of one line if no training
// wrote the meta of m, or if its log and its losses contradict each other.
func ReadMeta(m *models.Model) (Meta, error) {
	meta := Meta{Settings: Settings{Activation: nn.Sigmoid}} // the default of early files
	if m.Meta == nil {
		return meta, errors.New("it holds only weights, without the settings of a training")
	}
	decoder := json.NewDecoder(bytes.NewReader(m.Meta))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&meta); err != nil {
		return meta, fmt.Errorf("its meta is not written by a training: %w", err)
	}
	if err := meta.Settings.Check(); err != nil {
		return meta, fmt.Errorf("its settings: %w", err)
	}
	return meta, meta.check(m.Losses)
}

func (meta *Meta) check(losses []float64) error {
	if len(losses) != meta.Iteration {
		return fmt.Errorf("it holds %d losses, want one for each of %d iterations", len(losses), meta.Iteration)
	}
	for i, l := range losses {
		if math.IsNaN(l) || math.IsInf(l, 0) {
			return fmt.Errorf("its loss of iteration %d is %v", i+1, l)
		}
	}
	if len(meta.Log) > meta.Settings.Epochs {
		return fmt.Errorf("its log has %d epochs of %d", len(meta.Log), meta.Settings.Epochs)
	}
	for i, e := range meta.Log {
		if err := e.check(i + 1); err != nil {
			return fmt.Errorf("its log: epoch %d: %w", i+1, err)
		}
		if want := (i + 1) * meta.Log[0].Iteration; e.Iteration != want || want > meta.Iteration {
			return fmt.Errorf("its log has epoch %d at iteration %d of %d, want epochs of the same length", e.Epoch, e.Iteration, meta.Iteration)
		}
	}
	return nil
}

// Model returns the state of the training for saving. It shares the memory of the
// training. It returns a [*DivergedError] if a weight is not finite.
func (r *Training) Model() (*models.Model, error) {
	for _, w := range r.Net.Vector {
		if math.IsNaN(w) || math.IsInf(w, 0) {
			return nil, r.diverged("a weight", w)
		}
	}
	meta, err := json.Marshal(Meta{Settings: r.Settings, Data: r.data, Iteration: r.Iteration, Log: r.Log})
	if err != nil {
		return nil, err
	}
	return &models.Model{Params: r.Net.Params, Meta: meta, Losses: r.Losses}, nil
}

// Resume continues the training in m and keeps the memory of m. The result is
// bit-identical to an uninterrupted training. train and test are the images of the
// first start; Resume transposes them in place if the settings say so. workers is
// as in [New].
//
// Resume returns an error of one line if the state is damaged or the images
// differ.
func Resume(m *models.Model, train, test *dataset.Set, workers int) (*Training, error) {
	meta, err := ReadMeta(m)
	if err != nil {
		return nil, err
	}
	meta.Settings.transpose(train, test)
	r := start(meta.Settings, m.Params, train, test, workers)
	if meta.Data != r.data {
		return nil, errOtherImages
	}
	if got, want := m.Sizes(), r.netSizes(train); !slices.Equal(got, want) {
		return nil, fmt.Errorf("its weights are of a net of %s, want %s", nn.Form(got), nn.Form(want))
	}
	if err := r.CheckSize(train); err != nil {
		return nil, fmt.Errorf("its settings: %w", err)
	}
	perEpoch := r.IterationsPerEpoch()
	if ended := meta.Iteration / perEpoch; len(meta.Log) != ended || ended > 0 && meta.Log[0].Iteration != perEpoch {
		return nil, fmt.Errorf("its log has %d epochs, want %d: it holds %d iterations, and an epoch has %d",
			len(meta.Log), ended, meta.Iteration, perEpoch)
	}
	r.Iteration, r.Log, r.Losses = meta.Iteration, meta.Log, m.Losses
	return r, nil
}

var errOtherImages = errors.New("the net was trained on other images: give the -data that it was trained on")

// PrepareData transposes train and test in place if the training of m did. It
// returns an error of one line if m was trained on other images; it applies the
// Limit of the settings to train. If m has no state of a training, PrepareData does
// nothing.
func PrepareData(m *models.Model, train, test *dataset.Set) error {
	meta, err := ReadMeta(m)
	if err != nil {
		return nil
	}
	meta.Settings.transpose(train, test)
	if meta.Data != fingerprint(meta.Settings.limited(train), test) {
		return errOtherImages
	}
	return nil
}

// fingerprint returns the SHA-256 of sets, in hexadecimal.
func fingerprint(sets ...*dataset.Set) string {
	hash := sha256.New()
	for _, s := range sets {
		fmt.Fprintln(hash, s.Rows, s.Cols, s.Classes, s.Len())
		for i, image := range s.Images {
			hash.Write(image)
			hash.Write([]byte{byte(s.Labels[i])})
		}
	}
	return fmt.Sprintf("%x", hash.Sum(nil))
}

// LogLine is an epoch in the log of a training.
type LogLine struct {
	Epoch
	// Seconds is the wall time of the epoch with its accuracies, or 0 if it is
	// unknown. If the training was resumed within the epoch, it is the time since
	// then.
	Seconds float64 `json:"seconds"`
}

// WriteLog writes one JSON object per line.
func WriteLog(w io.Writer, lines []LogLine) error {
	encoder := json.NewEncoder(w)
	for _, line := range lines {
		if err := encoder.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

// ReadLog reads the output of [WriteLog]. Its error has the number of the line and
// the fault.
func ReadLog(r io.Reader) ([]LogLine, error) {
	decoder := json.NewDecoder(r)
	decoder.DisallowUnknownFields()
	var lines []LogLine
	for {
		var line LogLine
		err := decoder.Decode(&line)
		switch {
		case err == io.EOF:
			return lines, nil
		case err != nil:
			err = fmt.Errorf("want one JSON object of an epoch: %w", err)
		case !(line.Seconds >= 0):
			err = fmt.Errorf("seconds is %v, want a number from 0 up", line.Seconds)
		default:
			err = line.Epoch.check(len(lines) + 1)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", len(lines)+1, err)
		}
		lines = append(lines, line)
	}
}

// check returns an error for a value that the epoch cannot have.
func (e Epoch) check(number int) error {
	switch {
	case e.Epoch != number:
		return fmt.Errorf("epoch is %d, want %d", e.Epoch, number)
	case e.Iteration < number:
		return fmt.Errorf("iteration is %d, want at least one for each epoch", e.Iteration)
	case !(e.Loss >= 0) || math.IsInf(e.Loss, 1):
		return fmt.Errorf("loss is %v, want a number from 0 up", e.Loss)
	case !(min(e.TrainAcc, e.TestAcc) >= 0 && max(e.TrainAcc, e.TestAcc) <= 1):
		return fmt.Errorf("train_acc and test_acc are %v and %v, want numbers from 0 to 1", e.TrainAcc, e.TestAcc)
	}
	return nil
}
