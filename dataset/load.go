package dataset

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// The names of the files: a part and a kind.
const (
	trainPart  = "train"
	testPart   = "t10k"
	imagesKind = "-images-idx3-ubyte"
	labelsKind = "-labels-idx1-ubyte"
)

// Load reads the training set and the test set from the IDX files in dir. If
// dir is "", it reads the MNIST that comes with the GoMNIST module, from where
// [Locate] finds it.
//
// The files are
//
//	train-images-idx3-ubyte   train-labels-idx1-ubyte
//	t10k-images-idx3-ubyte    t10k-labels-idx1-ubyte
//
// each under this name or with .gz at its end, in this order if both are
// there. Whether one is compressed is seen from its content, not its name.
// Images may have any size, the same in both sets. Labels are 0 to 255, and
// Classes, the same in both sets, is one more than the largest.
//
// An error is one line: which file, what it says, what was found or expected.
// Load allocates in step with what it reads, whatever a header says.
func Load(dir string) (train, test *Set, err error) {
	if dir == "" {
		if dir, err = Locate(); err != nil {
			return nil, nil, err
		}
	}
	var trainErr, testErr error
	var wg sync.WaitGroup
	wg.Go(func() { train, trainErr = loadSet(dir, trainPart) })
	wg.Go(func() { test, testErr = loadSet(dir, testPart) })
	wg.Wait()
	if err := cmp.Or(trainErr, testErr); err != nil {
		return nil, nil, err
	}
	if train.Rows != test.Rows || train.Cols != test.Cols {
		return nil, nil, fmt.Errorf("%s: the images of %s are %d×%d, those of %s %d×%d, want one size",
			dir, trainPart+imagesKind, train.Rows, train.Cols, testPart+imagesKind, test.Rows, test.Cols)
	}
	train.Classes = 1 + int(max(slices.Max(train.Labels), slices.Max(test.Labels)))
	test.Classes = train.Classes
	return train, test, nil
}

// loadSet reads the two files of a part. It leaves Classes open.
func loadSet(dir, part string) (*Set, error) {
	var s Set
	if err := readFile(dir, part+imagesKind, s.readImages); err != nil {
		return nil, err
	}
	if err := readFile(dir, part+labelsKind, s.readLabels); err != nil {
		return nil, err
	}
	if len(s.Images) != len(s.Labels) {
		return nil, fmt.Errorf("%s: %s has %d images, %s has %d labels, want one label for each image",
			dir, part+imagesKind, len(s.Images), part+labelsKind, len(s.Labels))
	}
	return &s, nil
}

// readFile calls parse on the content of a file, and puts the file's path in
// front of its error.
func readFile(dir, name string, parse func(io.Reader) error) error {
	path, err := find(dir, name)
	if err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	content, err := uncompressed(f)
	if err == nil {
		err = parse(content)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// find returns the path of a file that may have .gz at the end of its name.
func find(dir, name string) (string, error) {
	plain := filepath.Join(dir, name)
	for _, path := range []string{plain, plain + ".gz"} {
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return "", err
		case info.IsDir():
			return "", fmt.Errorf("%s: is a directory, want an IDX file", path)
		}
		return path, nil
	}
	return "", fmt.Errorf("%s: %w, nor with .gz at its end", plain, fs.ErrNotExist)
}

// uncompressed returns the content of r, with or without gzip around it.
func uncompressed(r io.Reader) (io.Reader, error) {
	buffered := bufio.NewReaderSize(r, 64<<10)
	if magic, _ := buffered.Peek(2); string(magic) != "\x1f\x8b" {
		return buffered, nil
	}
	content, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, fmt.Errorf("begins as gzip data: %w", err)
	}
	return content, nil
}
