package report

import (
	"strings"
	"testing"
)

// Where there are no gradients, a sentence says why.
func TestGradientsLeftOut(t *testing.T) {
	for want, g := range map[string]*gradients{
		"is left out: for a net of this size": nil,
		"of the first training image, at":     {Images: 1},
		"of the first 10 training images, at": {Images: 10},
	} {
		var section strings.Builder
		if err := pageTemplate.ExecuteTemplate(&section, "gradients", g); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(section.String(), want) || strings.Contains(section.String(), "<table") != (g != nil) {
			t.Errorf("it says %s\nwant %q", section.String(), want)
		}
	}
}
