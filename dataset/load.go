package dataset

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"sync"

	"numgrad/internal/input"
	"numgrad/internal/npz"
)

const (
	maxFile = 1 << 30 // bytes; EMNIST's largest file has 0.55 GB

	// A compressed file may expand to roomFactor times its size plus freeRoom
	// bytes. MNIST's images expand five times.
	roomFactor = 8
	freeRoom   = 16 << 20
)

// Load reads a training set and a test set. Path is
//
//   - "", for the MNIST in the GoMNIST module, which [Locate] finds;
//   - a folder with four IDX files, or with the folder raw or NAME/raw, as
//     torchvision has it, or with Keras' mnist.npz;
//   - a folder followed by the prefix of the file names in it, such as
//     gzip/emnist-letters, for a folder with several sets;
//   - an npz file with the arrays x_train, y_train, x_test and y_test.
//
// The names of the IDX files are
//
//	train-images-idx3-ubyte   train-labels-idx1-ubyte
//	t10k-images-idx3-ubyte    t10k-labels-idx1-ubyte
//
// with or without a prefix and .gz. A dot may replace the hyphen before idx, and
// test may replace t10k. If a folder has a file under several of these names,
// Load reads the plain name. It recognises compressed files by their content.
//
// Images may have any size, the same in both sets. Labels are 0 to 255, and
// Classes, the same in both sets, is one more than the largest label.
//
// An error is one line with the file and the fault. A file has at most 1 GiB. A
// compressed file may expand to 8 times its size plus 16 MiB; gunzip a file that
// expands more.
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

func loadIDX(imagesPath, labelsPath string) (*Set, error) {
	images, err1 := input.Read(imagesPath, maxFile)
	labels, err2 := input.Read(labelsPath, maxFile)
	if err := cmp.Or(err1, err2); err != nil {
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

// readIDX reads an IDX file (http://yann.lecun.com/exdb/mnist/) of unsigned
// bytes with dims dimensions. The file, which may be compressed, has in
// big-endian order a magic number of four bytes (0, 0, the type of the elements,
// the number of dimensions), each dimension as an int32, and the elements. All
// sizes are 1 or more.
func readIDX(file []byte, dims int) (sizes []int, elements []byte, err error) {
	content, room := file, roomFactor*len(file)+freeRoom
	if bytes.HasPrefix(file, []byte("\x1f\x8b")) {
		var unzipped bytes.Buffer
		r, err := gzip.NewReader(bytes.NewReader(file))
		if err == nil {
			size := binary.LittleEndian.Uint32(file[len(file)-4:]) // the size of the content, modulo 2³²
			unzipped.Grow(int(min(int64(size), int64(room))) + bytes.MinRead)
			_, err = unzipped.ReadFrom(io.LimitReader(r, int64(room)+1))
		}
		if err != nil {
			return nil, nil, fmt.Errorf("is damaged gzip data: %w", err)
		}
		if content = unzipped.Bytes(); len(content) > room {
			return nil, nil, fmt.Errorf("expands from %d to more than %d bytes: if it is sound, gunzip it", len(file), room)
		}
	}

	magic, headerSize := []byte{0, 0, 8, byte(dims)}, 4+4*dims
	switch {
	case input.IsHTML(content):
		return nil, nil, input.ErrHTML
	case len(content) >= len(magic) && !bytes.HasPrefix(content, magic):
		return nil, nil, fmt.Errorf("starts with the bytes % x, want % x: IDX, unsigned bytes, dimensions: %d", content[:len(magic)], magic, dims)
	case len(content) < headerSize:
		return nil, nil, fmt.Errorf("has %d bytes, fewer than the header of an IDX file", len(content))
	}
	product := 1.0 // exact up to 2⁵³, and large beyond
	for i := range dims {
		sizes = append(sizes, int(int32(binary.BigEndian.Uint32(content[4+4*i:]))))
		product *= float64(sizes[i])
	}
	elements = content[headerSize:]
	switch {
	case slices.Min(sizes) < 1:
		return nil, nil, fmt.Errorf("has the sizes %d in its header, want 1 or more", sizes)
	case product != float64(len(elements)):
		return nil, nil, fmt.Errorf("has the sizes %d in its header, %.0f bytes, but %d follow", sizes, product, len(elements))
	case dims == 3 && 24*sizes[0] > room: // a slice for each image
		return nil, nil, fmt.Errorf("has %d images, too many for %d bytes: if it is compressed and sound, gunzip it", sizes[0], len(file))
	}
	return sizes, elements, nil
}

// IDX returns the set as two IDX files, compressed with gzip, which [Read] reads.
func (s *Set) IDX() (images, labels []byte) {
	classes := make([]byte, len(s.Labels))
	for i, label := range s.Labels {
		classes[i] = byte(label)
	}
	return compress(s.Images, s.Len(), s.Rows, s.Cols), compress([][]byte{classes}, s.Len())
}

// compress returns a compressed IDX file with the elements of parts.
func compress[T ~[]byte](parts []T, sizes ...int) []byte {
	header := []byte{0, 0, 8, byte(len(sizes))}
	for _, size := range sizes {
		header = binary.BigEndian.AppendUint32(header, uint32(size))
	}
	var file bytes.Buffer
	w, _ := gzip.NewWriterLevel(&file, gzip.BestSpeed) // the level is a valid one
	w.Write(header)                                    // a Buffer accepts every write
	for _, part := range parts {
		w.Write(part)
	}
	w.Close()
	return file.Bytes()
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
