//go:build !js

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"numgrad/internal/atomicfile"
	"numgrad/internal/input"
	"numgrad/internal/number"
	"numgrad/models"
	"numgrad/train"
)

// place is where a training keeps its files: the path of the weights, without
// .npz, to which the extensions are appended.
type place string

const (
	weightsFile = ".npz"
	logFile     = ".jsonl"
	curvesFile  = ".png"
)

// placeOf returns the place of the weights at path. Where that is a symbolic
// link, it is the place of the file that the link leads to: the lock and the
// renames are then those of whoever names that file itself.
func placeOf(path string) (place, error) {
	if info, err := os.Lstat(path); err == nil && info.Mode().Type() == fs.ModeSymlink {
		real, err := filepath.EvalSymlinks(path)
		if err != nil {
			_, err = os.Stat(path) // whose words are the system's
			return "", fmt.Errorf("-out: %s is a symbolic link that leads nowhere: %w", input.Quote(path), input.Bare(err))
		}
		if filepath.Ext(real) != weightsFile {
			return "", fmt.Errorf("-out: %s is a symbolic link to %s, want one to a file name that ends in .npz", input.Quote(path), input.Quote(real))
		}
		path = real
	}
	return place(strings.TrimSuffix(path, weightsFile)), nil
}

func (p place) weights() string { return string(p) + weightsFile }
func (p place) log() string     { return string(p) + logFile }
func (p place) curves() string  { return string(p) + curvesFile }

// String returns the path of the weights for a message.
func (p place) String() string { return input.Quote(p.weights()) }

// check returns an error unless all files can be written.
func (p place) check() error {
	for _, name := range []string{p.weights(), p.log(), p.curves()} {
		if err := atomicfile.Check(name); err != nil {
			return fmt.Errorf("-out: %w", err)
		}
	}
	return nil
}

// present returns the extensions of the files that are there.
func (p place) present() []string {
	var extensions []string
	for _, extension := range []string{weightsFile, logFile, curvesFile} {
		if _, err := os.Lstat(string(p) + extension); !errors.Is(err, fs.ErrNotExist) {
			extensions = append(extensions, extension)
		}
	}
	return extensions
}

// keep renames the files of an earlier training, or of anyone else, to those of
// a free number. It says in a line what they are, or returns "" if there was
// nothing to keep: no file, or random weights alone.
func (p place) keep() (string, error) {
	extensions := p.present()
	m, err := models.Load(p.weights())
	var meta train.Meta
	if err == nil {
		meta, err = train.ReadMeta(m)
	}
	begun := err == nil
	if len(extensions) == 0 || begun && meta.Iteration == 0 && len(extensions) == 1 {
		return "", nil
	}
	if !begun {
		return p.move(extensions)
	}
	free, err := p.rename(extensions)
	switch {
	case err != nil:
		return "", err
	case len(meta.Log) < meta.Settings.Epochs:
		return fmt.Sprintf("%v held a training that was stopped after %s: it is kept as %v, and -resume -out %[3]v goes on with it",
			p, number.Count(meta.Iteration, "iteration"), free), nil
	}
	return fmt.Sprintf("%v held a training of %s: it is kept as %v", p, number.Count(len(meta.Log), "epoch"), free), nil
}

// keepStrangeCurves renames the picture where no log of a training is beside
// it.
func (p place) keepStrangeCurves() (string, error) {
	if extensions := p.present(); slices.Contains(extensions, curvesFile) && !slices.Contains(extensions, logFile) {
		return p.move([]string{curvesFile})
	}
	return "", nil
}

// move renames files, and says so.
func (p place) move(extensions []string) (string, error) {
	free, err := p.rename(extensions)
	if err != nil {
		return "", err
	}
	var was, is []string
	for _, extension := range extensions {
		was, is = append(was, input.Quote(string(p)+extension)), append(is, input.Quote(string(free)+extension))
	}
	text := "there was a file %s before: it is kept as %s"
	if len(was) > 1 {
		text = "there were the files %s before: they are kept as %s"
	}
	return fmt.Sprintf(text, strings.Join(was, ", "), strings.Join(is, ", ")), nil
}

// rename renames files to those of a free number. Nothing is renamed over.
func (p place) rename(extensions []string) (free place, err error) {
	free = p.free()
	for _, extension := range extensions {
		if err := os.Rename(string(p)+extension, string(free)+extension); err != nil {
			return "", err
		}
	}
	return free, nil
}

// free returns the place with the smallest number at which there is no file.
func (p place) free() place {
	for n := 1; ; n++ {
		free := place(fmt.Sprintf("%s.%d", string(p), n))
		if len(free.present()) == 0 {
			return free
		}
	}
}
