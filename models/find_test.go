package models_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"numgrad/models"
)

// Find takes a folder or a file; Newest goes by the time of the weights.
func TestFind(t *testing.T) {
	dir := t.TempDir()
	if got := models.Newest(dir); got != "" {
		t.Errorf("Newest is %q in an empty folder", got)
	}
	for i, name := range []string{"b", "a[1]", "c"} {
		folder := filepath.Join(dir, name)
		weights := filepath.Join(folder, "weights.npz")
		if err := os.Mkdir(folder, 0o777); err != nil {
			t.Fatal(err)
		}
		if name == "c" {
			break // a folder without weights
		}
		if err := models.MNIST().Save(weights); err != nil {
			t.Fatal(err)
		}
		written := time.Now().Add(time.Duration(i) * time.Minute)
		if err := os.Chtimes(weights, written, written); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{folder, weights} {
			if got, err := models.Find(path); got != weights || err != nil {
				t.Errorf("Find(%q) is %q, %v", path, got, err)
			}
		}
	}
	if got, want := models.Newest(dir), filepath.Join(dir, "a[1]"); got != want {
		t.Errorf("Newest is %q, want %q", got, want)
	}
	if _, err := models.Find(filepath.Join(dir, "d")); err == nil {
		t.Error("Find takes a path where nothing is")
	}
}
