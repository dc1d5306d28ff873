package main

import (
	"fmt"
	"io"
	"time"

	"numgrad/chapter4"
	"numgrad/chapter4/numbers"
	"numgrad/dataset"
	"numgrad/train"
)

// material is what the numbers and figures are made from.
type material struct {
	images              *dataset.Set // nil with -quick, or where no number needs them
	numerical, backprop chapter4.Run
}

// material loads and trains what is asked for, and takes the rest from what
// ships. It reports to stderr how the trainings come along.
func (o *options) material(stderr io.Writer) (m material, err error) {
	if m.numerical, m.backprop, err = numbers.Saved(); err != nil {
		return m, err
	}
	training := o.wants("4.5.3") || o.wants("4.5.2") && o.out != ""
	if o.quick || !training && !o.wants("4.2.3") {
		return m, nil
	}
	images, test, err := dataset.Load(o.data)
	if err != nil {
		return m, err
	}
	m.images = images
	if !training {
		return m, nil
	}

	settings := train.Book()
	if m.numerical, err = trainWith(settings, images, test, stderr); err != nil {
		return m, err
	}
	if o.out != "" { // a figure alone compares it with backprop
		settings.Gradient = train.Backprop
		m.backprop, err = trainWith(settings, images, test, stderr)
	}
	return m, err
}

func trainWith(settings train.Settings, images, test *dataset.Set, stderr io.Writer) (chapter4.Run, error) {
	fmt.Fprintf(stderr, "training %d epochs on %d images, gradients: %s\n", settings.Epochs, images.Len(), settings.Gradient)
	start := time.Now()
	return chapter4.TrainNeuralNet(settings, images, test, func(e train.Epoch) {
		left := time.Since(start) * time.Duration(settings.Epochs-e.Epoch) / time.Duration(e.Epoch)
		fmt.Fprintf(stderr, "epoch %2d: train acc, test acc | %.4f, %.4f, %v left\n", e.Epoch, e.TrainAcc, e.TestAcc, left.Round(time.Second))
	})
}
