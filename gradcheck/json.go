package gradcheck

import (
	"encoding/json"
	"math"
)

// MarshalJSON writes what [Report.String] says for machines: the verdicts, and
// of each parameter the counts, the measures and the worst elements. What is
// not finite is null.
func (r *Report) MarshalJSON() ([]byte, error) {
	text := func(err error) *string {
		if err == nil {
			return nil
		}
		s := err.Error()
		return &s
	}
	params := []paramJSON{}
	if r.Fault == nil {
		for p := range r.Params {
			params = append(params, r.Params[p].json())
		}
	}
	return json.Marshal(struct {
		Agrees   bool        `json:"agrees"`
		Headline string      `json:"headline"`
		Fault    *string     `json:"fault"`
		Loss     number      `json:"loss"`
		Params   []paramJSON `json:"params"`
	}{r.Err() == nil, r.headline(), text(r.Fault), number(r.Loss), params})
}

type paramJSON struct {
	Name            string        `json:"name"`
	Shape           []int         `json:"shape"`
	Verdict         Verdict       `json:"verdict"`
	Size            int           `json:"size"`
	Checked         int           `json:"checked"`
	Agree           int           `json:"agree"`
	Wrong           int           `json:"wrong"`
	CannotTell      int           `json:"cannotTell"`
	MeanDiff        number        `json:"meanDiff"`
	MaxDiff         number        `json:"maxDiff"`
	MaxRel          number        `json:"maxRel"`
	Visible         number        `json:"visible"`
	Directions      int           `json:"directions"`
	DirectionsWrong int           `json:"directionsWrong"`
	Blind           number        `json:"blind"`
	Hint            string        `json:"hint"`
	Worst           []elementJSON `json:"worst"`
}

type elementJSON struct {
	Name       string `json:"name"`
	Index      int    `json:"index"`
	Backprop   number `json:"backprop"`
	Difference number `json:"difference"`
	Bar        number `json:"bar"`
	Truncation number `json:"truncation"`
	Roundoff   number `json:"roundoff"`
	Rounded    number `json:"rounded"`
	Kink       number `json:"kink"`
	Step       number `json:"step"`
}

func (p *ParamReport) json() paramJSON {
	j := paramJSON{
		Name: p.Name, Shape: p.Shape, Verdict: p.Verdict(), Size: p.Size, Checked: len(p.Elements),
		Agree: p.Agree, Wrong: p.Wrong, CannotTell: p.CannotTell,
		MeanDiff: number(p.MeanOff), MaxDiff: number(p.MaxOff), MaxRel: number(p.MaxRelative), Visible: number(p.Visible),
		Directions: p.Directions, DirectionsWrong: p.DirectionsWrong, Blind: number(p.Blind),
		Hint: p.Hint, Worst: []elementJSON{},
	}
	for _, e := range p.Worst(worst) {
		j.Worst = append(j.Worst, elementJSON{
			Name: p.ElementName(e), Index: e.Index,
			Backprop: number(e.Backprop), Difference: number(e.Difference), Bar: number(e.Bar),
			Truncation: number(e.Truncation), Roundoff: number(e.Roundoff), Rounded: number(e.Rounded),
			Kink: number(e.Kink), Step: number(e.Step),
		})
	}
	return j
}

// number is null in JSON if it is not finite.
type number float64

// MarshalJSON has a value receiver, for fields that are no pointers.
func (n number) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(n - n)) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}
