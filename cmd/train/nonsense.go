//go:build !js

package main

import (
	"math"

	"numgrad/dataset"
	"numgrad/train"
)

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
	advice := "another -lr"
	if s.Init == "" && s.WeightInitStd.Rule == "" {
		advice += ", or -std he or xavier"
	}
	s.progress.note("the loss of epoch %d is %s, no better than guessing one of %d classes (%.4f): try %s",
		e.Epoch, lossText(e.Loss), s.Net.Classes(), guess, advice)
}
