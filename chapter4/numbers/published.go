package numbers

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
)

// publishedJSON is what the book's published code gives, with all digits.
//
//go:embed published.json
var publishedJSON []byte

// published returns the numbers of a row of publishedJSON, by its name.
func published(what string) []float64 {
	var file struct {
		Rows []struct {
			What  string
			Value any
		}
	}
	if err := json.Unmarshal(publishedJSON, &file); err != nil {
		panic("numbers: published.json: " + err.Error())
	}
	for _, row := range file.Rows {
		if row.What == what {
			return flatten(row.Value)
		}
	}
	panic(fmt.Sprintf("numbers: published.json has no row %q", what))
}

// flatten returns the numbers of a JSON value of nested arrays, in their order.
func flatten(value any) []float64 {
	switch v := value.(type) {
	case float64:
		return []float64{v}
	case []any:
		var all []float64
		for _, element := range v {
			all = slices.Concat(all, flatten(element))
		}
		return all
	}
	panic(fmt.Sprintf("numbers: published.json: %v is not a number or an array", value))
}
