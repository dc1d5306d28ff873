package dataset

import (
	"cmp"
	"fmt"
	"sync"

	"numgrad/internal/input"
	"numgrad/internal/npz"
)

const maxFile = 1 << 30 // bytes; EMNIST's largest file has 0.55 GB

// Load reads a training set and a test set. Path is
//
//   - "", for the MNIST in the GoMNIST module, which [Locate] finds;
//   - a folder with four IDX files, or with the folder raw or NAME/raw, as
//     torchvision has it, or with Keras' mnist.npz;
//   - a folder followed by the prefix of the file names in it, such as
//     gzip/emnist-letters, which a folder with several sets needs;
//   - an npz file with the arrays x_train, y_train, x_test and y_test.
//
// The names of the IDX files are
//
//	train-images-idx3-ubyte   train-labels-idx1-ubyte
//	t10k-images-idx3-ubyte    t10k-labels-idx1-ubyte
//
// with or without a prefix and .gz. The last hyphen but one may be a dot, and
// t10k may be test. If a folder has a file under several of these names, the
// plain name comes first. The content shows whether a file is compressed.
//
// Images may have any size, the same in both sets. Labels are 0 to 255, and
// Classes, the same in both sets, is one more than the largest label.
//
// An error is one line with the file and the fault. A file has at most 1 GiB. A
// compressed file may expand to 8 times its size and 16 MiB; one that expands
// more must be uncompressed first.
func Load(path string) (train, test *Set, err error) {
	if path == "" {
		if path, err = Locate(); err != nil {
			return nil, nil, err
		}
	}
	files, err := find(path)
	if err != nil {
		return nil, nil, err
	}
	if len(files) == 1 {
		train, test, err = loadNPZ(files[0])
	} else {
		var trainErr, testErr error
		var wg sync.WaitGroup
		wg.Go(func() { train, trainErr = loadIDX(files[0], files[1]) })
		wg.Go(func() { test, testErr = loadIDX(files[2], files[3]) })
		wg.Wait()
		err = cmp.Or(trainErr, testErr)
	}
	if err != nil {
		return nil, nil, err
	}
	if train.Rows != test.Rows || train.Cols != test.Cols {
		return nil, nil, fmt.Errorf("%s: the training images are %d×%d, the test images %d×%d, want one size",
			input.Quote(path), train.Rows, train.Cols, test.Rows, test.Cols)
	}
	train.Classes = max(train.Classes, test.Classes)
	test.Classes = train.Classes
	return train, test, nil
}

// loadIDX reads a set from two IDX files.
func loadIDX(imagesPath, labelsPath string) (*Set, error) {
	images, err := input.Read(imagesPath, maxFile)
	if err != nil {
		return nil, err
	}
	labels, err := input.Read(labelsPath, maxFile)
	if err != nil {
		return nil, err
	}
	return readSet(input.Quote(imagesPath), images, input.Quote(labelsPath), labels)
}

// Read reads one set from the contents of its two IDX files, compressed or not,
// as [Load] does. Classes is one more than the largest label.
func Read(images, labels []byte) (*Set, error) { return readSet("images", images, "labels", labels) }

// readSet is Read, with names for errors.
func readSet(imagesName string, images []byte, labelsName string, labels []byte) (*Set, error) {
	sizes, pixels, err := readIDX(images, 3)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", imagesName, err)
	}
	_, classes, err := readIDX(labels, 1)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", labelsName, err)
	}
	if len(classes) != sizes[0] {
		return nil, fmt.Errorf("%s: %d images, but %s: %d labels, want one label for each image",
			imagesName, sizes[0], labelsName, len(classes))
	}
	return newSet(sizes[1], sizes[2], pixels, classes), nil
}

// loadNPZ reads both sets from a file such as Keras' mnist.npz.
func loadNPZ(path string) (train, test *Set, err error) {
	f, err := npz.Open(path)
	if err != nil {
		return nil, nil, err
	}
	if train, err = readNPZ(f, "x_train", "y_train"); err != nil {
		return nil, nil, err
	}
	test, err = readNPZ(f, "x_test", "y_test")
	return train, test, err
}

func readNPZ(f *npz.File, x, y string) (*Set, error) {
	pixels, shape, err := f.Bytes(x)
	if err != nil {
		return nil, err
	}
	if len(shape) != 3 || len(pixels) == 0 {
		return nil, f.Errorf("%s has shape %v, want images × rows × columns", x, shape)
	}
	classes, classesShape, err := f.Ints(y)
	if err != nil {
		return nil, err
	}
	if len(classesShape) != 1 || len(classes) != shape[0] {
		return nil, f.Errorf("%s has shape %v, want [%d], one label for each image", y, classesShape, shape[0])
	}
	labels := make([]byte, len(classes))
	for i, class := range classes {
		if class < 0 || class > 255 {
			return nil, f.Errorf("%s[%d] is %d, want a label in 0…255", y, i, class)
		}
		labels[i] = byte(class)
	}
	return newSet(shape[1], shape[2], pixels, labels), nil
}
