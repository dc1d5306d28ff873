package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"numgrad/figure"
	"numgrad/internal/atomicfile"
	"numgrad/models"
	"numgrad/train"
)

// saveState saves the weights with everything that a resumed training needs.
func (s *session) saveState() error {
	s.saved = time.Now()
	m, err := s.Model()
	if err != nil {
		return err
	}
	return m.Save(s.options.out)
}

// saveLog saves the epochs that have ended.
func (s *session) saveLog() error {
	lines := make([]train.LogLine, len(s.Log))
	for i, e := range s.Log {
		lines[i] = train.LogLine{Epoch: e, Seconds: s.seconds[i]}
	}
	return atomicfile.Write(s.options.beside(".jsonl"), func(w io.Writer) error { return train.WriteLog(w, lines) })
}

// readSeconds reads from the log how long the epochs that have ended took. A
// log that was deleted is no loss.
func (s *session) readSeconds() error {
	s.seconds = make([]float64, len(s.Log))
	name := s.options.beside(".jsonl")
	f, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	lines, err := train.ReadLog(f)
	if err != nil {
		return fmt.Errorf("%s: %w; move the file away to go on without it", name, err)
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
	return atomicfile.Write(s.options.beside(".png"), func(w io.Writer) error {
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

// keepUnfinished puts a training that has not ended out of the way of the one
// that begins.
func (s *session) keepUnfinished() error {
	m, err := models.Load(s.options.out)
	if err != nil {
		return nil // there is none
	}
	meta, err := train.ReadMeta(m)
	if err != nil || meta.Iteration == 0 || len(meta.Log) >= meta.Settings.Epochs {
		return nil
	}
	name := s.options.beside(".unfinished.npz")
	if err := os.Rename(s.options.out, name); err != nil {
		return err
	}
	s.progress.line("%s held a training that was stopped after %d iterations: it is kept as %s", s.options.out, meta.Iteration, name)
	return nil
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
	return fmt.Errorf("the weights are kept in %s instead: copy that to %s when it can be written", f.Name(), s.options.out)
}
