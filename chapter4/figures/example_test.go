package figures_test

import (
	"fmt"

	"numgrad/chapter4"
	"numgrad/chapter4/figures"
)

// A section has its figures under the book's numbers.
func ExampleAll() {
	for _, f := range figures.All(chapter4.Run{}, chapter4.Run{}) {
		if f.Section == "4.3.2" {
			fmt.Println(f.Name, f.Shows)
		}
	}
	// Output:
	// 4-6 f(x) = 0.01x² + 0.1x
	// 4-7 its tangents at x = 5 and x = 10
}
