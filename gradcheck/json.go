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
		Loss     nullable    `json:"loss"`
		Params   []paramJSON `json:"params"`
	}{r.Err() == nil, r.headline(), text(r.Fault), nullable(r.Loss), params})
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
	MeanDiff        nullable      `json:"meanDiff"`
	MaxDiff         nullable      `json:"maxDiff"`
	MaxRel          nullable      `json:"maxRel"`
	Visible         nullable      `json:"visible"`
	Directions      int           `json:"directions"`
	DirectionsWrong int           `json:"directionsWrong"`
	Blind           nullable      `json:"blind"`
	Hint            string        `json:"hint"`
	Worst           []elementJSON `json:"worst"`
}

type elementJSON struct {
	Name       string   `json:"name"`
	Index      int      `json:"index"`
	Backprop   nullable `json:"backprop"`
	Difference nullable `json:"difference"`
	Bar        nullable `json:"bar"`
	Truncation nullable `json:"truncation"`
	Roundoff   nullable `json:"roundoff"`
	Rounded    nullable `json:"rounded"`
	Kink       nullable `json:"kink"`
	Step       nullable `json:"step"`
}

func (p *ParamReport) json() paramJSON {
	j := paramJSON{
		Name: p.Name, Shape: p.Shape, Verdict: p.Verdict(), Size: p.Size, Checked: len(p.Elements),
		Agree: p.Agree, Wrong: p.Wrong, CannotTell: p.CannotTell,
		MeanDiff: nullable(p.MeanOff), MaxDiff: nullable(p.MaxOff), MaxRel: nullable(p.MaxRelative), Visible: nullable(p.Visible),
		Directions: p.Directions, DirectionsWrong: p.DirectionsWrong, Blind: nullable(p.Blind),
		Hint: p.Hint, Worst: []elementJSON{},
	}
	for _, e := range p.Worst(worst) {
		j.Worst = append(j.Worst, elementJSON{
			Name: p.ElementName(e), Index: e.Index,
			Backprop: nullable(e.Backprop), Difference: nullable(e.Difference), Bar: nullable(e.Bar),
			Truncation: nullable(e.Truncation), Roundoff: nullable(e.Roundoff), Rounded: nullable(e.Rounded),
			Kink: nullable(e.Kink), Step: nullable(e.Step),
		})
	}
	return j
}

// nullable is a number that is null in JSON if it is not finite.
type nullable float64

// MarshalJSON has a value receiver, for fields that are no pointers.
func (n nullable) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(n - n)) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}
