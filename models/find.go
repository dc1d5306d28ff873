package models

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"numgrad/internal/input"
)

// WeightsFile is the name of the weights in the folder of a training.
const WeightsFile = "weights.npz"

// Find returns the file of weights at path, which is such a file or the folder
// of a training. It returns an error if nothing is there.
func Find(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("%s: %w", input.Quote(path), input.Bare(err))
	}
	if info.IsDir() {
		return filepath.Join(path, WeightsFile), nil
	}
	return path, nil
}

// Newest returns the folder within dir whose weights were written last, or ""
// if no folder in dir holds weights.
func Newest(dir string) string {
	// dir may hold characters that are special in a pattern.
	entries, _ := os.ReadDir(dir)
	newest, written := "", time.Time{}
	for _, entry := range entries {
		folder := filepath.Join(dir, entry.Name())
		info, err := os.Stat(filepath.Join(folder, WeightsFile))
		if err == nil && info.Mode().IsRegular() && info.ModTime().After(written) {
			newest, written = folder, info.ModTime()
		}
	}
	return newest
}
