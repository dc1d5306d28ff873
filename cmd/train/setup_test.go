package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"numgrad/dataset"
)

var (
	// program is the command without the race detector, which would take longer
	// to read the images than to train.
	program string
	// data is a folder with the first 1,000 and 200 images of MNIST.
	data string
	// quick are the flags of a training of two short epochs on them.
	quick []string
)

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "train-test-")
	if err == nil {
		err = setUp(folder)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	status := m.Run()
	os.RemoveAll(folder)
	os.Exit(status)
}

func setUp(folder string) error {
	program = filepath.Join(folder, "train")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		return fmt.Errorf("cannot build the command: %w: %s", err, out)
	}
	data = filepath.Join(folder, "data")
	quick = []string{"-data", data, "-epochs", "2", "-hidden", "10", "-std", "xavier", "-lr", "1"}
	train, test, err := dataset.Load("")
	if err != nil {
		return err
	}
	if err := os.Mkdir(data, 0o777); err != nil {
		return err
	}
	for name, set := range map[string]*dataset.Set{"train": train.Limit(1000), "t10k": test.Limit(200)} {
		if err := writeIDX(filepath.Join(data, name), set); err != nil {
			return err
		}
	}
	return nil
}

// writeIDX writes a set as two IDX files.
func writeIDX(path string, set *dataset.Set) error {
	header := func(kind byte, sizes ...int) []byte {
		b := []byte{0, 0, 8, kind}
		for _, n := range sizes {
			b = binary.BigEndian.AppendUint32(b, uint32(n))
		}
		return b
	}
	images, labels := header(3, set.Len(), set.Rows, set.Cols), header(1, set.Len())
	for i, image := range set.Images {
		images, labels = append(images, image...), append(labels, byte(set.Labels[i]))
	}
	if err := os.WriteFile(path+"-images-idx3-ubyte", images, 0o666); err != nil {
		return err
	}
	return os.WriteFile(path+"-labels-idx1-ubyte", labels, 0o666)
}
