package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"numgrad/dataset"
)

// written calls the command with -out and returns the directory.
func written(t *testing.T) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "a", "page")
	var stdout, stderr bytes.Buffer
	if status := run(t.Context(), []string{"-out", out}, &stdout, &stderr); status != 0 {
		t.Fatalf("status %d, %s", status, stderr.String())
	}
	if !strings.Contains(stdout.String(), out) {
		t.Errorf("it says %q, want the directory", stdout.String())
	}
	return out
}

// The page as files: all that it refers to, the images as the module has them,
// and a program of at most 3 MB that runs.
func TestOut(t *testing.T) {
	out := written(t)
	read := func(name string) []byte {
		file, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	entries, err := os.ReadDir(out)
	if err != nil {
		t.Fatal(err)
	}
	var texts string
	for _, name := range []string{"index.html", "page.js", "worker.js", "chapter4.html", "chapter4.ja.html"} {
		texts += string(read(name))
	}
	for _, name := range []string{"chapter4", "chapter4.ja", "gradient", "gradient.ja", "gradcheck", "gradcheck.ja"} {
		if document := string(read(name + ".html")); !strings.Contains(document, `<a href="index.html">`) || strings.Contains(document, `.md"`) {
			t.Errorf("%s.html leads to what is not there, or not back to the page", name)
		}
	}
	for _, e := range entries {
		if e.Name() != "index.html" && e.Name() != ".numgrad-play" && !strings.Contains(texts, e.Name()) {
			t.Errorf("%s is not used", e.Name())
		}
	}
	_, want, err := dataset.Load("")
	if err != nil {
		t.Fatal(err)
	}
	test, err := dataset.Read(read("test-images.gz"), read("test-labels.gz"))
	if err != nil || !reflect.DeepEqual(test, want) {
		t.Errorf("the page's test images are not MNIST's: %v", err)
	}

	wasm := read("play.wasm.gz")
	t.Logf("the program has %d bytes as it is sent", len(wasm))
	if len(wasm) > 3_000_000 {
		t.Errorf("the program has %d bytes, want at most 3 MB", len(wasm))
	}
	runInNode(t, out)
}

// runInNode runs the program with the support script beside it, in Node if that
// is on this machine.
func runInNode(t *testing.T, dir string) {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Log("without Node, the program was built but not run")
		return
	}
	const script = `
const fs = require("fs"), zlib = require("zlib"), read = name => fs.readFileSync(process.argv[1] + "/" + name);
(0, eval)(read("wasm_exec.js").toString());
const go = new Go(), files = ["test-images.gz", "test-labels.gz"].map(name => new Uint8Array(read(name)));
WebAssembly.instantiate(zlib.gunzipSync(read("play.wasm.gz")), go.importObject).then(({ instance }) => {
	go.run(instance);
	console.log(numgrad('{"call": "loadTest"}', ...files), JSON.parse(numgrad('{"call": "test", "index": 3}')).reply.digit);
	process.exit();
});`
	answer, err := exec.CommandContext(t.Context(), node, "-e", script, dir).CombinedOutput()
	if want := "{\"reply\":null} 0\n"; err != nil || string(answer) != want {
		t.Errorf("the program answers %q, %v, want %q: test image 3 is a 0", answer, err, want)
	}
}

func TestServe(t *testing.T) {
	page, err := os.ReadFile("page/index.html")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{"index.html": page, "play.wasm.gz": []byte("wasm"), "page.js": []byte("script")}
	handler := pageHandler(files, "play.example:80")
	for _, test := range []struct {
		method, host, target, site, mode string
		status                           int
		kind, body                       string
	}{
		{"GET", "127.0.0.1:81", "/", "none", "navigate", 200, "text/html; charset=utf-8", string(page)},
		{"GET", "127.0.0.1:81", "/", "", "", 200, "text/html; charset=utf-8", string(page)},
		{"GET", "localhost:81", "/page.js", "same-origin", "no-cors", 200, "text/javascript; charset=utf-8", "script"},
		{"GET", "[::1]:81", "/play.wasm.gz", "same-origin", "cors", 200, "application/gzip", "wasm"},
		{"GET", "play.example", "/page.js", "same-origin", "no-cors", 200, "text/javascript; charset=utf-8", "script"},
		{"GET", "127.0.0.1:81", "/", "cross-site", "navigate", 200, "text/html; charset=utf-8", string(page)},
		{"GET", "127.0.0.1:81", "/", "cross-site", "cors", 403, "", "only for this page\n"},
		{"GET", "127.0.0.1:81", "/page.js", "cross-site", "no-cors", 403, "", "only for this page\n"},
		{"GET", "127.0.0.1:81", "/play.wasm.gz", "same-site", "cors", 403, "", "only for this page\n"},
		{"GET", "evil.example:81", "/", "same-origin", "cors", 403, "", "only for this page\n"},
		{"GET", "127.0.0.1.evil.example", "/", "none", "navigate", 403, "", "only for this page\n"},
		{"GET", "127.0.0.1:81", "/main.go", "same-origin", "cors", 404, "", "no such file\n"},
		{"GET", "127.0.0.1:81", "/../page.js", "same-origin", "cors", 404, "", "no such file\n"},
		{"GET", "127.0.0.1:81", "/page/page.js", "same-origin", "cors", 404, "", "no such file\n"},
		{"POST", "127.0.0.1:81", "/", "same-origin", "cors", 405, "", "only GET\n"},
		{"OPTIONS", "127.0.0.1:81", "/page.js", "cross-site", "cors", 405, "", "only GET\n"},
		{"HEAD", "127.0.0.1:81", "/page.js", "same-origin", "cors", 405, "", "only GET\n"},
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
		if w.Code != test.status || w.Body.String() != test.body || test.kind != "" && w.Header().Get("Content-Type") != test.kind {
			t.Errorf("%s %s of %s, %s %s: %d, %s, %.40q", test.method, test.target, test.host, test.site, test.mode, w.Code, w.Header().Get("Content-Type"), w.Body)
		}
		h := w.Header()
		for _, header := range []struct{ name, want string }{
			{"Access-Control-Allow-Origin", ""},
			{"Cross-Origin-Resource-Policy", "same-origin"},
			{"Cross-Origin-Opener-Policy", "same-origin"},
			{"X-Content-Type-Options", "nosniff"},
			{"Content-Security-Policy", "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; " +
				"style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
		} {
			if got := h.Get(header.name); got != header.want {
				t.Errorf("%s %s: %s is %q, want %q", test.method, test.target, header.name, got, header.want)
			}
		}
	}

	// index.html has the same policy in it for other web servers.
	own, _, _ := strings.Cut(policy, "; frame-ancestors")
	if !strings.Contains(string(page), own) {
		t.Errorf("the page's own policy is not %s", own)
	}
}

// It says where the page is, serves it, and ends when it is told to.
func TestRun(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out, in := io.Pipe()
	status := make(chan int)
	var stderr bytes.Buffer
	go func() { status <- run(ctx, nil, in, &stderr) }()
	var address string
	if _, err := fmt.Fscanf(out, "the page is at %s until Ctrl-C\n", &address); err != nil {
		t.Fatalf("%v, %s", err, stderr.String())
	}
	if !strings.HasPrefix(address, "http://127.0.0.1:") {
		t.Errorf("the page is at %s", address)
	}
	response, err := http.Get(address + "play.wasm.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	program, err := gzip.NewReader(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	magic := make([]byte, 4)
	if _, err := io.ReadFull(program, magic); err != nil || string(magic) != "\x00asm" {
		t.Errorf("the program begins with % x, %v", magic, err)
	}
	stop()
	select {
	case code := <-status:
		if code != 0 {
			t.Errorf("status %d after Ctrl-C", code)
		}
	case <-time.After(10 * time.Second):
		t.Error("it goes on after Ctrl-C")
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

// -data with anything else than images of 28×28 pixels is an error before the
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

func TestIdleConnectionsAreClosed(t *testing.T) {
	defer func(d time.Duration) { idleTimeout = d }(idleTimeout)
	idleTimeout = time.Millisecond
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- serve(ctx, listener, nil, "") }()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
	if answer, err := io.ReadAll(conn); err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 404") {
		t.Errorf("the answer is %q, %v, want 404 and the end of the connection", answer, err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// Both languages say everything: each text in English has one in Japanese after
// it, or before.
func TestLanguages(t *testing.T) {
	page, err := os.ReadFile("page/index.html")
	if err != nil {
		t.Fatal(err)
	}
	count := func(lang string) int { return strings.Count(string(page), `<span lang="`+lang+`">`) }
	if en, ja := count("en"), count("ja"); en < 20 || ja != en+1 { // and the line for those without a script
		t.Errorf("%d texts in English, %d in Japanese", en, ja)
	}
	// Whatever can be used has a name for those who cannot see it.
	for _, tag := range []string{"<canvas", "<svg"} {
		for part := range slices.Values(strings.Split(string(page), tag)[1:]) {
			if attributes, _, _ := strings.Cut(part, ">"); !strings.Contains(attributes, "aria-labelledby=") || tag == "<svg" && !strings.Contains(attributes, "aria-describedby=") || !strings.Contains(attributes, "role=") {
				t.Errorf("%s%s has no name", tag, attributes)
			}
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
