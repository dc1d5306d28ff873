package number_test

import (
	"fmt"
	"math"

	"numgrad/internal/number"
)

func ExampleCommas() {
	for _, n := range []int{0, 7, 999, 1000, 39760, 811104000, -999, -1000, math.MinInt64} {
		fmt.Println(number.Commas(n))
	}
	// Output:
	// 0
	// 7
	// 999
	// 1,000
	// 39,760
	// 811,104,000
	// -999
	// -1,000
	// -9,223,372,036,854,775,808
}
