package numbers

import (
	"bytes"
	_ "embed"
	"fmt"

	"numgrad/chapter4"
	"numgrad/models"
	"numgrad/train"
)

// backpropLog is the log that
//
//	go run ./cmd/train -gradient backprop
//
// leaves behind.
//
//go:embed backprop.jsonl
var backpropLog []byte

// before has the accuracies of the random weights of seed 1, with which both
// trainings begin.
var before = train.Epoch{TrainAcc: 0.11236666666666667, TestAcc: 0.1135}

// Saved returns two trainings with the book's settings that come with the
// project: the one by numerical gradients whose weights are [models.MNIST],
// and one by backprop from the same seed, of which only the log is kept.
func Saved() (numerical, backprop chapter4.Run, err error) {
	model := models.MNIST()
	meta, err := train.ReadMeta(model)
	if err != nil {
		return numerical, backprop, fmt.Errorf("the weights that ship: %w", err)
	}
	numerical = chapter4.Run{Before: before, Losses: model.Losses, Log: meta.Log}
	lines, err := train.ReadLog(bytes.NewReader(backpropLog))
	if err != nil {
		return numerical, backprop, fmt.Errorf("backprop.jsonl: %w", err)
	}
	backprop.Before = before
	for _, line := range lines {
		backprop.Log = append(backprop.Log, line.Epoch)
	}
	return numerical, backprop, nil
}
