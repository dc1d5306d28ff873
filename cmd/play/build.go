package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"numgrad/dataset"
)

//go:embed page
var page embed.FS

// program is the package that the page runs.
const program = "numgrad/internal/play/wasm"

// imageFiles are the names on the page of what dataset.Files finds.
var imageFiles = []string{"train-images.gz", "train-labels.gz", "test-images.gz", "test-labels.gz"}

// pageFiles returns the content of each file of the page, by name. It builds
// the page's program, which takes a while the first time: stderr says so.
func pageFiles(ctx context.Context, data string, stderr io.Writer) (map[string][]byte, error) {
	files := map[string][]byte{}
	entries, err := page.ReadDir("page")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if files[e.Name()], err = page.ReadFile("page/" + e.Name()); err != nil {
			return nil, err
		}
	}

	images, err := dataset.Files(data)
	if err != nil {
		return nil, err
	}
	for i, name := range imageFiles {
		if files[name], err = os.ReadFile(images[i]); err != nil {
			return nil, err
		}
	}

	root, err := goCommand(ctx, "list", "-f", "{{.Module.Dir}}", program)
	if err != nil {
		return nil, err
	}
	if err := addChapter(files, filepath.Join(root, "docs")); err != nil {
		return nil, err
	}
	if files["wasm_exec.js"], err = supportScript(ctx); err != nil {
		return nil, err
	}
	wasm, err := build(ctx, stderr)
	if err != nil {
		return nil, err
	}
	files["play.wasm.gz"], err = compress(wasm)
	return files, err
}

// supportScript returns the script that Go has for its WebAssembly programs. It
// must be of the release that builds them.
func supportScript(ctx context.Context) ([]byte, error) {
	root, err := goCommand(ctx, "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(root, "lib", "wasm", "wasm_exec.js"))
}

// build returns the page's program. It stays in the user's cache directory,
// where the go command sees whether it is up to date.
func build(ctx context.Context, stderr io.Writer) ([]byte, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, fmt.Errorf("no place to build the page's program: %w", err)
	}
	path := filepath.Join(cache, "numgrad", "play.wasm")
	if _, err := os.Stat(path); err != nil {
		fmt.Fprintln(stderr, "building the page's program, once: up to a minute …")
	}
	if _, err := goCommand(ctx, "build", "-trimpath", "-ldflags=-s -w", "-o", path, program); err != nil {
		return nil, fmt.Errorf("building %s: %w", program, err)
	}
	return os.ReadFile(path)
}

// goCommand runs the go command for the browser's platform and returns what it
// prints. An error is one line.
func goCommand(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && len(exit.Stderr) > 0 {
		err = errors.New(strings.Join(strings.Fields(string(exit.Stderr)), " "))
		if strings.Contains(err.Error(), "is not in std") || strings.Contains(err.Error(), "no required module") {
			err = fmt.Errorf("%w; run play in the folder of numgrad's source", err)
		}
	}
	return strings.TrimSpace(string(out)), err
}

func compress(content []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// openBrowser has the desktop open an address.
func openBrowser(address string) error {
	switch runtime.GOOS {
	case "darwin":
		return exec.Command("open", address).Start()
	case "windows":
		return exec.Command("rundll32", "url.dll,FileProtocolHandler", address).Start()
	}
	return exec.Command("xdg-open", address).Start()
}
