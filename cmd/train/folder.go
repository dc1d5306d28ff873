//go:build !js

package main

import (
	"bytes"
	"errors"
	"fmt"
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

// The files of a training, in addition to models.WeightsFile.
const (
	logFile    = "log.jsonl"
	curvesFile = "curves.png"
	lockFile   = "lock"
)

var fileNames = []string{models.WeightsFile, logFile, curvesFile, lockFile}

// folder is the locked folder of a training.
type folder struct {
	path string
	lock *flock.Flock
}

// file returns the path of a file in the folder.
func (f folder) file(name string) string { return filepath.Join(f.path, name) }

// String returns the path for a message.
func (f folder) String() string { return input.Quote(f.path) }

// newFolder makes and locks the folder path, or path-2, path-3, … if path exists.
// It also makes missing parents.
func newFolder(path string) (folder, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return folder{}, fmt.Errorf("cannot make the folder %s: %w", input.Quote(filepath.Dir(path)), input.Bare(err))
	}
	f := folder{path: path}
	err := os.Mkdir(path, 0o777)
	for n := 2; errors.Is(err, fs.ErrExist); n++ {
		f.path = fmt.Sprintf("%s-%d", path, n)
		err = os.Mkdir(f.path, 0o777)
	}
	if err != nil {
		return f, fmt.Errorf("cannot make the folder %v: %w", f, input.Bare(err))
	}
	if err = f.takeLock(); err != nil {
		f.remove()
	}
	return f, err
}

// openFolder locks the folder of an earlier training. It returns an error if the
// folder has no weights, or a file that no training wrote.
func openFolder(path string) (folder, error) {
	f := folder{path: path}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return f, fmt.Errorf("nothing to resume: %v: %w", f, input.Bare(err))
	case !info.IsDir():
		return f, fmt.Errorf("%v is a file, want a folder: to resume a training of an earlier version, move it to %s in a new folder", f, models.WeightsFile)
	}
	for _, name := range fileNames {
		info, err := os.Lstat(f.file(name))
		switch {
		case err == nil && !info.Mode().IsRegular():
			return f, fmt.Errorf("%s: %w", input.Quote(f.file(name)), input.ErrNotRegular)
		case errors.Is(err, fs.ErrNotExist) && name == models.WeightsFile:
			return f, fmt.Errorf("nothing to resume: %v has no %s", f, name)
		}
	}
	if picture, err := os.Open(f.file(curvesFile)); err == nil {
		defer picture.Close()
		start, _ := io.ReadAll(io.LimitReader(picture, 100))
		if !bytes.Contains(start, []byte(pngMark)) {
			return f, fmt.Errorf("%s is not a picture of train: move it away", input.Quote(f.file(curvesFile)))
		}
	}
	return f, f.takeLock()
}

// takeLock keeps other trainings out of the folder until unlock or the end of the
// process. Opening for reading and writing does not wait for a FIFO.
func (f *folder) takeLock() error {
	name := f.file(lockFile)
	f.lock = flock.New(name, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o666))
	ok, err := f.lock.TryLock()
	if err != nil {
		return fmt.Errorf("cannot lock %s: %w", input.Quote(name), input.Bare(err))
	}
	if !ok {
		return fmt.Errorf("another training is running in %v", f)
	}
	return nil
}

// unlock keeps the lock file: another process may wait for its lock.
func (f *folder) unlock() {
	if f.lock != nil {
		f.lock.Unlock()
	}
}

// remove removes a folder that newFolder made, with the files of the training.
func (f *folder) remove() {
	f.unlock()
	for _, name := range fileNames {
		os.Remove(f.file(name))
	}
	os.Remove(f.path)
}

// saveState saves the weights with the state of the training.
func (s *session) saveState() error {
	s.saved = time.Now()
	err := s.saveStateIn(s.folder)
	if err == nil {
		s.kept = s.Iteration
	}
	return err
}

func (s *session) saveStateIn(f folder) error {
	m, err := s.Model()
	if err != nil {
		return err
	}
	return m.Save(f.file(models.WeightsFile))
}

// saveLog saves the completed epochs.
func (s *session) saveLog() error {
	return atomicfile.Write(s.folder.file(logFile), func(w io.Writer) error { return train.WriteLog(w, s.log) })
}

// readLog returns the completed epochs with their times in the log. A time that
// the log does not have is 0.
func (f folder) readLog(epochs []train.Epoch) ([]train.LogLine, error) {
	log := make([]train.LogLine, len(epochs))
	for i, e := range epochs {
		log[i].Epoch = e
	}
	file, err := input.Open(f.file(logFile))
	if errors.Is(err, fs.ErrNotExist) {
		return log, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	lines, err := train.ReadLog(file)
	for i, line := range lines[:min(len(lines), len(log))] {
		if line.Epoch != epochs[i] && err == nil {
			err = fmt.Errorf("line %d is of another training", i+1)
		}
		log[i] = line
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w: move the file away to continue without it", input.Quote(f.file(logFile)), err)
	}
	return log, nil
}

// pngMark is a PNG chunk that names this command: length, type, text, checksum.
const pngMark = "\x00\x00\x00\x16tEXtSoftware\x00numgrad train\x76\x01\x32\xd1"

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
	return atomicfile.Write(s.folder.file(curvesFile), func(w io.Writer) error {
		const header = 8 + 25 // bytes of the signature and the first chunk
		_, err := w.Write(slices.Insert(picture.Bytes(), header, []byte(pngMark)...))
		return err
	})
}

// finish saves all files. If it cannot save the weights in the folder, it saves
// them in a new folder in the directory for temporary files.
func (s *session) finish() error {
	err := errors.Join(s.saveLog(), s.saveCurves())
	lost := s.saveState()
	if lost == nil && err != nil {
		return fmt.Errorf("%w\nthe weights are saved: -resume %v writes the missing files", err, s.folder)
	}
	if lost == nil {
		return nil
	}
	if dir, tempErr := os.MkdirTemp("", "train-"); tempErr == nil {
		if s.saveStateIn(folder{path: dir}) == nil {
			return fmt.Errorf("%w\nthe weights are saved in %s: continue with -resume %[2]s", errors.Join(lost, err), input.Quote(dir))
		}
		os.Remove(dir)
	}
	return errors.Join(lost, err)
}
