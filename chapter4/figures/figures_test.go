package figures

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"numgrad/chapter4"
	"numgrad/chapter4/numbers"
)

const committed = "../../docs/chapter4"

// The figures in docs are those that the command makes, byte for byte.
func TestFigures(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("the figures were drawn on amd64; a fused multiply-add moves some of their pixels")
	}
	numerical, backprop, err := numbers.Saved()
	if err != nil {
		t.Fatal(err)
	}
	all := All(numerical, backprop)
	for _, f := range all {
		want, err := os.ReadFile(filepath.Join(committed, f.Name+".png"))
		if err != nil {
			t.Error(err)
			continue
		}
		if len(want) > 100_000 {
			t.Errorf("figure %s has %d bytes, want at most 100,000", f.Name, len(want))
		}
		var got bytes.Buffer
		if err := f.Draw().PNG(&got); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), want) {
			t.Errorf("figure %s in %s is not what is drawn now: run make figures", f.Name, committed)
		}
	}
	files, err := filepath.Glob(filepath.Join(committed, "*"))
	if err != nil || len(files) != len(all) {
		t.Errorf("%s has %d files, want %d figures (%v)", committed, len(files), len(all), err)
	}
}

// Trainings of different lengths are compared as far as both go, and the
// figure's description says so.
func TestLogsOfDifferentLengths(t *testing.T) {
	numerical, backprop, err := numbers.Saved()
	if err != nil {
		t.Fatal(err)
	}
	for _, epochs := range []int{0, 1, 12} {
		short := backprop
		short.Log = short.Log[:epochs]
		for _, runs := range [][2]chapter4.Run{{numerical, short}, {short, numerical}, {short, short}} {
			all := All(runs[0], runs[1])
			f := all[len(all)-1]
			if says := strings.Contains(f.Shows, fmt.Sprintf("the first %d epochs", epochs)); says == (len(runs[0].Log) == len(runs[1].Log)) {
				t.Errorf("%d and %d epochs: the figure shows %q", len(runs[0].Log), len(runs[1].Log), f.Shows)
			}
			var svg bytes.Buffer
			if err := f.Draw().SVG(&svg); err != nil || strings.Contains(svg.String(), "NaN") {
				t.Errorf("%d and %d epochs: drawn with error %v:\n%s", len(runs[0].Log), len(runs[1].Log), err, svg.String())
			}
		}
	}
}

func TestSVG(t *testing.T) {
	numerical, backprop, err := numbers.Saved()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range All(numerical, backprop) {
		var first, second bytes.Buffer
		if err := f.Draw().SVG(&first); err != nil {
			t.Fatal(err)
		}
		if err := f.Draw().SVG(&second); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("figure %s, drawn again, has other bytes", f.Name)
		}
		if s := first.String(); strings.Contains(s, "NaN") || strings.Contains(s, "Inf") {
			t.Errorf("figure %s has coordinates that are no numbers", f.Name)
		}
	}
}
