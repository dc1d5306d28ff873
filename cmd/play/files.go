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
	"strings"

	"numgrad/dataset"
	"numgrad/internal/play"
)

//go:embed page
var page embed.FS

// program is the package that runs in the browser.
const program = "numgrad/internal/play/wasm"

// pageFiles returns the content of each file of the page, by name. The first
// build of the page's program takes a while, and stderr says so.
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
	root, err := goCommand(ctx, "list", "-f", "{{.Module.Dir}}", program)
	if err != nil {
		return nil, err
	}
	if err := addDocuments(files, filepath.Join(root, "docs")); err != nil {
		return nil, err
	}
	goroot, err := goCommand(ctx, "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	// The support script must be of the Go release that builds the program.
	if files["wasm_exec.js"], err = os.ReadFile(filepath.Join(goroot, "lib", "wasm", "wasm_exec.js")); err != nil {
		return nil, err
	}
	if err := addImages(files, data); err != nil {
		return nil, err
	}
	files["play.wasm.gz"], err = build(ctx, stderr)
	return files, err
}

// addImages adds MNIST, or the images that data names, as IDX files.
func addImages(files map[string][]byte, data string) error {
	train, test, err := dataset.Load(data)
	if err != nil {
		return err
	}
	if err := play.CheckImages(train, test); err != nil {
		return fmt.Errorf("-data %s: %w", data, err)
	}
	files["train-images.gz"], files["train-labels.gz"] = train.IDX()
	files["test-images.gz"], files["test-labels.gz"] = test.IDX()
	return nil
}

// build returns the page's program, compressed. The binary stays in the user's
// cache folder, where the go command rebuilds it only when it is out of date.
func build(ctx context.Context, stderr io.Writer) ([]byte, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, fmt.Errorf("no folder for the page's program: %w", err)
	}
	path := filepath.Join(cache, "numgrad", "play.wasm")
	if _, err := os.Stat(path); err != nil {
		fmt.Fprintln(stderr, "building the page's program, once: up to a minute …")
	}
	if _, err := goCommand(ctx, "build", "-trimpath", "-ldflags=-s -w", "-o", path, program); err != nil {
		return nil, fmt.Errorf("building %s: %w", program, err)
	}
	wasm, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err = w.Write(wasm)
	err = errors.Join(err, w.Close())
	return b.Bytes(), err
}

// goCommand runs the go command for the browser's platform and returns its
// output. An error is one line.
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
