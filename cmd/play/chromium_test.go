package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// startPage serves the page and opens it in Chromium, if NUMGRAD_CHROMIUM asks
// for that.
func startPage(t *testing.T) *browser {
	t.Helper()
	if os.Getenv("NUMGRAD_CHROMIUM") == "" {
		t.Skip("NUMGRAD_CHROMIUM is not set")
	}
	files, err := pageFiles(t.Context(), "", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	go serve(ctx, listener, files, "127.0.0.1:0")

	b := startBrowser(t)
	b.window(1400, 1000, false)
	b.call("Page.navigate", map[string]any{"url": "http://" + listener.Addr().String() + "/"}, nil)
	return b
}

func TestPageInChromium(t *testing.T) {
	b := startPage(t)
	b.wait(`document.readyState === "complete" && performance.getEntriesByName("first answer").length > 0`, time.Minute)
	t.Logf("first answer after %.0f ms", eval[float64](b, `performance.getEntriesByName("first answer")[0].startTime`))
	b.wait(`document.getElementById("numerical").innerText !== ""`, time.Minute)
	time.Sleep(500 * time.Millisecond)
	out := os.Getenv("NUMGRAD_SHOTS")
	b.click("all")
	time.Sleep(500 * time.Millisecond)
	b.click("start")
	time.Sleep(4 * time.Second)
	b.click("start")
	time.Sleep(500 * time.Millisecond)
	for _, width := range []int{400, 1400} {
		for _, dark := range []bool{false, true} {
			for _, lang := range []string{"en", "ja"} {
				b.window(width, 1000, dark)
				eval[string](b, fmt.Sprintf(`document.documentElement.lang = %q`, lang))
				time.Sleep(200 * time.Millisecond)
				if out != "" {
					b.screenshot(filepath.Join(out, fmt.Sprintf("%d-%v-%s.png", width, dark, lang)), 0)
				}
			}
		}
	}
	for _, f := range b.faults {
		t.Errorf("console: %s", f)
	}
}
