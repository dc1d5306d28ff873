//go:build !js

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"numgrad/dataset"
	"numgrad/internal/input"
	"numgrad/internal/number"
	"numgrad/internal/usage"
	"numgrad/models"
	"numgrad/nn"
	"numgrad/train"
)

// saveEvery is the time between two saves within an epoch.
var saveEvery = 30 * time.Second

// session is one run of the command.
type session struct {
	*train.Training
	options  *options
	folder   folder
	progress *progress
	log      []train.LogLine // completed epochs
	saved    time.Time       // last attempt to save the state
	kept     int             // iteration of the saved state
	warned   bool            // a save failed in this epoch
	guessing bool            // an epoch's loss was no better than chance
}

func (o *options) run(stdout, stderr io.Writer, stop <-chan os.Signal) error {
	s := &session{options: o, progress: newProgress(stdout, stderr, o.quiet)}
	defer s.folder.unlock()
	if o.resume != "" {
		return s.resume(stop)
	}
	trainSet, testSet, err := dataset.Load(o.data)
	if err != nil {
		return err
	}
	if o.Transpose {
		trainSet.Transpose()
		testSet.Transpose()
	}
	if empty := trainSet.EmptyClasses(); len(empty) > 0 {
		s.progress.note("the net cannot learn the classes without a training image: %s", strings.Trim(fmt.Sprint(empty), "[]"))
	}
	if o.Limit > trainSet.Len() {
		s.progress.note("-limit is %d, but there are %d training images: all are used", o.Limit, trainSet.Len())
	}
	if o.batches != "" {
		return s.replay(trainSet, testSet, stop)
	}
	return s.start(trainSet, testSet, stop)
}

// start runs a new training.
func (s *session) start(trainSet, testSet *dataset.Set, stop <-chan os.Signal) error {
	o := s.options
	if o.init == "" {
		if err := o.CheckSize(trainSet); err != nil {
			return &usage.Error{Err: fmt.Errorf("-%w", err)}
		}
		s.Training = train.New(o.Settings, trainSet, testSet, o.workers)
	} else {
		net, err := o.initial()
		if err != nil {
			return err
		}
		settings := o.Settings
		settings.Init, settings.Activation = filepath.Base(o.init), net.Activation
		if s.Training, err = train.NewFrom(net.Params, settings, trainSet, testSet, o.workers); err != nil {
			return fmt.Errorf("-init: %s: %w", input.Quote(o.init), err)
		}
	}
	s.warnAboutStep()
	if err := s.makeFolder(s.saveState); err != nil {
		return err
	}
	return s.work(stop)
}

// initial returns the net of -init.
func (o *options) initial() (*nn.Net, error) {
	path, err := models.Find(o.init)
	var m *models.Model
	if err == nil {
		m, err = models.Load(path)
	}
	if err != nil {
		return nil, fmt.Errorf("-init: %w", err)
	}
	net := m.Net()
	if o.given["activation"] {
		net.Activation = o.Activation
	}
	return net, nil
}

// makeFolder makes the folder of a new training and saves the initial state. If
// a save fails, it removes the folder.
func (s *session) makeFolder(save func() error) (err error) {
	if s.folder, err = newFolder(s.options.out); err != nil {
		return fmt.Errorf("-out: %w", err)
	}
	// A second save needs room for the old file and the new one.
	if err = save(); err == nil {
		err = save()
	}
	if err != nil {
		s.folder.remove()
		return err
	}
	if s.folder.path != s.options.out {
		s.progress.note("%s exists: this training is %v", input.Quote(s.options.out), s.folder)
	}
	return nil
}

// resume continues the training in the folder -resume.
func (s *session) resume(stop <-chan os.Signal) error {
	o := s.options
	var err error
	if s.folder, err = openFolder(filepath.Clean(o.resume)); err != nil {
		return err
	}
	m, err := models.Load(s.folder.file(models.WeightsFile))
	if err != nil {
		return err
	}
	meta, err := train.ReadMeta(m)
	if err != nil {
		return fmt.Errorf("%v: cannot resume: %w", s.folder, err)
	}
	if err := o.compareWith(meta.Settings); err != nil {
		return &usage.Error{Err: err}
	}
	trainSet, testSet, err := dataset.Load(o.data)
	if err != nil {
		return err
	}
	if s.Training, err = train.Resume(m, trainSet, testSet, o.workers); err != nil {
		return fmt.Errorf("%v: cannot resume: %w", s.folder, err)
	}
	if o.given["epochs"] {
		s.Epochs = o.Epochs
	}
	if s.log, err = s.folder.readLog(s.Log); err != nil {
		return err
	}
	if s.Done() {
		s.progress.line("nothing left to do: all %s are completed; -epochs can be raised", number.Count(s.Epochs, "epoch"))
		return errors.Join(s.saveLog(), s.saveCurves())
	}
	if err := s.saveState(); err != nil { // the disk is full
		return err
	}
	return s.work(stop)
}

// compareWith returns an error if a flag on the command line contradicts the
// settings of the training to resume.
func (o *options) compareWith(saved train.Settings) (err error) {
	if o.given["epochs"] && o.Epochs < saved.Epochs {
		return fmt.Errorf("-epochs is %d, want at least %d: epochs can be raised, not lowered", o.Epochs, saved.Epochs)
	}
	settings := flag.NewFlagSet("saved", flag.ContinueOnError)
	defineSettings(settings, &saved)
	o.flags.Visit(func(f *flag.Flag) {
		if was := settings.Lookup(f.Name); was != nil && f.Name != "epochs" && f.Value.String() != was.Value.String() {
			err = fmt.Errorf("-%s is %v, want %v as in the training to resume: only -epochs can change", f.Name, f.Value, was.Value)
		}
	})
	return err
}

// work takes steps until the training is completed or a signal stops it. It saves
// and prints the summary.
func (s *session) work(stop <-chan os.Signal) error {
	first, start := s.Iteration, time.Now()
	s.saved = start
	perEpoch := s.IterationsPerEpoch()
	for !s.Done() {
		begun := time.Now()
		s.progress.begin(fmt.Sprintf("epoch %d/%d", len(s.Log)+1, s.Epochs), perEpoch-s.Iteration%perEpoch)
		for epoch := len(s.Log); len(s.Log) == epoch; {
			select {
			case sig := <-stop:
				return s.stopped(sig.(syscall.Signal))
			default:
			}
			loss, err := s.Step()
			if err != nil {
				return s.failed(err)
			}
			s.progress.step(loss)
			if s.Gradient == train.InPlace && s.Iteration == first+1 {
				left := float64(s.Epochs*perEpoch-s.Iteration) * s.GradientTime.Seconds()
				s.progress.note("the textbook's loop computes %s losses in a step: the training takes about %s", number.Commas(s.Evaluations()), duration(left))
			}
			if time.Since(s.saved) > saveEvery {
				s.try(s.saveState)
			}
		}
		s.log = append(s.log, train.LogLine{
			Epoch:   s.Log[len(s.Log)-1],
			Seconds: time.Since(begun).Round(time.Millisecond).Seconds(),
		})
		s.epochEnded()
	}
	if err := s.finish(); err != nil {
		return err
	}
	s.summarize(s.Iteration-first, time.Since(start))
	return nil
}

// failed removes the folder if it holds only the initial weights. It returns the
// error of a step, with the saved iteration if there is one.
func (s *session) failed(err error) error {
	if s.kept == 0 && s.options.resume == "" {
		s.folder.remove()
		return err
	}
	return fmt.Errorf("%w (%v holds the weights of iteration %d)", err, s.folder, s.kept)
}

// epochEnded prints a line about the epoch and saves the training.
func (s *session) epochEnded() {
	e := s.log[len(s.log)-1]
	s.progress.line("epoch %*d/%d  loss %s  train acc %.4f  test acc %.4f  %.1f s",
		len(fmt.Sprint(s.Epochs)), e.Epoch.Epoch, s.Epochs, lossText(e.Loss), e.TrainAcc, e.TestAcc, e.Seconds)
	if chance := math.Log(float64(s.Net.Classes())); e.Loss >= chance && !s.guessing {
		s.guessing = true
		advice := "another -lr"
		if s.Init == "" && s.WeightInitStd.Rule == "" {
			advice += ", or -std he or xavier"
		}
		s.progress.note("the loss of epoch %d is %s, no better than chance for %d classes (%.4f): try %s",
			e.Epoch.Epoch, lossText(e.Loss), s.Net.Classes(), chance, advice)
	}
	s.warned = false
	s.try(s.saveLog)
	s.try(s.saveState)
}

// try calls save and prints an error, at most once per epoch. A later save may
// succeed.
func (s *session) try(save func() error) {
	if err := save(); err != nil && !s.warned {
		s.warned = true
		s.progress.warn("cannot save, and will try again: %v", err)
	}
}

// stopped saves the training after a signal and prints the command that continues
// it.
func (s *session) stopped(sig syscall.Signal) error {
	s.progress.clear()
	if err := s.finish(); err != nil {
		return err
	}
	s.progress.note("stopped by %v in epoch %d, after %s; saved %v; to continue:",
		sig, len(s.Log)+1, number.Count(s.Iteration, "iteration"), s.folder)
	if !s.options.quiet {
		fmt.Fprintln(s.progress.err, command("train", append([]string{"-resume", s.folder.path}, s.options.dataFlag...)...))
	}
	return stopped(sig)
}

// warnAboutStep warns if w + h equals w for a weight w.
func (s *session) warnAboutStep() {
	lost := 0
	for _, w := range s.Net.Vector {
		if w+s.Settings.Step == w {
			lost++
		}
	}
	if lost > 0 && s.Gradient != train.Backprop {
		s.progress.note("-step %v is less than the last place of %d of %d weights: the textbook's subtraction (-gradient inplace) finds zero there, -gradient numerical does not",
			s.Settings.Step, lost, len(s.Net.Vector))
	}
}

// summarize prints the number of gradients, the folder, and commands for its net.
func (s *session) summarize(steps int, took time.Duration) {
	gradients := number.Count(steps, "numerical gradient")
	if s.Gradient == train.Backprop {
		gradients = number.Count(steps, "gradient") + " by backprop"
	}
	s.progress.line("%s of %s weights in %.1f s, %.3g ms each: a %s net, %s", gradients, number.Commas(len(s.Net.Vector)),
		took.Seconds(), 1e3*s.GradientTime.Seconds()/float64(steps), nn.Form(s.Net.Sizes()), s.Activation)
	if s.Gradient != train.Backprop {
		s.progress.line("they stand for %s evaluations of the loss", number.Commas(steps*s.Evaluations()))
	}
	s.progress.line("saved %v: weights.npz, log.jsonl, curves.png", s.folder)
	weights := []string{"-weights", s.folder.path}
	if line := command("report", append(weights, s.options.dataFlag...)...); line != "" {
		s.progress.line("see what it learned:   %s", line)
	}
	if line := command("predict", append(weights, "digit.png")...); line != "" && s.Net.Inputs() == 28*28 {
		s.progress.line("try your own digits:   %s", line)
	}
}

// command returns a command line for a command of this project, or "" if it is
// missing. In the project's folder it uses "go run", elsewhere a program in the
// folder of this one.
func command(name string, args ...string) string {
	program := []string{"go", "run", "./cmd/" + name}
	if _, err := os.Stat(filepath.Join("cmd", name, "main.go")); err != nil {
		path := os.Args[0]
		if name != "train" {
			path = strings.TrimSuffix(path, filepath.Base(path)) + name
		}
		if _, err := exec.LookPath(path); err != nil {
			return ""
		}
		program = []string{path}
	}
	words := append(program, args...)
	for i, word := range words {
		if !plainWord.MatchString(word) {
			words[i] = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
	}
	return strings.Join(words, " ")
}

// plainWord matches a word that needs no quotes in a shell.
var plainWord = regexp.MustCompile(`^[\pL\pN_./:=@%+,-]+$`)
