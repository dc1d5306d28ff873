package perturb

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"numgrad/internal/kernel"
	"numgrad/nn"
)

// Work on a layer is divided into tiles of 64 inputs and strips of at most maxStrip
// units, so that the weights stay in the first-level cache for many rows.
const (
	tile     = 64
	maxStrip = 52
)

// tiles returns the number of tiles of a layer. The bias is the weight of an
// additional input, always 1, in the last tile.
func tiles(inputs int) int { return inputs/tile + 1 }

// Images holds images without their zero pixels, which are four in five of MNIST's.
// A pixel with the value v is the input v/255. Images is safe for concurrent use.
type Images struct {
	size  int
	begin []uint32 // index in pixel of the first pixel of each tile of each image
	pixel []pixel
}

// pixel is a pixel that is not zero; index counts from the start of its tile.
type pixel struct{ index, value uint8 }

// NewImages returns images of size pixels each. It panics if the size of an image
// differs, or more than 2³² − 1 pixels are not zero.
func NewImages[Image ~[]byte](images []Image, size int) *Images {
	m := &Images{size: size, begin: []uint32{0}}
	for n, image := range images {
		if len(image) != size {
			panic(fmt.Sprintf("perturb: image %d has %d pixels, want %d", n, len(image), size))
		}
		for first := 0; first <= size; first += tile {
			for i, v := range image[first:min(first+tile, size)] {
				if v != 0 {
					m.pixel = append(m.pixel, pixel{uint8(i), v})
				}
			}
			if uint64(len(m.pixel)) >= 1<<32 {
				panic("perturb: too many pixels, want fewer than 2³² that are not zero")
			}
			m.begin = append(m.begin, uint32(len(m.pixel)))
		}
	}
	return m
}

// Len returns the number of images.
func (m *Images) Len() int { return (len(m.begin) - 1) / tiles(m.size) }

func (m *Images) mustFit(function string, net *nn.Net, indices, t []int) {
	if m.size != net.Inputs() || len(t) != len(indices) {
		panic(fmt.Sprintf("%s of images of %d pixels, %d indices and t [%d] for a net of %d inputs",
			function, m.size, len(indices), len(t), net.Inputs()))
	}
	for i, index := range indices {
		if index < 0 || index >= m.Len() {
			panic(fmt.Sprintf("%s: index %d of %d images", function, index, m.Len()))
		}
		if t[i] < 0 || t[i] >= net.Classes() {
			panic(fmt.Sprintf("%s: label %d of image %d is not in 0…%d", function, t[i], index, net.Classes()-1))
		}
	}
}

// intensity[value] is value/255.
var intensity = func() (table [256]float64) {
	for value := range table {
		table[value] = float64(value) / 255
	}
	return table
}()

// input is the batch: rows of a matrix, or images.
type input struct {
	x       *mat.Dense
	images  *Images
	indices []int
}

// nonZeros appends the nonzero entries of a tile of x to dst. It also returns the
// largest |x| of the tile. Indices count from the start of the tile.
func nonZeros(dst []kernel.Entry, x []float64, at int) ([]kernel.Entry, float64) {
	x = x[at*tile : min((at+1)*tile, len(x))]
	old := len(dst)
	dst = extend(dst, len(x)+3)
	n, largest := kernel.NonZeros(dst[old:], x)
	return dst[:old+n], largest
}

// nonZeros is the same for a tile of an image.
func (m *Images) nonZeros(dst []kernel.Entry, image, at int) ([]kernel.Entry, float64) {
	begin := m.begin[image*tiles(m.size)+at:]
	pixels := m.pixel[begin[0]:begin[1]]
	old := len(dst)
	dst = extend(dst, len(pixels))
	added, largest := dst[old:][:len(pixels)], uint8(0)
	for i, p := range pixels {
		added[i] = kernel.Entry{Value: intensity[p.value], Index: int(p.index)}
		largest = max(largest, p.value)
	}
	return dst, intensity[largest]
}

// extend appends n elements with unspecified content to s.
func extend[T any](s []T, n int) []T { return slices.Grow(s, n)[:len(s)+n] }

// row holds the results of a sample at the present weights.
type row struct {
	answer
	layers []rowLayer

	// For a row of a matrix:
	entries []kernel.Entry // nonzero inputs, and the bias's 1
	begin   []int          // index in entries of the start of each tile
	largest float64        // largest |input|, the bias's 1 included
}

// rowLayer is one layer of a row.
type rowLayer struct {
	largest float64   // largest |input|, the bias's 1 included
	a, z, c []float64 // [units] of a hidden layer: pre-activation, activation, 1 − z of a sigmoid

	nodes *nodeSet // nil if no node set suffices
	pairs int      // half the number of terms

	direct    []bool // [units] units with a separate displacement for each input
	anyDirect bool
}

// newRow allocates a row for a net of the given sizes.
func newRow(sizes []int) row {
	classes := sizes[len(sizes)-1]
	r := row{answer: answer{a: make([]float64, classes), y: make([]float64, classes)}}
	for _, units := range sizes[1:] {
		r.layers = append(r.layers, rowLayer{
			a: make([]float64, units), z: make([]float64, units), c: make([]float64, units), direct: make([]bool, units),
		})
	}
	return r
}

// keepEntries sets the entries of a row x of a matrix.
func (r *row) keepEntries(x []float64) {
	r.entries, r.begin, r.largest = r.entries[:0], append(r.begin[:0], 0), 1
	last := len(x) / tile
	for at := range last + 1 {
		var largest float64
		r.entries, largest = nonZeros(r.entries, x, at)
		r.largest = max(r.largest, largest)
		if at == last {
			r.entries = append(r.entries, kernel.Entry{Value: 1, Index: len(x) % tile})
		}
		r.begin = append(r.begin, len(r.entries))
	}
}

// inputs returns the nonzero inputs of a tile of layer l for row n of the batch, with
// the bias's 1 in the last tile. It also returns the largest |input| of the tile or
// row. Indices count from the start of the tile.
func (w *worker) inputs(r *row, n, l, at int) (entries []kernel.Entry, largest float64) {
	old := len(w.entries)
	switch {
	case l > 0:
		w.entries, largest = nonZeros(w.entries, r.layers[l-1].z, at)
	case w.in.images != nil:
		w.entries, largest = w.in.images.nonZeros(w.entries, w.in.indices[n], at)
	default:
		return r.entries[r.begin[at]:r.begin[at+1]], r.largest
	}
	if at == w.sizes[l]/tile {
		w.entries = append(w.entries, kernel.Entry{Value: 1, Index: w.sizes[l] % tile})
	}
	return w.entries[old:], largest
}

// forward runs rows n, n+1, … of the batch through the net. It takes all rows through
// one tile before the next, while the tile's weights are in the cache.
func (w *worker) forward(n int, rows []row) {
	if w.in.images == nil {
		for i := range rows {
			rows[i].keepEntries(w.in.x.RawRowView(n + i))
		}
	}
	for l, layer := range w.net.Layers {
		inputs, units := w.sizes[l], w.sizes[l+1]
		for i := range rows {
			rows[i].layers[l].largest = 1
			copy(rows[i].preActivations(l), layer.B)
		}
		for at := range tiles(inputs) {
			w.entries, w.ofRows = w.entries[:0], w.ofRows[:0]
			for i := range rows {
				entries, largest := w.inputs(&rows[i], n+i, l, at)
				if at == inputs/tile {
					entries = entries[:len(entries)-1] // the sum starts with the bias
				}
				w.ofRows = append(w.ofRows, entries)
				rows[i].layers[l].largest = max(rows[i].layers[l].largest, largest)
			}
			weights := layer.W.RawMatrix().Data[at*tile*units:]
			for first := 0; first < units; first += maxStrip {
				for i, entries := range w.ofRows {
					if len(entries) > 0 {
						a := rows[i].preActivations(l)[first:min(first+maxStrip, units)]
						kernel.AddRows(a, entries, weights[first:], units)
					}
				}
			}
		}
		if l == len(w.net.Layers)-1 {
			return
		}
		for i := range rows {
			rl := &rows[i].layers[l]
			if w.net.Activation != nn.ReLU {
				kernel.Logistics(rl.z, rl.c, rl.a)
				continue
			}
			for j, a := range rl.a {
				rl.z[j] = max(0, a)
			}
		}
	}
}

// preActivations returns the pre-activations of layer l: the logits for the last.
func (r *row) preActivations(l int) []float64 {
	if l == len(r.layers)-1 {
		return r.answer.a
	}
	return r.layers[l].a
}

// Correct returns how many of the images with the given indices net classifies as
// their labels t [len(indices)]. It counts like [nn.Net.Accuracy], panics like
// [Engine.ImageGradient], and is safe for concurrent use.
func (m *Images) Correct(net *nn.Net, indices, t []int) int {
	m.mustFit("perturb: Correct", net, indices, t)
	w := worker{Engine: &Engine{net: net, in: input{images: m, indices: indices}, sizes: net.Sizes()}}
	memory := make([]row, min(32, len(t)))
	for i := range memory {
		memory[i] = newRow(w.sizes)
	}
	right := 0
	for first := 0; first < len(t); first += len(memory) {
		rows := memory[:min(len(memory), len(t)-first)]
		w.forward(first, rows)
		for i := range rows {
			if floats.MaxIdx(rows[i].a) == t[first+i] {
				right++
			}
		}
	}
	return right
}
