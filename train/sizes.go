package train

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Sizes are the numbers of units of the hidden layers, from the first to the
// last.
type Sizes []int

// String returns the sizes as a flag has them, such as 100,50.
func (s Sizes) String() string {
	words := make([]string, len(s))
	for i, n := range s {
		words[i] = strconv.Itoa(n)
	}
	return strings.Join(words, ",")
}

// brief returns the sizes for a message, which does not list many.
func (s Sizes) brief() string {
	const most = 10
	switch n := len(s); {
	case n == 0:
		return "without a layer"
	case n > most:
		return fmt.Sprintf("%v,… of %d layers", s[:most], n)
	}
	return s.String()
}

// Set reads what String returns.
func (s *Sizes) Set(text string) error {
	var sizes Sizes
	for word := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil {
			return fmt.Errorf("want the units of each hidden layer, such as 50, or 100,100")
		}
		sizes = append(sizes, n)
	}
	*s = sizes
	return nil
}

// UnmarshalJSON reads a list, or the number that stands for a list of one.
func (s *Sizes) UnmarshalJSON(text []byte) error {
	var one int
	if json.Unmarshal(text, &one) == nil {
		*s = Sizes{one}
		return nil
	}
	return json.Unmarshal(text, (*[]int)(s))
}
