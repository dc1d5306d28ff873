package dataset

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// fileContents returns the paths of the files in dir, and what is in them.
func fileContents(t *testing.T, dir string) (paths []string, contents [][]byte) {
	t.Helper()
	paths, err := Files(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		contents = append(contents, content)
	}
	return paths, contents
}

// Read reads what Load does, from files that are compressed and from others.
func TestRead(t *testing.T) {
	const dir = "testdata/letters"
	train, test, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	paths, contents := fileContents(t, dir)
	names := []string{"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"}
	for i, name := range names {
		if paths[i] != filepath.Join(dir, name) {
			t.Errorf("file %d is %s, want %s", i, paths[i], name)
		}
	}
	for i, want := range []*Set{train, test} {
		got, err := Read(contents[2*i], contents[2*i+1])
		if err != nil {
			t.Fatal(err)
		}
		if got.Classes = want.Classes; !reflect.DeepEqual(got, want) {
			t.Errorf("set %d differs from what Load reads", i)
		}
	}
}

func TestReadFaults(t *testing.T) {
	_, c := fileContents(t, "testdata/letters")
	for _, test := range []struct {
		images, labels []byte
		want           string
	}{
		{nil, c[1], "images: ends after 0 bytes"},
		{c[0], nil, "labels: ends after 0 bytes"},
		{c[1], c[0], "images: starts with the bytes"},
		{c[0], c[3], "images and"},
		{c[0][:len(c[0])-1], c[1], "images: header says"},
		{c[0], c[1][:len(c[1])-1], "labels: header says"},
	} {
		if set, err := Read(test.images, test.labels); set != nil || err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v, want %q", err, test.want)
		}
	}
	if _, err := Files("testdata"); err == nil || !strings.HasPrefix(err.Error(), "testdata/train-images-idx3-ubyte: ") {
		t.Errorf("files of a directory without: %v", err)
	}
}
