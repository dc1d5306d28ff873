// Play serves a page on which a net reads digits and learns in the browser:
// draw a digit, nudge one weight, train by numerical gradients, and descend on
// functions of two variables.
//
//	go run ./cmd/play [-addr ADDRESS] [-open] [-data DIR]
//	go run ./cmd/play -out DIR
//
// Play builds the page's WebAssembly program with the installed Go and serves
// the page until Ctrl-C. With -out it writes the page's files to a folder for
// any web server. The page loads nothing from other servers and sends nothing.
//
// The exit status is 1 after an error, and 2 for wrong usage.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"slices"
	"syscall"

	"numgrad/internal/input"
	"numgrad/internal/outdir"
	"numgrad/internal/usage"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// options holds the flags.
type options struct {
	addr, out, data string
	open            bool
}

// run is the command. It returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stdout)
	if err == flag.ErrHelp {
		return 0
	}
	status := 2
	if err == nil {
		status, err = 1, o.run(ctx, stdout, stderr)
	}
	if err == nil || ctx.Err() != nil { // Ctrl-C is the normal end
		return 0
	}
	fmt.Fprintln(stderr, "play:", err)
	return status
}

// parse reads the command line. Help is written to stdout.
func parse(args []string, stdout io.Writer) (*options, error) {
	var o options
	flags := flag.NewFlagSet("play", flag.ContinueOnError)
	flags.StringVar(&o.addr, "addr", "127.0.0.1:0", "`address` to listen on; port 0 is any free port")
	flags.BoolVar(&o.open, "open", false, "open the page in the browser")
	flags.StringVar(&o.out, "out", "", "write the page's files to the new or empty folder `DIR`, and serve nothing")
	flags.StringVar(&o.data, "data", "", "read MNIST, or other images of 28×28 pixels, from folder `DIR`\n(default: the MNIST in the module GoMNIST)")
	others, err := usage.Parse(flags, "usage: play [flags]\n\nServes a page on which a net learns by numerical gradients, in the browser.", args, stdout)
	switch {
	case err != nil:
		return nil, err
	case len(others) > 0:
		return nil, fmt.Errorf("unexpected %q: play takes flags only, see play -h", others[0])
	case o.out != "" && o.open:
		return nil, errors.New("-out and -open are both given: choose one")
	}
	return &o, nil
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
	address, local := pageAddress(listener.Addr())
	if !local {
		fmt.Fprintf(stderr, "play: warning: -addr %s lets other machines open the page\n", o.addr)
	}
	fmt.Fprintf(stdout, "the page is at %s until Ctrl-C\n", address)
	if o.open {
		if err := openBrowser(address); err != nil {
			fmt.Fprintf(stderr, "play: no browser opens (%v): go to %s\n", err, address)
		}
	}
	return serve(ctx, listener, files, o.addr)
}

// pageAddress returns the page's address for a browser on this machine, and
// whether only this machine can reach it.
func pageAddress(addr net.Addr) (address string, local bool) {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return "http://" + addr.String() + "/", false
	}
	shown := *tcp
	if tcp.IP.IsUnspecified() { // no browser opens 0.0.0.0 everywhere
		shown.IP = net.IPv4(127, 0, 0, 1)
	}
	return "http://" + shown.String() + "/", tcp.IP.IsLoopback()
}

// openBrowser opens an address in the desktop's browser.
func openBrowser(address string) error {
	switch runtime.GOOS {
	case "darwin":
		return exec.Command("open", address).Start()
	case "windows":
		return exec.Command("rundll32", "url.dll,FileProtocolHandler", address).Start()
	}
	return exec.Command("xdg-open", address).Start()
}

// write writes the page's files to the folder -out.
func (o *options) write(ctx context.Context, stdout, stderr io.Writer) error {
	out, err := outdir.Open(o.out, "play")
	if err != nil {
		return fmt.Errorf("-out: %w", err)
	}
	files, err := pageFiles(ctx, o.data, stderr)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		err := out.Write(name, func(w io.Writer) error {
			_, err := w.Write(files[name])
			return err
		})
		if err != nil {
			return fmt.Errorf("-out: %w", err)
		}
	}
	fmt.Fprintf(stdout, "wrote %d files to %s: serve the folder with a web server\n", len(files), input.Quote(o.out))
	return nil
}
