//go:build !js

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"numgrad/internal/atomicfile"
	"numgrad/internal/figure"
	"numgrad/internal/input"
	"numgrad/train"
)

// saveState saves the weights with everything that a resumed training needs.
func (s *session) saveState() error {
	s.saved = time.Now()
	m, err := s.Model()
	if err != nil {
		return err
	}
	return m.Save(s.place.weights())
}

// saveLog saves the epochs that have ended.
func (s *session) saveLog() error {
	lines := make([]train.LogLine, len(s.Log))
	for i, e := range s.Log {
		lines[i] = train.LogLine{Epoch: e, Seconds: s.seconds[i]}
	}
	return atomicfile.Write(s.place.log(), func(w io.Writer) error { return train.WriteLog(w, lines) })
}

// readSeconds reads from the log how long the epochs that have ended took. A
// log that was deleted is no loss.
func (s *session) readSeconds() error {
	s.seconds = make([]float64, len(s.Log))
	f, err := input.Open(s.place.log())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	lines, err := train.ReadLog(f)
	if err != nil {
		return fmt.Errorf("%s: %w; move the file away to go on without it", input.Quote(s.place.log()), err)
	}
	for i, line := range lines[:min(len(lines), len(s.Log))] {
		s.seconds[i] = line.Seconds
	}
	return nil
}

// saveCurves draws the loss and the accuracies.
func (s *session) saveCurves() error {
	var trainAcc, testAcc []float64
	for _, e := range s.Log {
		trainAcc, testAcc = append(trainAcc, e.TrainAcc), append(testAcc, e.TestAcc)
	}
	return atomicfile.Write(s.place.curves(), func(w io.Writer) error {
		return figure.Training(w, s.Losses, trainAcc, testAcc)
	})
}

// finish saves everything. Where the weights cannot be, they are kept in
// another place.
func (s *session) finish() error {
	err := errors.Join(s.saveLog(), s.saveCurves())
	if lost := s.saveState(); lost != nil {
		err = errors.Join(lost, s.rescue(), err)
	}
	return err
}

// replaceLost writes the log and the curves of a training that had ended
// already, where they are not there.
func (s *session) replaceLost() error {
	var errs []error
	present := s.place.present()
	if !slices.Contains(present, logFile) {
		errs = append(errs, s.saveLog())
	}
	if !slices.Contains(present, curvesFile) {
		errs = append(errs, s.saveCurves())
	}
	return errors.Join(errs...)
}

// rescue saves the state in the directory for temporary files, and returns an
// error that says whether that went well.
func (s *session) rescue() error {
	m, err := s.Model()
	if err != nil {
		return err
	}
	f, err := os.CreateTemp("", "train-*.npz")
	if err != nil {
		return err
	}
	f.Close()
	if err := m.Save(f.Name()); err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("nor in the directory for temporary files: %w", err)
	}
	return fmt.Errorf("the weights are kept in %s instead: copy that to %v when it can be written", input.Quote(f.Name()), s.place)
}
