package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"path"
	"strings"
	"time"
)

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

// idleTimeout is how long a connection may wait for its next request. Tests
// shorten it.
var idleTimeout = time.Minute

// serve answers requests on the listener until ctx is done.
func serve(ctx context.Context, listener net.Listener, files map[string][]byte, addr string) error {
	server := &http.Server{Handler: pageHandler(files, addr), ReadTimeout: 10 * time.Second, IdleTimeout: idleTimeout}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
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
