package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"maps"
	"math"
	"net"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/gonum/floats"

	"numgrad/dataset"
	"numgrad/grad"
	"numgrad/models"
	"numgrad/nn"
	"numgrad/train"
)

// The page in Chromium. NUMGRAD_CHROMIUM=1 asks for it; NUMGRAD_SCREENSHOT=FILE
// is where a picture of the page goes, and NUMGRAD_SCREENSHOTS=DIR where those
// of all widths, colours and languages go.
func TestPageInChromium(t *testing.T) {
	b := openPage(t, nil)
	logSizes(t)
	const marks = `performance.getEntriesByName("first answer")`
	b.wait(marks + `.length > 0`)
	t.Logf("first answer: %.2f s after opening", eval[float64](b, marks+"[0].startTime")/1000)

	b.wait(`document.getElementById("numerical").innerText !== ""`)
	if status := b.text("status"); status != "" {
		t.Errorf("loaded, the page says %q", status)
	}
	checkDraw(t, b)
	checkNudge(t, b)
	checkTrain(t, b)
	checkLooks(t, b)
	checkStartOver(t, b)
	checkUnits(t, b)
	checkFailure(t, b)
	for _, fault := range b.faults {
		t.Errorf("the console complains: %s", fault)
	}
}

// logSizes tells what the browser loads.
func logSizes(t *testing.T) {
	t.Helper()
	files, err := pageFiles(t.Context(), "", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for name, content := range files {
		if !strings.HasPrefix(name, "chapter4") && (name == "index.html" || path.Ext(name) != ".html") { // another page
			total += len(content)
		}
	}
	t.Logf("%.1f MB are loaded, of which the program has %.1f MB and the images %.1f MB", float64(total)/1e6,
		float64(len(files["play.wasm.gz"]))/1e6, float64(len(files["train-images.gz"])+len(files["test-images.gz"]))/1e6)
}

// openPage serves the page, without some of its files, and opens it in Chromium.
func openPage(t *testing.T, missing []string, scripts ...string) *browser {
	t.Helper()
	if os.Getenv("NUMGRAD_CHROMIUM") == "" {
		t.Skip("NUMGRAD_CHROMIUM is not set")
	}
	files, err := pageFiles(t.Context(), "", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	files = maps.Clone(files)
	for _, name := range missing {
		delete(files, name)
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
	for _, script := range scripts {
		b.call("Page.addScriptToEvaluateOnNewDocument", map[string]any{"source": script}, nil)
	}
	b.call("Page.navigate", map[string]any{"url": "http://" + listener.Addr().String() + "/"}, nil)
	b.wait(`document.readyState === "complete"`)
	return b
}

// inkSeen is the sum of what the net sees, in pixels that are all ink.
const inkSeen = `(() => {
	const copy = new OffscreenCanvas(28, 28).getContext("2d", { willReadFrequently: true });
	copy.drawImage(document.getElementById("seen"), 0, 0);
	return copy.getImageData(0, 0, 28, 28).data.reduce((sum, v) => sum + v / 255, 0);
})()`

// checkDraw draws digits with the mouse, and one with the keyboard.
func checkDraw(t *testing.T, b *browser) {
	if got := b.text("answer"); !strings.HasPrefix(got, "7, ") || !strings.HasSuffix(got, "it is a 7") {
		t.Errorf("the first test image, a 7, is answered with %q", got)
	}
	var circle [][2]float64
	for i := range 41 {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / 40)
		circle = append(circle, [2]float64{55 * cos, 80 * sin})
	}
	answered := func(digit int) {
		t.Helper()
		b.wait(fmt.Sprintf(`document.getElementById("answer").innerText.startsWith("%d, ")`, digit))
		sum := 0.0
		for text := range strings.FieldsSeq(strings.ReplaceAll(b.text("bars"), "%", "")) {
			if p, err := strconv.ParseFloat(text, 64); err == nil && strings.Contains(text, ".") {
				sum += p
			}
		}
		if math.Abs(sum-100) > 0.6 {
			t.Errorf("the probabilities sum to %v %%", sum)
		}
	}
	for _, test := range []struct {
		digit  int
		points [][2]float64
	}{
		{1, [][2]float64{{10, -90}, {8, -50}, {5, 0}, {0, 50}, {-5, 90}}},
		{7, [][2]float64{{-60, -80}, {0, -80}, {60, -80}, {30, -10}, {0, 40}, {-20, 90}}},
		{0, circle},
	} {
		b.click("clear")
		b.wait(`document.getElementById("answer").innerText === ""`)
		b.drag("paper", test.points...)
		answered(test.digit)
		if ink := eval[float64](b, inkSeen); ink < 20 || ink > 300 {
			t.Errorf("what the net sees of the %d has ink of %v pixels", test.digit, ink)
		}
	}
	var block [][2]float64
	for y := -40.0; y <= 40; y += 16 {
		block = append(block, [2]float64{-40, y}, [2]float64{40, y}, [2]float64{-40, y + 8})
	}
	b.click("clear")
	b.drag("paper", block...)
	b.wait(`document.getElementById("answer").textContent === "Too much ink: draw a digit in lines.塗りつぶされています。線で数字を書いてください。"`)
	b.click("clear")
	b.focus("paper")
	b.key("ArrowUp", 0, 10)
	b.key("ArrowDown", shift, 19)
	answered(1)
}

// checkNudge moves h and s, and compares the numbers with those of packages
// grad and nn.
func checkNudge(t *testing.T, b *browser) {
	images, _, err := dataset.Load("")
	if err != nil {
		t.Fatal(err)
	}
	var batch dataset.Batch
	var indices []int
	for i := range 100 {
		indices = append(indices, i)
	}
	images.Gather(&batch, indices)
	net := &nn.Net{Params: models.MNIST().Params}
	loss := func() float64 { return net.Loss(batch.X, batch.T) }
	backprop := nn.NewParams(net.Sizes()...)
	net.Gradient(backprop, batch.X, batch.T)

	value := func(id string) int {
		return int(eval[float64](b, fmt.Sprintf("+document.getElementById(%q).value", id)))
	}
	check := func(exponent int, h float64) {
		t.Helper()
		i := 50*value("row") + value("column")
		b.wait(fmt.Sprintf(`document.getElementById("h-value").innerText === %q`, strings.ReplaceAll(fmt.Sprintf("1e-%d", exponent), "1e-0", "1")))
		at := func(by float64) float64 {
			saved := net.Vector[i]
			defer func() { net.Vector[i] = saved }()
			net.Vector[i] += by
			return loss()
		}
		want := map[string]float64{"value": net.Vector[i], "loss": loss(), "loss-plus": at(h), "loss-minus": at(-h),
			"moved": at(h * eval[float64](b, `+document.getElementById("s").value`))}
		numerical := grad.Partial(loss, net.Vector, i, &grad.Settings{Step: h})
		for start := time.Now(); ; time.Sleep(20 * time.Millisecond) {
			worst, name := 0.0, ""
			for id, v := range want {
				if d := math.Abs(b.number(id) - v); d > worst {
					worst, name = d, id
				}
			}
			shown := (b.number("loss-plus") - b.number("loss-minus")) / (2 * h)
			switch {
			case worst > 4e-16:
			case !near(b.number("numerical"), shown, 1e-11):
				name = fmt.Sprintf("(L(w+h) - L(w-h)) / 2h = %v", shown)
			case math.Abs(b.number("numerical")-numerical) > 1e-13+4e-16/h:
				name = fmt.Sprintf("numerical, %v in Go", numerical)
			case !near(b.number("backprop"), backprop.Vector[i], 1e-11):
				name = "backprop"
			default:
				return
			}
			if time.Since(start) > patience {
				t.Fatalf("at h = %g, %s differs by %g: the page has %s", h, name, worst, b.text("numbers"))
			}
		}
	}
	check(4, 1e-4)
	b.focus("h")
	for exponent := 5; exponent <= 16; exponent++ {
		b.key("ArrowLeft", 0, 1)
		check(exponent, math.Pow10(-exponent))
	}
	b.key("ArrowLeft", 0, 1)
	check(50, 1e-50)
	checkBeyond(t, b)
	b.key("ArrowRight", 0, 17)
	check(0, 1)
	b.click("plus")
	check(0, 1)
	if moved := eval[float64](b, `+document.getElementById("s").value`); moved != 1 {
		t.Errorf("+h moves by %v h", moved)
	}
	b.click("back")
	b.focus("h")
	b.key("ArrowLeft", 0, 4)
	b.click("unit") // another weight
	check(4, 1e-4)
	if row := value("row"); row/28 != 13 && row/28 != 14 {
		t.Errorf("a click in the middle of the unit chooses input %d", row)
	}
	checkWhole(t, b)
	checkChoice(t, b)
}

// checkBeyond looks for the place of h = 1e-50 on the chart of the errors.
func checkBeyond(t *testing.T, b *browser) {
	t.Helper()
	b.wait(`+document.querySelector("#errors .dot").getAttribute("cx") < 80`)
	places := eval[[]float64](b, `(() => {
		const label = text => +[...document.querySelectorAll("#errors text")].find(e => e.textContent === text).getAttribute("x");
		return [+document.querySelector("#errors .dot").getAttribute("cx"), label("1e-50"), label("1e-16")];
	})()`)
	if math.Abs(places[0]-places[1]) > 0.1 || places[2]-places[1] < 40 {
		t.Errorf("h = 1e-50 is shown at %v, its label at %v, that of 1e-16 at %v", places[0], places[1], places[2])
	}
}

// checkWhole asks for the gradient of all weights, which is that of one h.
func checkWhole(t *testing.T, b *browser) {
	t.Helper()
	if text := eval[string](b, `(() => {
		document.getElementById("all").click();
		return document.getElementById("whole-text").innerText;
	})()`); text != "Computing …" {
		t.Errorf("asked for all weights, the page says %q", text)
	}
	b.wait(`document.getElementById("whole-text").innerText.includes("79,520 losses")`)
	text, unit := b.text("whole-text"), eval[string](b, `document.getElementById("column").value`)
	t.Log(text)
	if !strings.HasPrefix(text, "With h = 1e-4, all 39,760 weights") {
		t.Errorf("of all weights, the page says %q", text)
	}
	for id, want := range map[string]string{"unit-label": "weights of hidden unit " + unit, "gradient-label": "the gradient of hidden unit " + unit + "’s weights"} {
		if got := b.text(id); !strings.HasPrefix(got, want) {
			t.Errorf("the picture of unit %s is called %q", unit, got)
		}
	}
	b.focus("h")
	b.key("ArrowLeft", 0, 1)
	b.wait(`document.getElementById("whole").hidden`)
	b.key("ArrowRight", 0, 1)
}

// checkChoice chooses a weight by numbers, one of them no index, and one of b2,
// which is no hidden unit's.
func checkChoice(t *testing.T, b *browser) {
	t.Helper()
	set := func(id, value string) {
		eval[bool](b, fmt.Sprintf(`(() => {
			const element = document.getElementById(%q);
			element.value = %q;
			return element.dispatchEvent(new Event("change"));
		})()`, id, value))
	}
	value := func(id string) string { return eval[string](b, fmt.Sprintf("document.getElementById(%q).value", id)) }
	set("row", "3.5")
	set("column", "7")
	if row, status := value("row"), b.text("status"); row != "4" || status != "" {
		t.Errorf("of 3.5, the page makes input %s and says %q", row, status)
	}
	b.focus("unit")
	b.key("ArrowRight", 0, 1)
	b.key("ArrowDown", 0, 2)
	if row := value("row"); row != "61" {
		t.Errorf("with the arrow keys, the page comes from input 4 to %s, want 61", row)
	}
	const pictured = `!document.getElementById("unit").closest("figure").hidden`
	set("array", "b2")
	if eval[bool](b, pictured) {
		t.Error("a weight of b2 is shown with a hidden unit")
	}
	b.click("ink")
	if array, unit := value("array"), value("column"); array != "W1" || unit != "7" || !eval[bool](b, pictured) {
		t.Errorf("from b2, a click into the image leads to %s of unit %s, want the one before, 7", array, unit)
	}
}

func near(a, b, relative float64) bool { return math.Abs(a-b) <= relative*math.Abs(b) }

// checkTrain trains until 1,500 steps are behind it, and saves.
func checkTrain(t *testing.T, b *browser) {
	const steps = `+document.getElementById("iteration").innerText.split(" ")[0].replace(",", "")`
	b.click("start")
	b.wait(steps + ` > 0`)
	if net, back := b.text("net"), eval[bool](b, `!document.getElementById("ship").hidden`); !strings.HasPrefix(net, "The net is yours, after ") || strings.Contains(net, " 0 ") || !back {
		t.Errorf("while it trains, the page says %q; the way back is offered: %v", net, back)
	}
	if live := eval[string](b, `document.getElementById("answer").ariaLive`); live != "off" {
		t.Errorf("while it trains, the answer is told a screen reader: %s", live)
	}
	checkFollows(t, b)
	b.call("Page.setWebLifecycleState", map[string]any{"state": "frozen"}, nil)
	b.call("Page.setWebLifecycleState", map[string]any{"state": "active"}, nil)
	b.wait(`document.getElementById("status").innerText.startsWith("The tab was asleep")`)
	quickest := math.Inf(1) // of the times shown, each the mean of the steps of 80 ms
	for eval[float64](b, steps) < 1500 {
		quickest = min(quickest, b.number("milliseconds"))
		time.Sleep(20 * time.Millisecond)
	}
	b.click("start")
	b.wait(`!document.getElementById("save").disabled`)
	b.wait(`document.getElementById("status").innerText.startsWith("After 1,500 steps, the test accuracy was ")`)
	iteration := int(eval[float64](b, steps))
	accuracy := b.number("accuracy")
	t.Logf("a gradient of 100 images: %v ms when the machine was least busy, %s at the end", quickest, b.text("milliseconds"))
	t.Logf("after %d steps: test accuracy %v %%; %s losses, one by one %s", iteration, accuracy, b.text("evaluated"), b.text("textbook"))
	if accuracy < 85 {
		t.Errorf("test accuracy %v %% after %d steps, want 85 %% or more", accuracy, iteration)
	}
	b.click("one")
	b.wait(fmt.Sprintf(`%s === %d`, steps, iteration+1))

	path := download(t, b)
	model, err := models.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	checkSaved(t, model, iteration+1)
	checkPredict(t, path)
}

// checkFollows looks at the numbers of the weight while the net learns: they are
// of one net, and of another one later.
func checkFollows(t *testing.T, b *browser) {
	t.Helper()
	before := b.text("loss")
	b.wait(fmt.Sprintf(`document.getElementById("loss").innerText !== %q`, before))
	// The end of the secant is L(w + h) - L(w), and so is a point of the curve.
	ends := eval[[]float64](b, `(() => {
		const points = document.querySelector("#curve .line").getAttribute("points").split(" ").map(p => +p.split(",")[1]);
		return [points[60], ...[...document.querySelectorAll("#curve .end")].map(e => +e.getAttribute("cy"))];
	})()`)
	if len(ends) != 3 || math.Abs(ends[0]-ends[2]) > 0.1 {
		t.Errorf("the curve is at %v where the point is at %v", ends[0], ends[1:])
	}
}

// checkSaved compares a file of the page with the training by cmd/train's
// settings here. Exp and Log of two platforms may differ in the last place.
func checkSaved(t *testing.T, saved *models.Model, steps int) {
	t.Helper()
	images, test, err := dataset.Load("")
	if err != nil {
		t.Fatal(err)
	}
	want := train.New(train.Book(), images, test, 0)
	for range steps {
		if _, err := want.Step(); err != nil {
			t.Fatal(err)
		}
	}
	largest := floats.Distance(saved.Vector, want.Net.Vector, math.Inf(1))
	t.Logf("the weights of the file differ from those of cmd/train by up to %.1g", largest)
	if !(largest < 1e-12) {
		t.Errorf("they differ by %g, want less than 1e-12", largest)
	}
	if resumed, err := train.Resume(saved, images, test, 0); err != nil || resumed.Iteration != steps {
		t.Errorf("a training of %d steps is not gone on with: %v", steps, err)
	}
}

// checkStartOver gives the training up, and goes back to the net that ships.
func checkStartOver(t *testing.T, b *browser) {
	press := func(id string) {
		b.focus(id)
		eval[bool](b, fmt.Sprintf("document.getElementById(%q).click() || true", id))
	}
	focused := func(after string) {
		t.Helper()
		if id := eval[string](b, `document.activeElement.id`); id != "start" {
			t.Errorf("after %q, the focus is at %q, want the start of a training", after, id)
		}
	}
	press("over")
	b.wait(`document.getElementById("iteration").innerText === "0" && document.getElementById("net").innerText.includes("after 0 steps")`)
	focused("Start over")
	press("ship")
	b.wait(`document.getElementById("net").innerText.includes("the one that ships")`)
	focused("Back to the net that ships")
	b.click("clear")
	b.drag("paper", [2]float64{10, -90}, [2]float64{5, 0}, [2]float64{-5, 90})
	b.wait(`document.getElementById("answer").innerText.startsWith("1, 9")`)
}

// checkUnits begins with many hidden units, of which the first are shown, chooses
// a weight of one that is not, and begins with fewer.
func checkUnits(t *testing.T, b *browser) {
	t.Helper()
	begin := func(units int) {
		t.Helper()
		eval[string](b, fmt.Sprintf(`document.getElementById("hidden").value = "%d"`, units))
		b.click("one")
		b.wait(fmt.Sprintf(`pictures.units === %d && document.getElementById("net").innerText.includes("after 1 step.")`, units))
	}
	begin(120)
	b.wait(`document.getElementById("units-label").innerText.startsWith("The weights into each hidden unit, the first 100 of 120")`)
	if high := eval[int](b, `document.getElementById("units").height`); high != 300 {
		t.Errorf("the pictures of 120 hidden units are %d pixels high, want 300 for 100", high)
	}
	b.click("units")
	eval[bool](b, `(() => {
		const column = document.getElementById("column");
		column.value = 119;
		return column.dispatchEvent(new Event("change"));
	})()`)
	b.wait(`document.getElementById("unit-label").innerText === "weights of hidden unit 119"`)
	b.click("over")
	b.wait(`document.getElementById("iteration").innerText === "0"`)
	eval[string](b, `document.getElementById("hidden").value = "5"`)
	b.click("start")
	b.wait(`accuracies.length > 0`)
	if status := b.text("status"); status != "" {
		t.Errorf("from 120 units to 5, the page says %q while it trains", status)
	}
	b.click("start")
	b.wait(`!document.getElementById("save").disabled && document.getElementById("status").innerText !== ""`)
	if status, label := b.text("status"), b.text("unit-label"); !strings.HasPrefix(status, "After ") || label != "weights of hidden unit 4" {
		t.Errorf("from 120 units to 5, the page says %q and shows the %s", status, label)
	}
}

// checkFailure asks for what cannot be computed: no number of what could stays.
func checkFailure(t *testing.T, b *browser) {
	t.Helper()
	eval[bool](b, `(weight.array = "W9") && (refreshNudge(), true)`)
	b.wait(`document.getElementById("status").innerText === 'This could not be computed: the net has no weights named "W9".'`)
	if numbers := eval[string](b, `document.getElementById("value").innerText + document.getElementById("numerical").innerText + document.getElementById("curve").innerHTML`); numbers != "" {
		t.Errorf("after a failure, the page shows %q", numbers)
	}
	eval[bool](b, `(unit = 99) && (document.getElementById("all").click(), true)`)
	b.wait(`document.getElementById("whole").hidden && document.getElementById("status").innerText === "This could not be computed: the net has hidden units 0…4, not 99."`)
}

// download saves the training and returns the file's path.
func download(t *testing.T, b *browser) string {
	t.Helper()
	dir := t.TempDir()
	b.call("Page.setDownloadBehavior", map[string]any{"behavior": "allow", "downloadPath": dir}, nil)
	b.click("save")
	path := filepath.Join(dir, "mnist.npz")
	for start := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		if _, err := models.Load(path); err == nil {
			return path
		} else if time.Since(start) > patience {
			t.Fatalf("nothing is saved: %v", err)
		}
	}
}

// checkPredict has cmd/predict read the weights, and a test image with them.
func checkPredict(t *testing.T, weights string) {
	t.Helper()
	_, test, err := dataset.Load("")
	if err != nil {
		t.Fatal(err)
	}
	var picture bytes.Buffer
	if err := png.Encode(&picture, &image.Gray{Pix: test.Images[0], Stride: 28, Rect: image.Rect(0, 0, 28, 28)}); err != nil {
		t.Fatal(err)
	}
	predict := exec.Command("go", "run", "numgrad/cmd/predict", "-quiet", "-weights", weights, "-")
	predict.Stdin = &picture
	answer, err := predict.CombinedOutput()
	if err != nil || !regexp.MustCompile(`\b7\b`).Match(answer) {
		t.Errorf("predict answers %q, %v, want a 7", answer, err)
	}
}

// checkLooks shows the page in all widths, colours and languages: nothing is
// wider than the window, and whatever can be used has a name.
func checkLooks(t *testing.T, b *browser) {
	b.click("clear")
	b.drag("paper", [][2]float64{{-60, -80}, {0, -80}, {60, -80}, {30, -10}, {0, 40}, {-20, 90}}...)
	b.click("all")
	b.wait(`document.getElementById("whole-text").innerText.includes("79,520 losses")`)
	dir := os.Getenv("NUMGRAD_SCREENSHOTS")
	for _, width := range []int{400, 1400} {
		for _, dark := range []bool{true, false} {
			for _, lang := range []string{"ja", "en"} {
				b.window(width, 1000, dark)
				name := fmt.Sprintf("%d-%s-%v.png", width, lang, map[bool]string{false: "light", true: "dark"}[dark])
				if eval[string](b, `document.documentElement.lang`) != lang {
					b.click("language")
				}
				b.wait(fmt.Sprintf(`document.documentElement.lang === %q && matchMedia("(prefers-color-scheme: dark)").matches === %v`, lang, dark))
				if wide := eval[int](b, `document.documentElement.scrollWidth`); wide > width {
					t.Errorf("%s: the page is %d wide", name, wide)
				}
				japanese := regexp.MustCompile(`\p{Hiragana}`).MatchString(b.text("nudge"))
				if japanese != (lang == "ja") || strings.Contains(b.text("nudge"), "secant") == japanese {
					t.Errorf("%s: the page says %q", name, b.text("nudge"))
				}
				checkNames(t, b, name)
				if dir != "" {
					b.screenshot(filepath.Join(dir, name), 0)
				}
			}
		}
	}
	if out := os.Getenv("NUMGRAD_SCREENSHOT"); out != "" {
		if !filepath.IsAbs(out) {
			out = filepath.Join("../..", out)
		}
		b.screenshot(out, 0)
	}
}

// checkNames looks for something that a screen reader could not name, or that
// has another name than it should.
func checkNames(t *testing.T, b *browser, page string) {
	t.Helper()
	var tree struct {
		Nodes []struct {
			Ignored    bool
			Role, Name struct{ Value string }
			Properties []struct {
				Name  string
				Value struct{ Value json.RawMessage }
			}
		}
	}
	b.call("Accessibility.getFullAXTree", nil, &tree)
	named, all := 0, ""
	for _, n := range tree.Nodes {
		focusable := false
		for _, p := range n.Properties {
			focusable = focusable || p.Name == "focusable" && string(p.Value.Value) == "true"
		}
		role, name := n.Role.Value, strings.TrimSpace(n.Name.Value)
		all += role + " " + name + "\n"
		if n.Ignored || !focusable && role != "image" && role != "meter" || role == "RootWebArea" {
			continue
		}
		if name == "" {
			t.Errorf("%s: a %s has no name", page, role)
		}
		named++
	}
	for _, want := range map[bool][]string{
		false: {"application Drawing area", "group Weight", "slider weights of hidden unit 7", "image the mean of the batch, 100 images",
			"image The weights into each hidden unit, blue is negative, red positive"},
		true: {"application 書く場所", "group 重み", "slider 隠れユニット 7 の重み", "image バッチ 100 枚の平均", "image 各隠れユニットへの重み。青は負、赤は正"},
	}[strings.Contains(page, "-ja-")] {
		if !strings.Contains(all, want+"\n") {
			t.Errorf("%s: there is no %q", page, want)
		}
	}
	if named < 30 {
		t.Errorf("%s: %d things with names, want 30 or more", page, named)
	}
}

// What cannot work is told in one line.
func TestFaultsInChromium(t *testing.T) {
	for _, test := range []struct {
		name, want string
		missing    []string
		script     string
	}{
		{"training images", "A file did not arrive (train-labels.gz: 404): reload the page.", []string{"train-labels.gz"}, ""},
		{"program", "A file did not arrive (play.wasm.gz: 404): reload the page.", []string{"play.wasm.gz"}, ""},
		{"images", "A file did not arrive (test-images.gz: 404): reload the page.", []string{"test-images.gz"}, ""},
		{"Japanese", "ファイルを読み込めませんでした（test-images.gz: 404）。ページを再読み込みしてください。", []string{"test-images.gz"},
			`Object.defineProperty(navigator, "language", { value: "ja-JP" })`},
		{"WebAssembly", "This browser lacks WebAssembly: open the page in a newer one.", nil, "delete globalThis.WebAssembly"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := openPage(t, test.missing, test.script)
			b.wait(fmt.Sprintf(`document.getElementById("status").innerText === %q`, test.want))
			if !eval[bool](b, `["start", "one", "all"].every(id => document.getElementById(id).disabled)`) {
				t.Error("a training can be started")
			}
		})
	}
}

// A program that fails is told as well. No request of the page makes it fail,
// but for one that the page does not send.
func TestEndInChromium(t *testing.T) {
	b := openPage(t, nil)
	b.wait(`document.getElementById("answer").innerText !== ""`)
	const elsewhere = `ask("loadTest", {}, "https://127.0.0.1/images", "test-labels.gz").catch(error => error.message)`
	if got := eval[string](b, elsewhere); got != "A file did not arrive (https://127.0.0.1/images): reload the page." {
		t.Errorf("of a file that the browser does not fetch, the page says %q", got)
	}
	eval[bool](b, `ask("draw", { width: 280 }, 5) !== null`)
	b.wait(`document.getElementById("status").innerText === "The computation has ended unexpectedly: reload the page."`)
}
