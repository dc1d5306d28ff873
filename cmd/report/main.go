// Report writes an HTML page about a trained net.
//
//	go run ./cmd/report [-weights PATH] [-data PATH] [-out FILE]
//
// The page has the curves of the training, the confusion matrix of the test
// images, precision and recall, the largest mistakes, the weights of the hidden
// units and a gradient as pictures, the settings, the machine and the time. It
// needs no other file. PATH is the folder of a training, or a file of weights,
// also from NumPy. Without it, report shows the newest training in runs, or the
// built-in net.
//
// The exit status is 1 after an error, and 2 for wrong usage.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"numgrad/dataset"
	"numgrad/internal/atomicfile"
	"numgrad/internal/input"
	"numgrad/internal/report"
	"numgrad/internal/usage"
	"numgrad/models"
	"numgrad/train"
)

func main() {
	debug.SetGCPercent(25) // most of the memory is images, which stay until the end
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run is the command. It returns the exit status.
func run(args []string, stdout, stderr io.Writer) int {
	var weights, data, out string
	flags := flag.NewFlagSet("report", flag.ContinueOnError)
	flags.StringVar(&weights, "weights", "", "`path` of a training's folder or of a file of weights\n(default: the newest training in runs, or the built-in net)")
	flags.StringVar(&data, "data", "", "`path` of the images: a folder of IDX files, or Keras' mnist.npz\n(default: the MNIST in the module GoMNIST)")
	flags.StringVar(&out, "out", "", "`file` for the page (default: report.html in the training's folder)")
	others, err := usage.Parse(flags, "usage: report [flags]\n\nWrites an HTML page about a trained net.", args, stdout)
	switch {
	case err == flag.ErrHelp:
		return 0
	case err != nil:
	case len(others) > 0:
		err = fmt.Errorf("unexpected %q: report takes flags only, see report -h", others[0])
	case out != "" && filepath.Ext(out) != ".html":
		err = fmt.Errorf("-out is %q, want a file name that ends in .html", out)
	}
	status := 2
	if err == nil {
		status = 1
		out, err = write(weights, data, out)
	}
	if err != nil {
		fmt.Fprintln(stderr, "report:", err)
		return status
	}
	fmt.Fprintf(stdout, "wrote %s: open it in a browser\n", input.Quote(out))
	return 0
}

// write writes the page, and returns its path: out, unless it is "".
func write(weights, data, out string) (string, error) {
	subject, file, err := find(weights)
	if err != nil {
		return "", err
	}
	if out == "" {
		out = beside(file, "report", ".html")
	}
	if file == builtIn {
		if err := os.MkdirAll("runs", 0o777); err != nil {
			return "", err
		}
	}
	if err := checkOut(out); err != nil {
		return "", err
	}
	if subject.Log, err = readLog(beside(file, "log", ".jsonl")); err != nil {
		return "", err
	}
	if subject.Train, subject.Test, err = dataset.Load(data); err != nil {
		return "", err
	}
	if err := train.PrepareData(subject.Model, subject.Train, subject.Test); err != nil {
		return "", fmt.Errorf("%s: %w", input.Quote(subject.Name), err)
	}
	var page bytes.Buffer
	if err := subject.WritePage(&page); err != nil {
		return "", fmt.Errorf("%s: %w", input.Quote(subject.Name), err)
	}
	return out, atomicfile.Write(out, func(w io.Writer) error {
		_, err := page.WriteTo(w)
		return err
	})
}

// builtIn stands for the file of the built-in net.
var builtIn = filepath.Join("runs", models.WeightsFile)

// find loads the net at weights, the newest in runs, or the built-in net.
func find(weights string) (s *report.Subject, file string, err error) {
	if weights == "" {
		weights = models.Newest("runs")
	}
	if weights == "" {
		return &report.Subject{Name: "built-in net", Model: models.MNIST()}, builtIn, nil
	}
	if file, err = models.Find(weights); err != nil {
		return nil, "", err
	}
	model, err := models.Load(file)
	return &report.Subject{Name: weights, Model: model}, file, err
}

// beside returns the path of another file of the training: log.jsonl for
// weights.npz, and net.jsonl for net.npz.
func beside(weights, name, extension string) string {
	dir, base := filepath.Split(weights)
	if base != models.WeightsFile {
		name = strings.TrimSuffix(base, filepath.Ext(base))
	}
	return filepath.Join(dir, name+extension)
}

// checkOut returns an error if the page cannot be written, or if there is a file
// that is not a page of this command.
func checkOut(out string) error {
	if err := atomicfile.Check(out); err != nil {
		return err
	}
	f, err := input.Open(out)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	start := make([]byte, 1000)
	n, err := io.ReadFull(f, start)
	if err == io.EOF || bytes.Contains(start[:n], []byte(report.Generator)) {
		return nil
	}
	return fmt.Errorf("%s is not a page of this command: move it away, or give another file with -out", input.Quote(out))
}

// readLog returns the log of a training, nil if there is none at path.
func readLog(path string) ([]train.LogLine, error) {
	f, err := input.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	log, err := train.ReadLog(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; move the file away to do without it", input.Quote(path), err)
	}
	return log, nil
}
