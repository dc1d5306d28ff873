package play

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"numgrad/internal/digit"
)

// request is what the page asks, in JSON. Each call reads the fields that it
// needs.
type request struct {
	Call string `json:"call"`
	Weight
	H            float64 `json:"h"`
	S            float64 `json:"s"`
	Index        int     `json:"index"`
	Width        int     `json:"width"`
	Hidden       int     `json:"hidden"`
	LearningRate float64 `json:"lr"`
	Steps        int     `json:"steps"`
	Milliseconds float64 `json:"milliseconds"`
}

// calls are the methods that the page may ask for, by name. Data are the bytes
// that come beside the JSON.
var calls = map[string]struct {
	data int // how many pieces of data it takes
	do   func(s *Session, r request, data [][]byte) (any, error)
}{
	"loadTrain": {2, func(s *Session, _ request, data [][]byte) (any, error) { return nil, s.LoadTrain(data[0], data[1]) }},
	"loadTest":  {2, func(s *Session, _ request, data [][]byte) (any, error) { return nil, s.LoadTest(data[0], data[1]) }},
	"draw":      {1, func(s *Session, r request, data [][]byte) (any, error) { return s.drawing(data[0], r.Width) }},
	"test":      {0, func(s *Session, r request, _ [][]byte) (any, error) { return s.Test(r.Index) }},
	"ship":      {0, func(s *Session, _ request, _ [][]byte) (any, error) { s.Ship(); return nil, nil }},
	"pictures":  {0, func(s *Session, r request, _ [][]byte) (any, error) { return s.Pictures(r.Column), nil }},
	"steepest":  {0, func(s *Session, _ request, _ [][]byte) (any, error) { return s.Steepest() }},
	"nudge":     {0, func(s *Session, r request, _ [][]byte) (any, error) { return s.Nudge(r.Weight, r.H, r.S) }},
	"all":       {0, func(s *Session, r request, _ [][]byte) (any, error) { return s.All(r.H, r.Column) }},
	"begin": {0, func(s *Session, r request, _ [][]byte) (any, error) {
		return nil, s.Begin(r.Hidden, r.LearningRate, r.H)
	}},
	"train": {0, func(s *Session, r request, _ [][]byte) (any, error) { return s.Train(r.Steps, r.Milliseconds) }},
	"save":  {0, func(s *Session, _ request, _ [][]byte) (any, error) { return s.Save() }},
}

// Call answers a request of the page: a JSON object that names a method, in
// "call", and its arguments, with the data that the method takes. The answer
// is {"reply": …} or {"error": "one line"}; bytes in it are in base64.
func (s *Session) Call(text string, data ...[]byte) string {
	reply, err := s.call(text, data)
	var answer struct {
		Reply any    `json:"reply,omitempty"`
		Error string `json:"error,omitempty"`
	}
	if err != nil {
		answer.Error = err.Error()
	} else {
		answer.Reply = reply
	}
	encoded, err := json.Marshal(answer)
	if err != nil { // a number that is infinite or none
		encoded, _ = json.Marshal(map[string]string{"error": fmt.Sprintf("the weights are too large: %v", err)})
	}
	return string(encoded)
}

// troubles are the words for drawings that show no digit, or not yet.
var troubles = map[error]string{
	digit.ErrNoInk:   "empty",
	digit.ErrFilled:  "filled",
	digit.ErrSeveral: "several",
	digit.ErrFrame:   "frame",
}

// drawing is Draw, with {"trouble": word} for a drawing that shows no digit.
func (s *Session) drawing(pixels []byte, width int) (any, error) {
	answer, err := s.Draw(pixels, width)
	if trouble, ok := troubles[err]; ok {
		return map[string]string{"trouble": trouble}, nil
	}
	return answer, err
}

func (s *Session) call(text string, data [][]byte) (any, error) {
	var r request
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return nil, fmt.Errorf("a request that cannot be read: %w", err)
	}
	c, ok := calls[r.Call]
	if !ok {
		return nil, fmt.Errorf("a request to %q, want one of %s", r.Call, strings.Join(slices.Sorted(maps.Keys(calls)), ", "))
	}
	if len(data) != c.data {
		return nil, fmt.Errorf("a request to %s with %d pieces of data, want %d", r.Call, len(data), c.data)
	}
	return c.do(s, r, data)
}
