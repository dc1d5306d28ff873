//go:build !js

package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"

	"numgrad/internal/atomicfile"
	"numgrad/internal/figure"
	"numgrad/internal/input"
	"numgrad/models"
	"numgrad/train"
)

// folder is the locked folder of a training.
type folder struct {
	path string
	lock *flock.Flock
}

func (f folder) weights() string { return filepath.Join(f.path, models.WeightsFile) }
func (f folder) log() string     { return filepath.Join(f.path, "log.jsonl") }
func (f folder) curves() string  { return filepath.Join(f.path, "curves.png") }

// String returns the path for a message.
func (f folder) String() string { return input.Quote(f.path) }

// newFolder makes the folder path, or path-2, path-3, … if that exists, and
// locks it. It changes nothing else, except that it makes missing parents.
func newFolder(path string) (folder, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return folder{}, fmt.Errorf("cannot make the folder %s: %w", input.Quote(filepath.Dir(path)), input.Bare(err))
	}
	f := folder{path: path}
	for n := 2; ; n++ {
		err := os.Mkdir(f.path, 0o777)
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrExist) {
			return f, fmt.Errorf("cannot make the folder %v: %w", f, input.Bare(err))
		}
		f.path = fmt.Sprintf("%s-%d", path, n)
	}
	err := f.takeLock()
	if err != nil {
		f.remove()
	}
	return f, err
}

// openFolder locks the folder of an earlier training. It returns an error if a
// file in it is not one that a training writes.
func openFolder(path string) (folder, error) {
	f := folder{path: path}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return f, fmt.Errorf("nothing to resume: %v: %w", f, input.Bare(err))
	case !info.IsDir():
		return f, fmt.Errorf("%v is a file, want a folder: to resume a training of an earlier version, move it to %s in a new folder", f, models.WeightsFile)
	}
	for _, name := range []string{f.weights(), f.log(), f.curves()} {
		info, err := os.Lstat(name)
		switch {
		case errors.Is(err, fs.ErrNotExist) && name == f.weights():
			return f, fmt.Errorf("nothing to resume: %v has no %s", f, models.WeightsFile)
		case err == nil && !info.Mode().IsRegular():
			return f, fmt.Errorf("%s: %w", input.Quote(name), input.ErrNotRegular)
		}
	}
	if picture, err := os.Open(f.curves()); err == nil {
		defer picture.Close()
		start, _ := io.ReadAll(io.LimitReader(picture, 100))
		if !bytes.Contains(start, pngMark) {
			return f, fmt.Errorf("%s is not a picture of train: move it away", input.Quote(f.curves()))
		}
	}
	return f, f.takeLock()
}

// takeLock keeps other trainings out of the folder until unlock or the end of the
// process.
func (f *folder) takeLock() error {
	name := filepath.Join(f.path, "lock")
	f.lock = flock.New(name, flock.SetFlag(os.O_CREATE|os.O_RDWR|lockFlags), flock.SetPermissions(0o666))
	ok, err := f.lock.TryLock()
	if err != nil {
		return fmt.Errorf("cannot lock %s: %w", input.Quote(name), input.Bare(err))
	}
	if !ok {
		return fmt.Errorf("another training is running in %v", f)
	}
	return nil
}

// unlock leaves the lock file in the folder.
func (f *folder) unlock() {
	if f.lock != nil {
		f.lock.Unlock()
	}
}

// remove removes a folder that newFolder made, with the files of the training.
func (f *folder) remove() {
	f.unlock()
	for _, name := range []string{f.weights(), f.log(), f.curves(), f.lock.Path(), f.path} {
		os.Remove(name)
	}
}

// saveState saves the weights with the state of the training.
func (s *session) saveState() error {
	s.saved = time.Now()
	m, err := s.Model()
	if err != nil {
		return err
	}
	if err := m.Save(s.folder.weights()); err != nil {
		return err
	}
	s.kept = s.Iteration
	return nil
}

// saveLog saves the completed epochs.
func (s *session) saveLog() error {
	lines := make([]train.LogLine, len(s.Log))
	for i, e := range s.Log {
		lines[i] = train.LogLine{Epoch: e, Seconds: s.seconds[i]}
	}
	return atomicfile.Write(s.folder.log(), func(w io.Writer) error { return train.WriteLog(w, lines) })
}

// readSeconds reads the times of the completed epochs from the log. They are 0 if
// the log is missing or ends before.
func (s *session) readSeconds() error {
	s.seconds = make([]float64, len(s.Log))
	f, err := input.Open(s.folder.log())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	lines, err := train.ReadLog(f)
	for i, line := range lines[:min(len(lines), len(s.Log))] {
		if line.Epoch != s.Log[i] && err == nil {
			err = fmt.Errorf("line %d is of another training", i+1)
		}
		s.seconds[i] = line.Seconds
	}
	if err != nil {
		return fmt.Errorf("%s: %w: move the file away to continue without it", input.Quote(s.folder.log()), err)
	}
	return nil
}

// pngMark is the content of a chunk that marks a picture of this command.
var pngMark = []byte("tEXtSoftware\x00numgrad train")

// saveCurves draws the loss and the accuracies.
func (s *session) saveCurves() error {
	var trainAcc, testAcc []float64
	for _, e := range s.Log {
		trainAcc, testAcc = append(trainAcc, e.TrainAcc), append(testAcc, e.TestAcc)
	}
	var picture bytes.Buffer
	if err := figure.Training(&picture, s.Losses, trainAcc, testAcc); err != nil {
		return err
	}
	const header = 8 + 25 // bytes of the signature and the first chunk
	mark := binary.BigEndian.AppendUint32(nil, uint32(len(pngMark)-len("tEXt")))
	mark = binary.BigEndian.AppendUint32(append(mark, pngMark...), crc32.ChecksumIEEE(pngMark))
	marked := slices.Insert(picture.Bytes(), header, mark...)
	return atomicfile.Write(s.folder.curves(), func(w io.Writer) error {
		_, err := w.Write(marked)
		return err
	})
}

// finish saves all files. If it cannot save the weights, it saves them in the
// directory for temporary files.
func (s *session) finish() error {
	err := errors.Join(s.saveLog(), s.saveCurves())
	if lost := s.saveState(); lost != nil {
		err = errors.Join(lost, s.rescue(), err)
	}
	return err
}

// rescue saves the weights in a new folder in the directory for temporary files.
// It always returns an error, which names the folder or the fault.
func (s *session) rescue() error {
	m, err := s.Model()
	if err != nil {
		return nil // the caller has the same error
	}
	dir, err := os.MkdirTemp("", "train-")
	if err != nil {
		return err
	}
	if err := m.Save(folder{path: dir}.weights()); err != nil {
		os.Remove(dir)
		return err
	}
	return fmt.Errorf("the weights are saved in %s: continue with -resume %[1]s", input.Quote(dir))
}
