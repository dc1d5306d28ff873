package train

import (
	"encoding/json"
	"fmt"
	"strconv"

	"numgrad/nn"
)

// Std is the standard deviation of the initial weights: the same number for
// every layer, or a rule by the layer's number of inputs.
type Std struct {
	Rule  string  // He or Xavier; empty if Value holds for every layer
	Value float64 // used without a Rule
}

// The rules for the initial weights.
const (
	He     = "he"     // [nn.He]
	Xavier = "xavier" // [nn.Xavier]
)

// of returns the standard deviation for a layer.
func (s Std) of(inputs int) float64 {
	switch s.Rule {
	case He:
		return nn.He(inputs)
	case Xavier:
		return nn.Xavier(inputs)
	}
	return s.Value
}

func (s Std) valid() bool {
	return s.Rule == He || s.Rule == Xavier || s.Rule == "" && s.Value >= 0 && s.Value <= 1e100
}

// String returns the rule or the number.
func (s Std) String() string {
	if s.Rule != "" {
		return s.Rule
	}
	return strconv.FormatFloat(s.Value, 'g', -1, 64)
}

// Set reads what String returns.
func (s *Std) Set(text string) error {
	if text == He || text == Xavier {
		*s = Std{Rule: text}
		return nil
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return fmt.Errorf("want a number, %s or %s", He, Xavier)
	}
	*s = Std{Value: value}
	return nil
}

// MarshalJSON writes the rule as a string, or the number.
func (s Std) MarshalJSON() ([]byte, error) {
	if s.Rule != "" {
		return json.Marshal(s.Rule)
	}
	return json.Marshal(s.Value)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (s *Std) UnmarshalJSON(text []byte) error {
	*s = Std{}
	if text[0] == '"' {
		return json.Unmarshal(text, &s.Rule)
	}
	return json.Unmarshal(text, &s.Value)
}
