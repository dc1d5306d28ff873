package digit

import (
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
		name  string
		img   image.Image
		moved bool
	}{
		{"light on dark", seven(color.Black, color.White), false},
		{"pale", seven(color.Gray{200}, color.Gray{180}), false},
		{"in colour", seven(color.NRGBA{250, 240, 180, 255}, color.NRGBA{20, 30, 160, 255}), false},
		{"black on nothing", seven(color.Transparent, color.Black), false},
		{"white on nothing", seven(color.Transparent, color.White), false},
		{"transparent ink", seven(color.Transparent, color.NRGBA{0, 0, 0, 100}), false},
		{"Gray", convert(image.NewGray(b)), false},
		{"Gray16", convert(image.NewGray16(b)), false},
		{"RGBA64", convert(image.NewRGBA64(b)), false},
		{"NRGBA64", convert(image.NewNRGBA64(b)), false},
		{"Paletted", convert(image.NewPaletted(b, color.Palette{color.White, color.Black})), false},
		{"CMYK", cmyk, false},
		{"in a larger picture", larger, true},
		{"part of a larger picture", larger.SubImage(b.Add(image.Pt(70, 90))), false},
		{"tight", reference.SubImage(image.Rect(30, 20, 90, 120)), true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := normalized(t, test.img)
			if test.moved { // the pixels of the shrunk picture lie elsewhere
				if off := distance(got, want); off > 3 {
					t.Errorf("off by %.1f grey levels in the mean, want at most 3", off)
				}
				return
			}
			compare(t, got, want, 0)
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
			if off := distance(normalized(t, photo), want); off > 5.5 {
				t.Errorf("off by %.1f grey levels in the mean, want at most 5.5", off)
			}
		})
	}
}

func TestNormalizeNoInk(t *testing.T) {
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
	}
	for _, test := range tests {
		if _, err := Normalize(test.img); !errors.Is(err, ErrNoInk) {
			t.Errorf("%s: error %v, want ErrNoInk", test.name, err)
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

// distance returns the mean difference of two images' pixels.
func distance(a, b *image.Gray) float64 {
	sum := 0.0
	for p, v := range a.Pix {
		sum += math.Abs(float64(v) - float64(b.Pix[p]))
	}
	return sum / float64(len(a.Pix))
}
