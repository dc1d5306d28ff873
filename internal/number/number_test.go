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

func ExampleShape() {
	fmt.Println(number.Shape([]int{784, 50}), number.Shape([]int{-1, 3}), number.Shape(nil))
	// Output: [784×50] [any×3] []
}

func ExampleIndex() {
	fmt.Println(number.Index(312*50+7, []int{784, 50}), number.Index(23, []int{2, 3, 4}), number.Index(0, nil))
	// Output: [312,7] [1,2,3] []
}

func ExampleCount() {
	fmt.Println(number.Count(1, "epoch"), "of", number.Count(1000, "step"))
	// Output: 1 epoch of 1,000 steps
}
