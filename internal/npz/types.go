package npz

import (
	"encoding/binary"
	"fmt"
	"math"
)

// An element is how the bytes of one number become a T. ok is false if they
// cannot.
type element[T any] struct {
	size  int
	value func(b []byte, order binary.ByteOrder) (v T, ok bool)
}

// The types that are read as a T, by NumPy's short name without the byte order.
var (
	asFloats = map[string]element[float64]{
		"f4": {4, func(b []byte, order binary.ByteOrder) (float64, bool) {
			return float64(math.Float32frombits(order.Uint32(b))), true
		}},
		"f8": {8, func(b []byte, order binary.ByteOrder) (float64, bool) {
			return math.Float64frombits(order.Uint64(b)), true
		}},
	}
	asInts = map[string]element[int]{
		"b1": {1, func(b []byte, _ binary.ByteOrder) (int, bool) { return int(min(b[0], 1)), true }},
		"i1": {1, func(b []byte, _ binary.ByteOrder) (int, bool) { return int(int8(b[0])), true }},
		"i2": {2, func(b []byte, order binary.ByteOrder) (int, bool) { return int(int16(order.Uint16(b))), true }},
		"i4": {4, func(b []byte, order binary.ByteOrder) (int, bool) { return int(int32(order.Uint32(b))), true }},
		"i8": {8, func(b []byte, order binary.ByteOrder) (int, bool) {
			v := int64(order.Uint64(b))
			return int(v), v >= math.MinInt && v <= math.MaxInt
		}},
		"u1": {1, func(b []byte, _ binary.ByteOrder) (int, bool) { return int(b[0]), true }},
		"u2": {2, func(b []byte, order binary.ByteOrder) (int, bool) { return int(order.Uint16(b)), true }},
		"u4": {4, func(b []byte, order binary.ByteOrder) (int, bool) { return fromUnsigned(uint64(order.Uint32(b))) }},
		"u8": {8, func(b []byte, order binary.ByteOrder) (int, bool) { return fromUnsigned(order.Uint64(b)) }},
	}
	asBytes = map[string]element[byte]{
		"u1": {1, func(b []byte, _ binary.ByteOrder) (byte, bool) { return b[0], true }},
	}
)

func fromUnsigned(v uint64) (int, bool) { return int(v), v <= math.MaxInt }

// longNames are NumPy's names of types in full, by the short ones.
var longNames = map[string]string{
	"b1": "bool",
	"i1": "int8", "i2": "int16", "i4": "int32", "i8": "int64",
	"u1": "uint8", "u2": "uint16", "u4": "uint32", "u8": "uint64",
	"f2": "float16", "f4": "float32", "f8": "float64",
	"O": "object",
}

// typeName returns NumPy's name for the type of the array, in full for numbers
// and objects.
func (h header) typeName() string {
	if name := longNames[h.kind()]; name != "" {
		return name
	}
	return h.descr
}

// kind returns the short name of the type, without the byte order in front, or
// "" if there is no byte order, or none where there should be one.
func (h header) kind() string {
	if h.descr == "" {
		return ""
	}
	kind := h.descr[1:]
	switch order := h.descr[0]; {
	case order == '<' || order == '>':
		return kind
	case order == '|' && (kind == "b1" || kind == "i1" || kind == "u1" || kind == "O"):
		return kind
	}
	return ""
}

func (h header) order() binary.ByteOrder {
	if h.descr[0] == '>' {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// lookUp returns how elements of the type of the array become a T.
func lookUp[T any](h header, elements map[string]element[T], want string) (element[T], error) {
	e, ok := elements[h.kind()]
	name := longNames[h.kind()]
	switch {
	case ok:
		return e, nil
	case name == "object":
		return e, fmt.Errorf("holds Python objects, a pickle, which is never read: want %s", want)
	case name == "":
		name = fmt.Sprintf("the type %.100q", h.descr)
	}
	return e, fmt.Errorf("holds %s, want %s", name, want)
}
