package digit_test

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"log"

	"numgrad/internal/digit"
)

// A stroke of a pen becomes 20 pixels high, with its centre of mass in the
// middle of 28×28 pixels.
func ExampleNormalize() {
	picture := image.NewGray(image.Rect(0, 0, 200, 150))
	draw.Draw(picture, picture.Rect, image.White, image.Point{}, draw.Src)
	stroke := image.Rect(150, 30, 160, 80)
	draw.Draw(picture, stroke, image.NewUniform(color.Gray{Y: 40}), image.Point{}, draw.Src)

	mnist, err := digit.Normalize(picture)
	if err != nil {
		log.Fatal(err)
	}
	for y := 2; y < 6; y++ {
		fmt.Println(mnist.Pix[y*mnist.Stride:][10:18])
	}
	// Output:
	// [0 0 0 0 0 0 0 0]
	// [0 0 0 0 0 0 0 0]
	// [0 0 255 255 255 255 0 0]
	// [0 0 255 255 255 255 0 0]
}
