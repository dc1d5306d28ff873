package digit

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"gonum.org/v1/gonum/mat"

	"numgrad/dataset"
)

// A filled rectangle has a box, a size and a centre of mass that need no
// program to be known. Normalize would not take it for a digit.
func TestNormalizeRectangle(t *testing.T) {
	tests := []struct {
		name string
		ink  image.Rectangle // in a picture of 100×100
		want image.Rectangle // in MNIST's 28×28
	}{
		{"square", image.Rect(30, 30, 70, 70), image.Rect(4, 4, 24, 24)},
		{"tall", image.Rect(30, 10, 50, 90), image.Rect(12, 4, 17, 24)},
		{"wide", image.Rect(5, 60, 85, 68), image.Rect(4, 13, 24, 15)},
		{"hair", image.Rect(50, 10, 51, 90), image.Rect(14, 4, 15, 24)},
		{"dot", image.Rect(98, 1, 99, 2), image.Rect(4, 4, 24, 24)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			img := paint(100, 100, color.White)
			draw.Draw(img, test.ink, image.Black, image.Point{}, draw.Src)
			ink, err := findInk(luminance(img), exactTraces)
			if err != nil {
				t.Fatal(err)
			}
			got := center(fit(ink))
			for y := range Size {
				for x := range Size {
					want := uint8(0)
					if image.Pt(x, y).In(test.want) {
						want = 255
					}
					if v := got.GrayAt(x, y).Y; v != want {
						t.Fatalf("pixel (%d, %d) = %d, want %d", x, y, v, want)
					}
				}
			}
		})
	}
}

// What is magnified, moved and inverted comes back as it was: MNIST's images
// are in their form already.
func TestNormalizeMNIST(t *testing.T) {
	_, test := mnist(t)
	const (
		images = 100
		few    = 8 // grey levels
		n      = 10
	)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range images {
		left, top := rng.IntN(60), rng.IntN(60)
		img := image.NewGray(image.Rect(0, 0, n*Size+left, n*Size+top))
		line := bytes.Repeat([]byte{255}, img.Stride)
		for y := range img.Rect.Dy() {
			if y >= top {
				for x := range n * Size {
					line[left+x] = 255 - test.Images[i][(y-top)/n*Size+x/n]
				}
			}
			copy(img.Pix[y*img.Stride:], line)
		}
		got := normalized(t, img)
		for p, want := range test.Images[i] {
			if d := int(got.Pix[p]) - int(want); d < -few || d > few {
				t.Fatalf("image %d, pixel (%d, %d) = %d, want %d ± %d", i, p%Size, p/Size, got.Pix[p], want, few)
			}
		}
	}
}

// The figures that the package comment gives for MNIST.
func TestFormOfMNIST(t *testing.T) {
	train, _ := mnist(t)
	loose, outside := 0, 0
	for i, pixels := range train.Images {
		var mass, massX, massY int
		left, top, right, bottom, full := Size, Size, 0, 0, byte(0)
		for p, v := range pixels {
			if v == 0 {
				continue
			}
			x, y := p%Size, p/Size
			left, right = min(left, x), max(right, x+1)
			top, bottom = min(top, y), max(bottom, y+1)
			full = max(full, v)
			mass += int(v)
			massX += int(v) * x
			massY += int(v) * y
		}
		if max(right-left, bottom-top) != boxSize {
			loose++
		}
		if full < 254 {
			t.Errorf("image %d: the largest grey level is %v, want 254 or 255", i, full)
		}
		// The middle of pixel x is at x + 1/2.
		if pixel := func(m int) int { return (2*m + mass) / (2 * mass) }; pixel(massX) != Size/2 || pixel(massY) != Size/2 {
			outside++
		}
	}
	if loose != 13 {
		t.Errorf("%d images do not fill the box of %d pixels, want 13", loose, boxSize)
	}
	if outside != 2 {
		t.Errorf("%d images have their centre of mass outside the pixel (14, 14), want 2", outside)
	}
}

// The same digit, whatever it is drawn on and with, is the same to the net.
func TestNormalizeSameDigit(t *testing.T) {
	reference := seven(color.White, color.Black)
	want := normalized(t, reference)

	convert := func(dst draw.Image) image.Image {
		draw.Draw(dst, dst.Bounds(), reference, reference.Bounds().Min, draw.Src)
		return dst
	}
	b := reference.Bounds()
	larger := paint(300, 300, color.White)
	draw.Draw(larger, b.Add(image.Pt(70, 90)), reference, b.Min, draw.Src)
	cmyk := image.NewCMYK(b)
	for y := range b.Dy() {
		for x := range b.Dx() {
			cmyk.Set(x, y, reference.At(x, y))
		}
	}

	tests := []struct {
		name string
		img  image.Image
	}{
		{"light on dark", seven(color.Black, color.White)},
		{"pale", seven(color.Gray{200}, color.Gray{180})},
		{"in colour", seven(color.NRGBA{250, 240, 180, 255}, color.NRGBA{20, 30, 160, 255})},
		{"black on nothing", seven(color.Transparent, color.Black)},
		{"white on nothing", seven(color.Transparent, color.White)},
		{"transparent ink", seven(color.Transparent, color.NRGBA{0, 0, 0, 100})},
		{"Gray", convert(image.NewGray(b))},
		{"Gray16", convert(image.NewGray16(b))},
		{"RGBA64", convert(image.NewRGBA64(b))},
		{"NRGBA64", convert(image.NewNRGBA64(b))},
		{"Paletted", convert(image.NewPaletted(b, color.Palette{color.White, color.Black}))},
		{"CMYK", cmyk},
		{"in a larger picture", larger},
		{"part of a larger picture", larger.SubImage(b.Add(image.Pt(70, 90)))},
		{"tight", reference.SubImage(image.Rect(30, 20, 90, 120))},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := normalized(t, test.img)
			for p, v := range got.Pix {
				if v != want.Pix[p] {
					t.Fatalf("pixel (%d, %d) = %d, want %d", p%Size, p/Size, v, want.Pix[p])
				}
			}
		})
	}
}

// Photographs come close to the drawing: light from one side, noise, dirt.
func TestNormalizePhotograph(t *testing.T) {
	want := normalized(t, seven(color.White, color.Black))
	tests := []struct {
		name   string
		light  func(x, y float64) float64 // 0 to 1, at 0 to 1 of the picture
		noise  float64                    // grey levels
		specks int
	}{
		{"noise", func(x, y float64) float64 { return 1 }, 6, 0},
		{"light from the left", func(x, y float64) float64 { return 1 - 0.7*x }, 3, 0},
		{"light from above", func(x, y float64) float64 { return 1 - 0.7*y }, 3, 0},
		{"light from a corner", func(x, y float64) float64 { return 1 - 0.3*x - 0.2*y }, 3, 0},
		{"dark corners", func(x, y float64) float64 { return 1 - 0.3*((x-0.5)*(x-0.5)+(y-0.5)*(y-0.5)) }, 3, 0},
		{"shadow", func(x, y float64) float64 { return 1 - 0.2*max(0, min(1, 20*(x+y-1.2))) }, 2, 0},
		{"dirt", func(x, y float64) float64 { return 1 }, 3, 20},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			img := seven(color.Gray{210}, color.Gray{60})
			b := img.Bounds()
			photo := image.NewGray(b)
			for p := range photo.Pix {
				x, y := p%b.Dx(), p/b.Dx()
				v := float64(img.NRGBAAt(x, y).R)*test.light(float64(x)/float64(b.Dx()), float64(y)/float64(b.Dy())) +
					test.noise*rng.NormFloat64()
				photo.Pix[p] = uint8(min(max(v, 0), 255))
			}
			for range test.specks {
				photo.Pix[rng.IntN(len(photo.Pix))] = 20
			}
			// The mean over all pixels is 2 levels where an edge of the
			// digit is off by a quarter of a pixel, and 20 where the box is
			// wrong.
			var off float64
			for p, v := range normalized(t, photo).Pix {
				off += math.Abs(float64(v)-float64(want.Pix[p])) / Size / Size
			}
			if off > 4 {
				t.Errorf("off by %.1f grey levels in the mean, want at most 4", off)
			}
		})
	}
}

func TestNormalizeNoInk(t *testing.T) {
	noise := image.NewGray(image.Rect(0, 0, 300, 200))
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range noise.Pix {
		noise.Pix[i] = uint8(200 + 5*rng.NormFloat64())
	}
	tests := []struct {
		name string
		img  image.Image
	}{
		{"white", paint(50, 50, color.White)},
		{"black", paint(50, 50, color.Black)},
		{"transparent", paint(50, 50, color.Transparent)},
		{"one pixel", paint(1, 1, color.Black)},
		{"no pixels", paint(0, 0, color.Black)},
		{"a row", paint(5000, 1, color.Black)},
		{"a column", image.NewGray(image.Rect(0, 0, 1, 1_000_000))}, // no time that grows with the square
		{"almost white on white", seven(color.White, color.Gray{250})},
		{"noise", noise},
	}
	for _, test := range tests {
		if _, err := Normalize(test.img); !errors.Is(err, ErrNoInk) {
			t.Errorf("%s: error %v, want ErrNoInk", test.name, err)
		}
	}
}

// The last row and column of squares count as whole ones.
func TestLuminanceFlat(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 1026, 2051))
	for i := range img.Pix {
		img.Pix[i] = 51
	}
	for i, v := range luminance(img).RawMatrix().Data {
		if math.Abs(v-0.2) > 1e-15 {
			t.Fatalf("number %d is %v, want 0.2", i, v)
		}
	}
}

func TestAveraging(t *testing.T) {
	want := mat.NewDense(2, 5, []float64{
		0.4, 0.4, 0.2, 0, 0,
		0, 0, 0.2, 0.4, 0.4,
	})
	if got := averaging(2, 5); !mat.EqualApprox(got, want, 1e-15) {
		t.Errorf("averaging(2, 5) =\n%v\nwant\n%v", mat.Formatted(got), mat.Formatted(want))
	}
	for n := 1; n <= 20; n++ {
		for _, m := range []int{1, 2, 7, 19, 20, 21, 333, 1024} {
			a := averaging(n, m)
			for i := range n {
				if sum := mat.Sum(a.RowView(i)); math.Abs(sum-1) > 1e-12 {
					t.Errorf("averaging(%d, %d): row %d has the sum %v, want 1", n, m, i, sum)
				}
			}
			for j := range m {
				if sum := mat.Sum(a.ColView(j)); math.Abs(sum-float64(n)/float64(m)) > 1e-12 {
					t.Errorf("averaging(%d, %d): column %d has the sum %v, want n/m", n, m, j, sum)
				}
			}
		}
	}
}

var loadMNIST = sync.OnceValue(func() (sets struct {
	train, test *dataset.Set
	err         error
}) {
	sets.train, sets.test, sets.err = dataset.Load("")
	return sets
})

// mnist returns the training and the test images, which it reads once.
func mnist(t *testing.T) (train, test *dataset.Set) {
	t.Helper()
	sets := loadMNIST()
	if sets.err != nil {
		t.Fatal(sets.err)
	}
	return sets.train, sets.test
}

// paint returns a picture of one colour.
func paint(w, h int, c color.Color) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	draw.Draw(img, img.Rect, image.NewUniform(c), image.Point{}, draw.Src)
	return img
}

// seven returns a bold 7 of 60×100 pixels in a picture of 120×150.
func seven(paper, ink color.Color) *image.NRGBA {
	img := paint(120, 150, paper)
	draw.Draw(img, image.Rect(30, 20, 90, 35), image.NewUniform(ink), image.Point{}, draw.Src)
	for y := 35; y < 120; y++ {
		x := 75 - (y-35)/2
		draw.Draw(img, image.Rect(x, y, x+15, y+1), image.NewUniform(ink), image.Point{}, draw.Src)
	}
	return img
}

func normalized(t *testing.T, img image.Image) *image.Gray {
	t.Helper()
	got, err := Normalize(img)
	if err != nil {
		t.Fatal(err)
	}
	return got
}
