package dataset

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"numgrad/internal/input"
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
// The headers are compared before there is memory for what they promise. That
// is at most 10 times the size of the files and 64 MiB, so that a compressed
// file that expands much more must be uncompressed first.
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
			input.Quote(dir), trainPart+imagesKind, train.Rows, train.Cols, testPart+imagesKind, test.Rows, test.Cols)
	}
	train.Classes = 1 + int(max(slices.Max(train.Labels), slices.Max(test.Labels)))
	test.Classes = train.Classes
	return train, test, nil
}

// loadSet reads the two files of a part, their headers first. It leaves Classes
// open.
func loadSet(dir, part string) (*Set, error) {
	images, labels := file{dir: dir, name: part + imagesKind}, file{dir: dir, name: part + labelsKind}
	defer images.close()
	defer labels.close()
	if err := cmp.Or(images.open(3), labels.open(1)); err != nil {
		return nil, err
	}
	if images.sizes[0] != labels.sizes[0] {
		return nil, fmt.Errorf("%s: %s has %d images, %s has %d labels, want one label for each image",
			input.Quote(dir), images.name, images.sizes[0], labels.name, labels.sizes[0])
	}
	s := Set{Rows: int(images.sizes[1]), Cols: int(images.sizes[2])}
	var err error
	if s.Images, err = images.images(); err != nil {
		return nil, images.error(err)
	}
	if s.Labels, err = labels.labels(); err != nil {
		return nil, labels.error(err)
	}
	return &s, nil
}

// file is one of the four files.
type file struct {
	dir, name string
	path      string // the one with .gz at its end, if it is that
	file      *os.File
	*idx
}

// open opens the file and reads its header. The caller closes it in any case.
func (f *file) open(dims int) (err error) {
	if f.path, err = find(f.dir, f.name); err != nil {
		return err
	}
	if f.file, err = input.Open(f.path); err != nil {
		return err
	}
	info, err := f.file.Stat()
	if err != nil {
		return err
	}
	if f.idx, err = newIDX(f.file, info.Size(), dims); err != nil {
		return f.error(err)
	}
	return nil
}

func (f *file) close() {
	if f.file != nil {
		f.file.Close()
	}
}

func (f *file) error(err error) error { return fmt.Errorf("%s: %w", input.Quote(f.path), err) }

// find returns the path of a file that may have .gz at the end of its name.
func find(dir, name string) (string, error) {
	plain := filepath.Join(dir, name)
	for _, path := range []string{plain, plain + ".gz"} {
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return "", fmt.Errorf("%s: %w", input.Quote(path), input.Bare(err))
		case !info.Mode().IsRegular():
			return "", fmt.Errorf("%s: is not a regular file, want an IDX file", input.Quote(path))
		}
		return path, nil
	}
	return "", fmt.Errorf("%s: %w, nor with .gz at its end", input.Quote(plain), fs.ErrNotExist)
}
