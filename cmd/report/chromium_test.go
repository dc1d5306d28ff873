package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"numgrad/models"
)

// look reports what a reader would see of the page: the pictures and curves
// that are not there, and whether the page is wider than the window.
const look = `<script>
addEventListener("load", () => {
	const faults = [];
	for (const img of document.images) {
		const box = img.getBoundingClientRect();
		if (!img.complete || !img.naturalWidth || box.width < 20 || box.height < 10) {
			faults.push("not there: " + img.alt);
			continue;
		}
		const canvas = document.createElement("canvas");
		canvas.width = img.naturalWidth;
		canvas.height = img.naturalHeight;
		const context = canvas.getContext("2d");
		context.drawImage(img, 0, 0);
		const pixels = new Uint32Array(context.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
		if (pixels.every(p => p === pixels[0])) faults.push("blank: " + img.alt);
	}
	for (const path of document.querySelectorAll("svg path")) {
		if (!(path.getTotalLength() > 0)) faults.push("no curve: " + path.getAttribute("class"));
	}
	parent.document.getElementById("seen").textContent = JSON.stringify({
		width: innerWidth,
		contentWidth: document.documentElement.scrollWidth,
		dark: matchMedia("(prefers-color-scheme: dark)").matches,
		pictures: document.images.length,
		faults,
	});
});
</script></body>`

// window holds the page in the width of a phone, which Chromium's own windows
// do not have.
const window = `<!doctype html><meta name="color-scheme" content="light dark">
<body style="margin: 0"><iframe src="page.html" style="width: %dpx; height: 1000px; border: 0"></iframe><pre id="seen"></pre>`

// The page as Chromium shows it. NUMGRAD_CHROMIUM=1 asks for it; with
// NUMGRAD_SCREENSHOT=FILE it leaves a picture of the page's beginning there.
func TestPageInChromium(t *testing.T) {
	if os.Getenv("NUMGRAD_CHROMIUM") == "" {
		t.Skip("NUMGRAD_CHROMIUM is not set")
	}
	model := models.MNIST()
	weights := save(t, model)
	writeLog(t, model, weights, nil)
	file, page := makePage(t, weights)

	path := filepath.Join(t.TempDir(), "page.html")
	put(t, path, file)
	shown := parsePage(t, chromium(t, "--dump-dom", path))
	evaluate(model.Net(), testSet(t)).check(t, shown)

	// A copy that may run a script.
	watched := strings.NewReplacer(policy, "", "</body>", look).Replace(string(file))
	if len(watched) != len(file)-len(policy)+len(look)-len("</body>") {
		t.Fatal("the page does not forbid scripts and the network")
	}
	put(t, path, []byte(watched))
	for _, width := range []int{400, 1400} {
		for _, dark := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d wide, dark %v", width, dark), func(t *testing.T) {
				checkSeen(t, path, width, dark, len(page.all("img")))
			})
		}
	}
	if out := os.Getenv("NUMGRAD_SCREENSHOT"); out != "" {
		screenshot(t, out)
	}
}

func checkSeen(t *testing.T, path string, width int, dark bool, pictures int) {
	t.Helper()
	scheme := 1
	if dark {
		scheme = 0
	}
	outer := filepath.Join(filepath.Dir(path), "window.html")
	put(t, outer, fmt.Appendf(nil, window, width))
	dom := chromium(t, "--dump-dom", "--allow-file-access-from-files", fmt.Sprintf("--blink-settings=preferredColorScheme=%d", scheme), outer)
	_, text, _ := bytes.Cut(dom, []byte(`<pre id="seen">`))
	text, _, _ = bytes.Cut(text, []byte("</pre>"))
	var seen struct {
		Width, ContentWidth, Pictures int
		Dark                          bool
		Faults                        []string
	}
	if err := json.Unmarshal(text, &seen); err != nil {
		t.Fatalf("what was seen is %q: %v", text, err)
	}
	if seen.Width != width || seen.Dark != dark {
		t.Fatalf("the window is %d wide, dark %v, want %d, %v", seen.Width, seen.Dark, width, dark)
	}
	if seen.ContentWidth > width {
		t.Errorf("the page is %d wide, want no more than the window's %d", seen.ContentWidth, width)
	}
	if seen.Pictures != pictures || len(seen.Faults) > 0 {
		t.Errorf("%d pictures are seen, %q, want %d and no faults", seen.Pictures, seen.Faults, pictures)
	}
}

// screenshot writes a picture of the page of the net that ships.
func screenshot(t *testing.T, out string) {
	t.Helper()
	const shipped = "models/mnist.npz"
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if !filepath.IsAbs(out) {
		out = filepath.Join(root, out)
	}
	t.Chdir(root) // the page names the weights as they are given
	file, _ := makePage(t, shipped)
	path := filepath.Join(t.TempDir(), "page.html")
	put(t, path, file)
	chromium(t, "--screenshot="+out, "--window-size=1280,1430", path)
}

func put(t *testing.T, path string, file []byte) {
	t.Helper()
	if err := os.WriteFile(path, file, 0o666); err != nil {
		t.Fatal(err)
	}
}

// chromium runs the browser, which must have nothing to complain about, and
// returns what it prints. The last argument is the page's file.
func chromium(t *testing.T, args ...string) []byte {
	t.Helper()
	common := []string{"--headless", "--disable-gpu", "--hide-scrollbars", "--enable-logging=stderr", "--user-data-dir=" + t.TempDir()}
	if os.Geteuid() == 0 {
		common = append(common, "--no-sandbox") // which it does not have for root
	}
	last := len(args) - 1
	cmd := exec.CommandContext(t.Context(), "chromium", append(append(common, args[:last]...), "file://"+args[last])...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("chromium: %v\n%s", err, stderr.Bytes())
	}
	for line := range strings.Lines(stderr.String()) {
		if strings.Contains(line, "CONSOLE") {
			t.Errorf("chromium's console: %s", line)
		}
	}
	return stdout.Bytes()
}
