// Play serves a page on which a net reads digits and learns in the browser:
// draw a digit, nudge one weight, train by numerical gradients, and descend on
// functions of two variables.
//
//	go run ./cmd/play [-addr ADDRESS] [-open] [-data PATH]
//	go run ./cmd/play -out DIR
//
// Play builds the page's WebAssembly program with the installed Go and serves
// the page until Ctrl-C. With -out it writes the page's files to a folder for
// any web server. The page loads nothing from other servers and sends nothing.
//
// The exit status is 1 after an error, and 2 for wrong usage.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"os/signal"
	"path"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

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
	idle            time.Duration // time until an idle connection is closed; not a flag
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
	o := options{idle: time.Minute}
	flags := flag.NewFlagSet("play", flag.ContinueOnError)
	flags.StringVar(&o.addr, "addr", "127.0.0.1:0", "`address` to listen on; port 0 is any free port")
	flags.BoolVar(&o.open, "open", false, "open the page in the browser")
	flags.StringVar(&o.out, "out", "", "write the page's files to the new or empty folder `DIR`, and serve nothing")
	flags.StringVar(&o.data, "data", "", "`path` of images of 28×28 pixels: a folder of IDX files, or Keras' mnist.npz\n(default: the MNIST in the module GoMNIST)")
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
	return o.serve(ctx, listener, files, stdout, stderr)
}

// serve prints the page's address and answers requests until ctx is done.
func (o *options) serve(ctx context.Context, listener net.Listener, files map[string][]byte, stdout, stderr io.Writer) error {
	address, local := pageAddress(listener.Addr().(*net.TCPAddr))
	if !local {
		fmt.Fprintf(stderr, "play: warning: -addr %s lets other machines open the page\n", o.addr)
	}
	fmt.Fprintf(stdout, "the page is at %s until Ctrl-C\n", address)
	if o.open {
		if err := openBrowser(address); err != nil {
			fmt.Fprintf(stderr, "play: no browser opens (%v): go to %s\n", err, address)
		}
	}
	server := &http.Server{Handler: pageHandler(files, o.addr), ReadTimeout: 10 * time.Second, IdleTimeout: o.idle}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// pageAddress returns the page's address for a browser on this machine, and
// whether only this machine can reach it.
func pageAddress(addr *net.TCPAddr) (address string, local bool) {
	shown := *addr
	if addr.IP.IsUnspecified() { // some browsers do not open 0.0.0.0
		shown.IP = net.IPv4(127, 0, 0, 1)
	}
	return "http://" + shown.String() + "/", addr.IP.IsLoopback()
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
	if err := writeFiles(out, files); err != nil {
		return fmt.Errorf("-out: %w", err)
	}
	fmt.Fprintf(stdout, "wrote %d files to %s: serve the folder with a web server\n", len(files), input.Quote(o.out))
	return nil
}

func writeFiles(out *outdir.Dir, files map[string][]byte) error {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		err := out.Write(name, func(w io.Writer) error {
			_, err := w.Write(files[name])
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// policy is the Content-Security-Policy: the page loads its own files, runs its
// own program, and nothing else.
const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; " +
	"style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// contentTypes maps the extensions of the page's files to their types.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".gz":   "application/gzip",
	".svg":  "image/svg+xml",
	".png":  "image/png",
}

// pageHandler answers GET requests for the files; / is index.html. It refuses
// requests from pages of other origins.
func pageHandler(files map[string][]byte, addr string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-cache")
		name := strings.TrimPrefix(r.URL.Path, "/")
		if name == "" {
			name = "index.html"
		}
		content, ok := files[name]
		switch {
		case r.Method != http.MethodGet:
			h.Set("Allow", http.MethodGet)
			http.Error(w, "only GET", http.StatusMethodNotAllowed)
		case !ownHost(r.Host, addr) || fromElsewhere(r):
			http.Error(w, "only for this page", http.StatusForbidden)
		case !ok:
			http.Error(w, "no such file", http.StatusNotFound)
		default:
			h.Set("Content-Type", contentTypes[path.Ext(name)])
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
		}
	})
}

// ownHost reports whether a request's host is an IP address, localhost or the
// host of addr. An attacker can point any other name at this server.
func ownHost(host, addr string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	own, _, _ := net.SplitHostPort(addr)
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil || host == "localhost" || host == own
}

// fromElsewhere reports whether a page of another origin makes the request. A
// click on a link to the page is allowed.
func fromElsewhere(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
		return false
	}
	return r.Header.Get("Sec-Fetch-Mode") != "navigate" || r.Header.Get("Sec-Fetch-Dest") != "document"
}
