// Package train is the training of chapter 4.5.3 of "Deep Learning from
// Scratch": stochastic gradient descent on mini-batches, by a numerical
// gradient.
//
// A [Training] is a state that [Training.Step] moves on. Which images a step
// sees depends on the seed and on the number of the step alone, so that a
// training that was stopped and is continued from its state ends with the same
// bits as one that was not.
package train

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"gonum.org/v1/gonum/floats"

	"numgrad/dataset"
	"numgrad/grad"
	"numgrad/internal/parallel"
	"numgrad/nn"
	"numgrad/perturb"
)

// Training is a net on its way from random to trained weights.
type Training struct {
	Settings
	Net       *nn.Net
	Iteration int       // steps taken
	Losses    []float64 // the loss of each step's batch, before the step
	Log       []Epoch   // the epochs that have ended

	GradientTime time.Duration // that this Training has spent on gradients

	train, test *dataset.Set
	data        string // their fingerprint
	workers     int
	difference  grad.Settings
	order       []int // the shuffle of the epoch
	batch       dataset.Batch
	engine      perturb.Engine
	gradient    *nn.Params
	asked       atomic.Int64 // losses that InPlace has computed
}

// Epoch is a line of the training's log.
type Epoch struct {
	Epoch     int     `json:"epoch"`     // counted from 1
	Iteration int     `json:"iteration"` // steps taken at its end
	Loss      float64 `json:"loss"`      // mean over its steps
	TrainAcc  float64 `json:"train_acc"` // accuracy on all training images at its end, 0 to 1
	TestAcc   float64 `json:"test_acc"`  // the same on the test images
}

// New returns a training with random initial weights, on the first s.Limit
// images of train. workers is how many goroutines share the work, 0 for one
// for each core; nothing depends on it but the time. New panics if the
// settings do not pass [Settings.Check].
func New(s Settings, train, test *dataset.Set, workers int) *Training {
	if err := s.Check(); err != nil {
		panic("train: " + err.Error())
	}
	initial := nn.New(s.netSizes(train), s.WeightInitStd.of, rand.NewPCG(s.Seed, 0))
	return start(s, initial.Params, train, test, workers)
}

// NewFrom is [New] with the initial weights of a net made elsewhere, whose
// memory it takes over. The hidden layers are those of the net, whatever s
// says. A net for other images, and settings that do not pass [Settings.Check],
// are errors.
func NewFrom(initial *nn.Params, s Settings, train, test *dataset.Set, workers int) (*Training, error) {
	sizes := initial.Sizes()
	s.HiddenSizes = sizes[1 : len(sizes)-1]
	if err := s.Check(); err != nil {
		return nil, err
	}
	if want := s.netSizes(train); !slices.Equal(sizes, want) {
		return nil, fmt.Errorf("a net of %s has %d inputs and %d classes, want %d and %d as the images have",
			nn.Form(sizes), initial.Inputs(), initial.Classes(), train.Size(), train.Classes)
	}
	return start(s, initial, train, test, workers), nil
}

// netSizes returns the sizes of the net for the images of set.
func (s Settings) netSizes(set *dataset.Set) []int {
	return slices.Concat([]int{set.Size()}, s.HiddenSizes, []int{set.Classes})
}

func start(s Settings, params *nn.Params, train, test *dataset.Set, workers int) *Training {
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	if s.Limit > 0 {
		train = train.Limit(s.Limit)
	}
	return &Training{
		Settings:   s,
		Net:        &nn.Net{Params: params, Activation: s.Activation},
		train:      train,
		test:       test,
		data:       fingerprint(train, test),
		workers:    workers,
		difference: s.difference(min(workers, s.parts(train))),
		gradient:   nn.NewParams(params.Sizes()...),
	}
}

// IterationsPerEpoch returns the number of steps that show each training
// image once.
func (r *Training) IterationsPerEpoch() int {
	return 1 + (r.train.Len()-1)/r.BatchSize
}

// Done reports whether all epochs have ended.
func (r *Training) Done() bool { return len(r.Log) >= r.Epochs }

// Step computes the gradient on the next mini-batch and moves the weights
// against it: the body of the book's loop. With the last step of an epoch it
// also measures the accuracies and appends to the log.
//
// It returns the loss of the batch before the step. A loss that is not finite
// is an error, a [*DivergedError]; the weights have then not been moved again.
func (r *Training) Step() (float64, error) {
	perEpoch := r.IterationsPerEpoch()
	epoch, i := r.Iteration/perEpoch, r.Iteration%perEpoch
	if i == 0 || r.order == nil {
		r.order = dataset.Epoch(r.order, r.train.Len(), r.Seed, epoch+1)
		r.Losses = slices.Grow(r.Losses, perEpoch-i) // so that a step allocates nothing
	}
	rest := r.order[i*r.BatchSize:]
	r.train.Gather(&r.batch, rest[:min(r.BatchSize, len(rest))])

	loss, err := r.descend()
	if err != nil {
		return loss, err
	}
	if i == perEpoch-1 {
		r.Log = append(r.Log, Epoch{
			Epoch:     epoch + 1,
			Iteration: r.Iteration,
			Loss:      mean(r.Losses[len(r.Losses)-perEpoch:]),
			TrainAcc:  r.Accuracy(r.train),
			TestAcc:   r.Accuracy(r.test),
		})
	}
	return loss, nil
}

// descend moves the weights against the gradient on the batch, and returns the
// loss before that.
func (r *Training) descend() (float64, error) {
	start := time.Now()
	loss := r.computeGradient()
	r.GradientTime += time.Since(start)
	if math.IsNaN(loss) || math.IsInf(loss, 0) {
		return loss, r.diverged("the loss", loss)
	}
	floats.AddScaled(r.Net.Vector, -r.LearningRate, r.gradient.Vector)
	r.Losses = append(r.Losses, loss)
	r.Iteration++
	return loss, nil
}

// mean adds in the order of v, where floats.Sum takes one that depends on the
// machine.
func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// computeGradient fills r.gradient for the batch, and returns its loss.
func (r *Training) computeGradient() float64 {
	x, t := r.batch.X, r.batch.T
	switch r.Gradient {
	case Backprop:
		return r.Net.Gradient(r.gradient, x, t)
	case InPlace:
		grad.Parallel(r.gradient.Vector, func() (func() float64, []float64) {
			replica := *r.Net
			replica.Params = r.Net.Clone()
			return func() float64 {
				r.asked.Add(1)
				return replica.Loss(x, t)
			}, replica.Vector
		}, &r.difference)
		return r.Net.Loss(x, t)
	default:
		return r.engine.Gradient(r.gradient, r.Net, x, t, &r.difference)
	}
}

// Asked returns how many losses the textbook's loop has computed up to now. It
// may be called while a Step is at work.
func (r *Training) Asked() int64 { return r.asked.Load() }

// Evaluations returns how many losses a finite difference stands for in one
// step: one for each point of the formula and each weight.
func (r *Training) Evaluations() int {
	if r.Formula == Forward {
		return len(r.Net.Vector) + 1
	}
	return 2 * len(r.Net.Vector)
}

// Accuracy returns the share, 0 to 1, of the images of set that the net gets
// right.
func (r *Training) Accuracy(set *dataset.Set) float64 {
	const chunk = 500
	chunks := 1 + (set.Len()-1)/chunk
	var right atomic.Int64
	indices := make([]int, set.Len())
	for i := range indices {
		indices[i] = i
	}
	batches := make([]*dataset.Batch, min(r.workers, chunks))
	for i := range batches {
		batches[i] = new(dataset.Batch)
	}
	parallel.Each(batches, chunks, func(batch *dataset.Batch, i int) {
		set.Gather(batch, indices[i*chunk:min((i+1)*chunk, len(indices))])
		right.Add(int64(perturb.Correct(r.Net, batch.X, batch.T)))
	})
	return float64(right.Load()) / float64(set.Len())
}

// DivergedError says that the training has left the finite numbers.
type DivergedError struct {
	What             string // "the loss" or "a weight"
	Value            float64
	Epoch, Iteration int // where, each counted from 1
	LearningRate     float64
}

// diverged returns the error for the step that comes next.
func (r *Training) diverged(what string, value float64) *DivergedError {
	return &DivergedError{
		What:         what,
		Value:        value,
		Epoch:        r.Iteration/r.IterationsPerEpoch() + 1,
		Iteration:    r.Iteration + 1,
		LearningRate: r.LearningRate,
	}
}

// Error says where the training diverged, and what to try.
func (e *DivergedError) Error() string {
	if e.Iteration == 1 {
		return fmt.Sprintf("%s is %v before the first step: try smaller initial weights", e.What, e.Value)
	}
	return fmt.Sprintf("%s is %v at iteration %d, in epoch %d, with a learning rate of %v: try a smaller one, such as %.2g",
		e.What, e.Value, e.Iteration, e.Epoch, e.LearningRate, math.Min(0.1, e.LearningRate/10))
}
