// Play shows the net in a browser: draw a digit and see the answer, move one
// weight and see the loss, watch a training by numerical gradients.
//
//	go run ./cmd/play [-addr ADDRESS] [-open] [-data DIR]
//	go run ./cmd/play -out DIR
//
// It builds the page's program, WebAssembly, with the Go that is on this
// machine, and serves the page until Ctrl-C. With -out it writes the page's
// files to a directory instead, for any web server. The page loads nothing from
// elsewhere, and sends nothing.
//
// The exit status is 1 after an error, and 2 for wrong usage.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"numgrad/internal/atomicfile"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// options is what the command line says.
type options struct {
	addr, out, data string
	open            bool
}

// run is the command. It returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		return 2
	}
	switch err := o.run(ctx, stdout, stderr); {
	case ctx.Err() != nil:
		return 0 // Ctrl-C is how it ends
	case err != nil:
		fmt.Fprintln(stderr, "play:", err)
		return 1
	}
	return 0
}

// parse reads the command line. What is wrong with it, or its help, is written
// to stderr.
func parse(args []string, stderr io.Writer) (*options, error) {
	var o options
	flags := flag.NewFlagSet("play", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: play [flags]\n\nServes a page on which a net learns by numerical gradients, in the browser.\n\nflags:")
		flags.PrintDefaults()
	}
	flags.StringVar(&o.addr, "addr", "127.0.0.1:0", "`address` to listen at, with a port of 0 for any that is free")
	flags.BoolVar(&o.open, "open", false, "open the page in the browser")
	flags.StringVar(&o.out, "out", "", "write the page's files to directory `DIR`, which is made if need be, and serve nothing")
	flags.StringVar(&o.data, "data", "", "read the four IDX files, .gz or not, from directory `DIR`\n(default: the MNIST that comes with the module GoMNIST)")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	var err error
	switch {
	case flags.NArg() > 0:
		err = fmt.Errorf("unexpected %q: it takes flags alone, see play -h", flags.Arg(0))
	case o.out != "" && o.open:
		err = errors.New("-out and -open are both given: choose one")
	}
	if err != nil {
		fmt.Fprintln(stderr, "play:", err)
	}
	return &o, err
}

func (o *options) run(ctx context.Context, stdout, stderr io.Writer) error {
	if o.out != "" {
		return o.write(ctx, stdout, stderr)
	}
	listener, err := net.Listen("tcp", o.addr)
	if err != nil {
		return fmt.Errorf("-addr: %w", err)
	}
	defer listener.Close()
	files, err := pageFiles(ctx, o.data, stderr)
	if err != nil {
		return err
	}
	address := "http://" + listener.Addr().String() + "/"
	fmt.Fprintf(stdout, "the page is at %s until Ctrl-C\n", address)
	if o.open {
		if err := openBrowser(address); err != nil {
			fmt.Fprintf(stderr, "play: no browser opens (%v): go to %s\n", err, address)
		}
	}
	return serve(ctx, listener, files, o.addr)
}

// write puts the page's files into the -out directory.
func (o *options) write(ctx context.Context, stdout, stderr io.Writer) error {
	if err := os.MkdirAll(o.out, 0o777); err != nil {
		return fmt.Errorf("-out: %w", err)
	}
	files, err := pageFiles(ctx, o.data, stderr)
	if err != nil {
		return err
	}
	for name, content := range files {
		path := filepath.Join(o.out, filepath.FromSlash(name))
		err := os.MkdirAll(filepath.Dir(path), 0o777)
		if err != nil {
			return fmt.Errorf("-out: %w", err)
		}
		err = atomicfile.Write(path, func(w io.Writer) error {
			_, err := w.Write(content)
			return err
		})
		if err != nil {
			return fmt.Errorf("-out: %w", err)
		}
	}
	fmt.Fprintf(stdout, "wrote %d files to %s: have a web server serve them\n", len(files), o.out)
	return nil
}
