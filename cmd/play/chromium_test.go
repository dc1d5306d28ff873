package main

import (
	"bytes"
	"context"
	_ "embed"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// smoke.js uses the four parts of the page, and posts each failure and "done".
//
//go:embed testdata/smoke.js
var smoke []byte

// The four parts of the page work in Chromium. NUMGRAD_CHROMIUM=1 asks for it;
// NUMGRAD_SCREENSHOT=FILE keeps a picture of the page at the end.
func TestPageInChromium(t *testing.T) {
	if os.Getenv("NUMGRAD_CHROMIUM") == "" {
		t.Skip("NUMGRAD_CHROMIUM is not set")
	}
	files, err := pageFiles(t.Context(), "", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	// The page with smoke.js. Its load event, at which Chromium takes the picture,
	// waits for an image that the server sends at the end.
	files["smoke.js"] = smoke
	files["index.html"] = bytes.Replace(files["index.html"], []byte("</head>"), []byte(`<script src="smoke.js" defer></script></head>`), 1)
	files["index.html"] = bytes.Replace(files["index.html"], []byte("</body>"), []byte(`<img src="end.png" alt=""></body>`), 1)
	done := make(chan bool)
	page := pageHandler(files, "")
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/smoke":
			text, _ := io.ReadAll(r.Body)
			if string(text) == "done" {
				close(done)
			} else {
				t.Errorf("the page: %s", text)
			}
		case "/end.png":
			select {
			case <-done:
			case <-r.Context().Done():
			}
			http.Error(w, "", http.StatusNotFound)
		default:
			page.ServeHTTP(w, r)
		}
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: handler, BaseContext: func(net.Listener) context.Context { return t.Context() }}
	go server.Serve(listener)
	defer server.Close()

	args := []string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--hide-scrollbars", "--enable-logging=stderr", "--window-size=1400,2330", "--user-data-dir=" + t.TempDir()}
	shot := filepath.Join(t.TempDir(), "play.png")
	if name := os.Getenv("NUMGRAD_SCREENSHOT"); name != "" {
		if shot, err = filepath.Abs(filepath.Join("../..", name)); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "chromium", append(args, "--screenshot="+shot, "http://"+listener.Addr().String()+"/")...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("chromium: %v\n%s", err, &stderr)
	}
	for line := range strings.Lines(stderr.String()) {
		if strings.Contains(line, "CONSOLE") && !strings.Contains(line, "404") { // end.png
			t.Errorf("the console: %s", line)
		}
	}
	select {
	case <-done:
	default:
		t.Error("the page did not get to the end")
	}
}
