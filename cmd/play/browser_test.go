package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// browser is a Chromium with one page, driven by the DevTools protocol over a
// pair of pipes: JSON objects that end in a zero byte.
type browser struct {
	t         *testing.T
	requests  *os.File
	responses *bufio.Reader
	session   string // of the page
	id        int
	faults    []string // what the page's console has complained of
}

// message is a request, a response or an event.
type message struct {
	ID        int             `json:"id,omitempty"`
	Method    string          `json:"method,omitempty"`
	Params    any             `json:"params,omitempty"`
	SessionID string          `json:"sessionId,omitempty"`
	Result    json.RawMessage `json:"result,omitempty"`
	Error     json.RawMessage `json:"error,omitempty"`
}

// startBrowser starts Chromium with an empty page, for as long as the test runs.
func startBrowser(t *testing.T) *browser {
	t.Helper()
	readRequests, requests, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	responses, writeResponses, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	profile, err := os.MkdirTemp("", "chromium")
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"--headless", "--remote-debugging-pipe", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--user-data-dir=" + profile}
	if os.Geteuid() == 0 {
		args = append(args, "--no-sandbox") // which it does not have for root
	}
	cmd := exec.CommandContext(t.Context(), "chromium", append(args, "about:blank")...)
	cmd.ExtraFiles = []*os.File{readRequests, writeResponses} // its descriptors 3 and 4
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	readRequests.Close()
	writeResponses.Close()
	b := &browser{t: t, requests: requests, responses: bufio.NewReader(responses)}
	t.Cleanup(func() {
		b.session = ""
		fmt.Fprintf(requests, `{"id":%d,"method":"Browser.close"}`+"\x00", b.id+1)
		io.Copy(io.Discard, b.responses) // until it ends
		cmd.Wait()
		requests.Close()
		responses.Close()
		os.RemoveAll(profile) // but for what its children still write
	})

	var target struct{ TargetID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		b.call(domain+".enable", nil, nil)
	}
	return b
}

// call sends a request and puts its result where result points, if not nil.
func (b *browser) call(method string, params map[string]any, result any) {
	b.t.Helper()
	b.id++
	request, err := json.Marshal(message{ID: b.id, Method: method, Params: params, SessionID: b.session})
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.requests.Write(append(request, 0)); err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
	for {
		text, err := b.responses.ReadBytes(0)
		if err != nil {
			b.t.Fatalf("%s: chromium is gone: %v", method, err)
		}
		var m message
		if err := json.Unmarshal(text[:len(text)-1], &m); err != nil {
			b.t.Fatal(err)
		}
		switch {
		case m.Method == "Runtime.consoleAPICalled", m.Method == "Runtime.exceptionThrown", m.Method == "Log.entryAdded":
			b.faults = append(b.faults, string(text[:len(text)-1]))
		case m.ID == b.id && m.Error != nil:
			b.t.Fatalf("%s: %s", method, m.Error)
		case m.ID == b.id:
			if result != nil {
				if err := json.Unmarshal(m.Result, result); err != nil {
					b.t.Fatalf("%s: %v", method, err)
				}
			}
			return
		}
	}
}

// eval returns the value of an expression in the page, which may be a promise.
func eval[T any](b *browser, expression string) T {
	b.t.Helper()
	var answer struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails json.RawMessage
	}
	b.call("Runtime.evaluate", map[string]any{"expression": expression, "awaitPromise": true, "returnByValue": true}, &answer)
	if answer.ExceptionDetails != nil {
		b.t.Fatalf("%s: %s", expression, answer.ExceptionDetails)
	}
	var value T
	if err := json.Unmarshal(answer.Result.Value, &value); err != nil {
		b.t.Fatalf("%s is %s: %v", expression, answer.Result.Value, err)
	}
	return value
}

// text returns what a reader sees in an element.
func (b *browser) text(id string) string {
	b.t.Helper()
	return eval[string](b, fmt.Sprintf("document.getElementById(%q).innerText", id))
}

// patience is how long a busy machine may take for anything.
const patience = 3 * time.Minute

// wait waits until a condition holds in the page.
func (b *browser) wait(condition string) {
	b.t.Helper()
	for start := time.Now(); !eval[bool](b, condition); time.Sleep(20 * time.Millisecond) {
		if time.Since(start) > patience {
			b.t.Fatalf("after %v, not yet: %s; the status is %q, the console's faults %q", patience, condition, b.text("status"), b.faults)
		}
	}
}

// mouse sends a mouse event at a place of the window.
func (b *browser) mouse(kind string, x, y float64, buttons int) {
	b.t.Helper()
	b.call("Input.dispatchMouseEvent", map[string]any{"type": kind, "x": x, "y": y, "button": "left", "buttons": buttons, "clickCount": 1}, nil)
}

// place returns where the middle of an element is in the window, and scrolls it
// there.
func (b *browser) place(id string) (x, y float64) {
	b.t.Helper()
	at := eval[[]float64](b, fmt.Sprintf(`(() => {
		const element = document.getElementById(%q);
		element.scrollIntoView({ block: "center" });
		const box = element.getBoundingClientRect();
		return [box.x + box.width / 2, box.y + box.height / 2];
	})()`, id))
	return at[0], at[1]
}

// click presses the mouse in the middle of an element.
func (b *browser) click(id string) {
	b.t.Helper()
	x, y := b.place(id)
	b.mouse("mousePressed", x, y, 1)
	b.mouse("mouseReleased", x, y, 0)
}

// drag draws a line through points beside the middle of an element.
func (b *browser) drag(id string, points ...[2]float64) {
	b.t.Helper()
	x, y := b.place(id)
	b.mouse("mousePressed", x+points[0][0], y+points[0][1], 1)
	for _, p := range points {
		b.mouse("mouseMoved", x+p[0], y+p[1], 1)
	}
	last := points[len(points)-1]
	b.mouse("mouseReleased", x+last[0], y+last[1], 0)
}

// keyCodes are those of Windows, by the names of the keys.
var keyCodes = map[string]int{"Tab": 9, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}

const shift = 8 // a modifier

// key presses a key in the element that has the focus, that many times.
func (b *browser) key(name string, modifiers, times int) {
	b.t.Helper()
	for range times {
		for _, kind := range []string{"keyDown", "keyUp"} {
			b.call("Input.dispatchKeyEvent", map[string]any{"type": kind, "key": name, "code": name, "modifiers": modifiers,
				"windowsVirtualKeyCode": keyCodes[name]}, nil)
		}
	}
}

// focus moves the focus to an element.
func (b *browser) focus(id string) {
	b.t.Helper()
	eval[bool](b, fmt.Sprintf("document.getElementById(%q).focus() || true", id))
}

// number returns the number that an element shows, without its unit.
func (b *browser) number(id string) float64 {
	b.t.Helper()
	digits, _, _ := strings.Cut(b.text(id), " ")
	v, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		b.t.Fatalf("%s: %v", id, err)
	}
	return v
}

// window sets the size of the window and whether it is dark.
func (b *browser) window(width, height int, dark bool) {
	b.t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false}, nil)
	b.call("Emulation.setEmulatedMedia", map[string]any{"features": []any{map[string]any{"name": "prefers-color-scheme", "value": scheme}}}, nil)
}

// screenshot writes a picture of the page, from its top to the given height,
// or of all if that is 0.
func (b *browser) screenshot(path string, height float64) {
	b.t.Helper()
	var layout struct {
		CSSContentSize struct{ Width, Height float64 }
	}
	b.call("Page.getLayoutMetrics", nil, &layout)
	if height == 0 {
		height = layout.CSSContentSize.Height
	}
	var picture struct{ Data string }
	b.call("Page.captureScreenshot", map[string]any{"captureBeyondViewport": true,
		"clip": map[string]any{"x": 0, "y": 0, "width": layout.CSSContentSize.Width, "height": height, "scale": 1}}, &picture)
	file, err := base64.StdEncoding.DecodeString(picture.Data)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(path, file, 0o666); err != nil {
		b.t.Fatal(err)
	}
}
