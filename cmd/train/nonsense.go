//go:build !js

package main

import (
	"fmt"
	"math"

	"github.com/KimMachineGun/automemlimit/memlimit"

	"numgrad/dataset"
	"numgrad/train"
)

// checkMemory returns an error if the training takes more memory than there is.
func checkMemory(s train.Settings, images *dataset.Set, workers int) error {
	const gigabyte = 1e9
	there := math.Inf(1)
	for _, limit := range []memlimit.Provider{memlimit.FromCgroup, memlimit.FromSystem} {
		if bytes, err := limit(); err == nil {
			there = math.Min(there, float64(bytes))
		}
	}
	if takes := s.Memory(images, workers); takes > there {
		return &usageError{fmt.Errorf("-hidden %v, -batch %d and -workers %d take about %.3g GB of memory with -gradient %s, and there are %.3g GB: choose smaller ones",
			s.HiddenSizes, s.BatchSize, workers, takes/gigabyte, s.Gradient, there/gigabyte)}
	}
	return nil
}

// warnOfNonsense says which settings do not do what they seem to.
func (s *session) warnOfNonsense(trainSet *dataset.Set) {
	images := trainSet.Len()
	if s.Limit > images {
		s.progress.note("-limit is %d, and there are %d training images: all are used", s.Limit, images)
	} else if s.Limit > 0 {
		images = s.Limit
	}
	if s.BatchSize > images {
		s.progress.note("-batch is %d, and there are %d training images: an epoch is one step, on all of them", s.BatchSize, images)
	}
	if s.Gradient != train.InPlace {
		return // the other ways displace a weight by h to the last bit, or by none
	}
	lost := 0
	for _, w := range s.Net.Vector {
		if w+s.Settings.Step == w {
			lost++
		}
	}
	if lost > 0 {
		s.progress.note("-step is %v, less than the last place of %d of %d weights: their differences are zero", s.Settings.Step, lost, len(s.Net.Vector))
	}
}

// warnOfGuessing says once if the loss is that of a net that guesses.
func (s *session) warnOfGuessing(e train.Epoch) {
	guess := math.Log(float64(s.Net.Classes()))
	if s.guessing || e.Loss < guess {
		return
	}
	s.guessing = true
	s.progress.note("the loss of epoch %d is %s, no better than guessing one of %d classes (%.4f): try another -lr, or -std he or xavier",
		e.Epoch, lossText(e.Loss), s.Net.Classes(), guess)
}
