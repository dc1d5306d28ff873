// Package train trains a net as chapter 4.5.3 of "Deep Learning from Scratch"
// does: stochastic gradient descent on mini-batches, with a numerical gradient.
//
// The seed and the number of a step determine its images. So a training that is
// saved and resumed ends bit-identical to an uninterrupted one.
package train

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"gonum.org/v1/gonum/floats"

	"numgrad/dataset"
	"numgrad/grad"
	"numgrad/nn"
	"numgrad/perturb"
)

// Training is a net and the state of its training.
type Training struct {
	Settings
	Net       *nn.Net
	Iteration int       // steps taken
	Losses    []float64 // loss of each step's mini-batch, before the step
	Log       []Epoch   // completed epochs

	GradientTime time.Duration // time spent on gradients since the start

	train, test *dataset.Set
	data        string // fingerprint of train and test
	workers     int
	difference  grad.Settings
	pictures    map[*dataset.Set]*pictures
	order       []int // image indices in the order of the epoch
	indices     []int // of the step's images
	batch       dataset.Batch
	engine      perturb.Engine
	gradient    *nn.Params
}

// Epoch is the result of one epoch.
type Epoch struct {
	Epoch     int     `json:"epoch"`     // number, from 1
	Iteration int     `json:"iteration"` // steps taken at its end
	Loss      float64 `json:"loss"`      // mean over its steps
	TrainAcc  float64 `json:"train_acc"` // accuracy on all training images at its end, 0 to 1
	TestAcc   float64 `json:"test_acc"`  // accuracy on all test images at its end, 0 to 1
}

// New returns a training with random initial weights, on the first s.Limit
// images of train. workers is the number of goroutines, 0 for one per core; the
// result does not depend on it. New panics if [Settings.Check] returns an error.
func New(s Settings, train, test *dataset.Set, workers int) *Training {
	if err := s.Check(); err != nil {
		panic("train: " + err.Error())
	}
	initial := nn.New(s.netSizes(train), s.WeightInitStd.of, rand.NewPCG(s.Seed, 0))
	return start(s, initial.Params, train, test, workers)
}

// NewFrom is like [New], but starts from the weights in initial and keeps their
// memory. It ignores s.HiddenSizes: initial determines the hidden layers. NewFrom
// returns an error of one line if the net does not fit the images, or if
// [Settings.Check] or [Settings.CheckSize] returns an error.
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
	if err := s.CheckSize(train); err != nil {
		return nil, err
	}
	return start(s, initial, train, test, workers), nil
}

func start(s Settings, params *nn.Params, train, test *dataset.Set, workers int) *Training {
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	// In place, each worker has its own weights.
	workers = min(workers, max(1, maxReplicated/len(params.Vector)))
	train = s.limited(train)
	return &Training{
		Settings:   s,
		Net:        &nn.Net{Params: params, Activation: s.Activation},
		train:      train,
		test:       test,
		data:       fingerprint(train, test),
		workers:    workers,
		difference: grad.Settings{Formula: formulas[s.Formula], Step: s.Step, Workers: workers},
		pictures:   map[*dataset.Set]*pictures{},
		gradient:   nn.NewParams(params.Sizes()...),
	}
}

// IterationsPerEpoch returns the number of steps of an epoch, which uses each
// training image once.
func (r *Training) IterationsPerEpoch() int {
	return 1 + (r.train.Len()-1)/r.BatchSize
}

// Done reports whether all epochs are completed.
func (r *Training) Done() bool { return len(r.Log) >= r.Epochs }

// Step computes the gradient on the next mini-batch and updates the weights, as
// the body of the book's loop does. After the last step of an epoch it measures
// the accuracies and appends to Log.
//
// Step returns the loss of the mini-batch before the update. If that is not
// finite, it returns a [*DivergedError] and leaves the weights unchanged.
func (r *Training) Step() (float64, error) {
	perEpoch := r.IterationsPerEpoch()
	epoch, i := r.Iteration/perEpoch, r.Iteration%perEpoch
	if i == 0 || r.order == nil {
		r.order = dataset.Epoch(r.order, r.train.Len(), r.Seed, epoch+1)
		r.Losses = slices.Grow(r.Losses, perEpoch-i) // a step must not allocate
	}
	rest := r.order[i*r.BatchSize:]
	r.indices = rest[:min(r.BatchSize, len(rest))]

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

// descend updates the weights with the gradient of r.batch, and returns the loss
// before the update.
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

// mean adds in the order of v. The order of floats.Sum depends on the machine.
func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// computeGradient fills r.gradient for the batch, and returns its loss.
func (r *Training) computeGradient() float64 {
	if r.Gradient == Numerical {
		p := r.picturesOf(r.train)
		r.batch.T = r.batch.T[:0]
		for _, i := range r.indices {
			r.batch.T = append(r.batch.T, p.labels[i])
		}
		return r.engine.ImageGradient(r.gradient, r.Net, p.images, r.indices, r.batch.T, &r.difference)
	}
	r.train.Gather(&r.batch, r.indices)
	x, t := r.batch.X, r.batch.T
	if r.Gradient == Backprop {
		return r.Net.Gradient(r.gradient, x, t)
	}
	grad.Parallel(r.gradient.Vector, func() (func() float64, []float64) {
		replica := *r.Net
		replica.Params = r.Net.Clone()
		return func() float64 { return replica.Loss(x, t) }, replica.Vector
	}, &r.difference)
	return r.Net.Loss(x, t)
}

// pictures are the images of a set without their zeros.
type pictures struct {
	images      *perturb.Images
	labels, all []int // all is 0, 1, 2, …
}

// picturesOf returns the pictures of a set. It keeps them for the next call.
func (r *Training) picturesOf(set *dataset.Set) *pictures {
	p := r.pictures[set]
	if p == nil {
		p = &pictures{images: perturb.NewImages(set.Images, set.Size())}
		for i, label := range set.Labels {
			p.labels, p.all = append(p.labels, int(label)), append(p.all, i)
		}
		r.pictures[set] = p
	}
	return p
}

// Evaluations returns the number of losses in the finite differences of one
// step: one for each weight and each point of the formula.
func (r *Training) Evaluations() int {
	if r.Formula == Forward {
		return len(r.Net.Vector) + 1
	}
	return 2 * len(r.Net.Vector)
}

// Accuracy returns the proportion of images of set that the net classifies
// correctly, 0 to 1.
func (r *Training) Accuracy(set *dataset.Set) float64 {
	const chunk = 500
	p := r.picturesOf(set)
	var right, next atomic.Int64
	var wg sync.WaitGroup
	for range r.workers {
		wg.Go(func() {
			for {
				end := int(next.Add(chunk))
				first, end := end-chunk, min(end, set.Len())
				if first >= end {
					return
				}
				right.Add(int64(p.images.Correct(r.Net, p.all[first:end], p.labels[first:end])))
			}
		})
	}
	wg.Wait()
	return float64(right.Load()) / float64(set.Len())
}

// DivergedError reports a loss or a weight that is not finite.
type DivergedError struct {
	What             string // "the loss" or "a weight"
	Value            float64
	Epoch, Iteration int // of the failed step, from 1
	LearningRate     float64
}

// diverged returns the error for the next step.
func (r *Training) diverged(what string, value float64) *DivergedError {
	return &DivergedError{what, value, r.Iteration/r.IterationsPerEpoch() + 1, r.Iteration + 1, r.LearningRate}
}

// Error has the step at which the training diverged, and advice.
func (e *DivergedError) Error() string {
	if e.Iteration == 1 {
		return fmt.Sprintf("%s is %v before the first step: try smaller initial weights", e.What, e.Value)
	}
	return fmt.Sprintf("%s is %v at iteration %d, in epoch %d, with a learning rate of %v: try a smaller one, such as %.2g",
		e.What, e.Value, e.Iteration, e.Epoch, e.LearningRate, math.Min(0.1, e.LearningRate/10))
}
