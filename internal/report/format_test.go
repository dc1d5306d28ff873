package report

import (
	"math"
	"testing"
)

func TestFormats(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{thousands("10000"), "10,000"},
		{thousands("0.5"), "0.5"},
		{percent(0.12345, 2), "12.35 %"},
		{percent(1, 1), "100.0 %"},
		{percent(0, 1), "0.0 %"},
		{percent(0.9996, 1), ">99.9 %"},
		{percent(0.9994, 1), "99.9 %"},
		{percent(0.0004, 1), "<0.1 %"},
		{percent(0.0006, 1), "0.1 %"},
		{percent(0.99999, 2), ">99.99 %"},
		{rate(0.5), "50.0"},
		{rate(1e-9), "<0.1"},
		{rate(math.NaN()), "–"},
		{scientific(0), "0"},
		{scientific(1.25e-12), "1.2×10⁻¹²"},
		{scientific(-34567), "−3.5×10⁴"},
		{seconds(20.66), "20.7 s"},
		{seconds(3661.4), "1h1m1s"},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
}
