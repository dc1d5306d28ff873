package npz

// count returns the number of elements.
func (h header) count() int {
	n := 1
	for _, dim := range h.shape {
		n *= dim
	}
	return n
}

// places gives, for one element after the other in the order of the file, its
// place in row-major order. It counts as an odometer does, with the fastest
// axis first.
type places struct {
	axes  []axis
	place int
}

type axis struct{ size, stride, at int }

func newPlaces(h header) *places {
	if !h.fortran {
		return &places{axes: []axis{{size: h.count(), stride: 1}}}
	}
	axes := make([]axis, len(h.shape))
	stride := 1
	for i := len(axes) - 1; i >= 0; i-- {
		axes[i] = axis{size: h.shape[i], stride: stride}
		stride *= h.shape[i]
	}
	return &places{axes: axes}
}

func (p *places) next() int {
	place := p.place
	for i := range p.axes {
		a := &p.axes[i]
		a.at++
		p.place += a.stride
		if a.at < a.size {
			break
		}
		p.place -= a.size * a.stride
		a.at = 0
	}
	return place
}
