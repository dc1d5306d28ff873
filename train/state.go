package train

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"numgrad/dataset"
	"numgrad/internal/number"
	"numgrad/models"
	"numgrad/nn"
)

// Meta is what a saved training says of itself beside its weights and losses.
// Together they are the whole state: the shuffle of an epoch, and the place in
// it, follow from the seed and the number of steps taken.
type Meta struct {
	Settings  Settings `json:"settings"`
	Data      string   `json:"data"`      // SHA-256 of the training and test images with their labels
	Iteration int      `json:"iteration"` // steps taken
	Log       []Epoch  `json:"log"`       // the epochs that have ended
}

// ReadMeta returns what m says of its training. Weights that come from
// elsewhere, a meta that is not one of a training, and a log that does not fit
// the losses are errors.
func ReadMeta(m *models.Model) (Meta, error) {
	meta := Meta{Settings: Settings{Activation: nn.Sigmoid}} // which early files do not name
	if m.Meta == nil {
		return meta, errors.New("it holds weights alone, without the settings of a training")
	}
	decoder := json.NewDecoder(bytes.NewReader(m.Meta))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&meta); err != nil {
		if other, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && other.Field != "" {
			err = fmt.Errorf("%s cannot be the JSON %s", other.Field, other.Value)
		}
		return meta, fmt.Errorf("its meta is not that of a training: %w", err)
	}
	if err := meta.Settings.Check(); err != nil {
		return meta, fmt.Errorf("its settings: %s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	return meta, meta.check(m.Losses)
}

// check returns an error unless the log and the losses are those of a training
// of meta.Iteration steps.
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

var errOtherImages = errors.New("the net was trained on other images: give the -data that it was trained on")

// Model returns the state of the training in the form in which it is saved.
// It shares the memory of the training. Weights that are not finite, which are
// of no use to anyone, are a [*DivergedError].
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

// Resume returns the training whose state m holds, to be gone on with. Its
// result is the same, to the bit, as that of a training that was never
// stopped. train and test are the whole sets that the training began with, and
// workers is that of [New].
//
// A state that is not whole, and other images, are errors. Resume takes over
// the memory of m.
func Resume(m *models.Model, train, test *dataset.Set, workers int) (*Training, error) {
	meta, err := ReadMeta(m)
	if err != nil {
		return nil, err
	}
	r := start(meta.Settings, m.Params, train, test, workers)
	if meta.Data != r.data {
		return nil, errOtherImages
	}
	if got, want := r.Net.Sizes(), r.netSizes(r.train); !slices.Equal(got, want) {
		return nil, fmt.Errorf("its weights are those of a net of %s, want %s", nn.Form(got), nn.Form(want))
	}
	perEpoch := r.IterationsPerEpoch()
	if ended := meta.Iteration / perEpoch; len(meta.Log) != ended || ended > 0 && meta.Log[0].Iteration != perEpoch {
		return nil, fmt.Errorf("its log has %s, want %d: it holds %s, and an epoch has %d",
			number.Count(len(meta.Log), "epoch"), ended, number.Count(meta.Iteration, "iteration"), perEpoch)
	}
	r.Iteration, r.Log, r.Losses = meta.Iteration, meta.Log, m.Losses
	return r, nil
}

// CheckData returns an error of one line if m says that it was trained on other
// images than train and test. It returns nil for weights that say nothing of
// their training.
func CheckData(m *models.Model, train, test *dataset.Set) error {
	meta, err := ReadMeta(m)
	if err != nil || meta.Data == fingerprint(train, test) {
		return nil
	}
	return errOtherImages
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
