package npz_test

import (
	"bytes"
	"fmt"
	"log"

	"gonum.org/v1/gonum/mat"

	"numgrad/internal/npz"
)

// A file that np.load reads, in memory.
func Example() {
	var file bytes.Buffer
	err := npz.Write(&file,
		npz.Array{Name: "x", Data: mat.NewDense(2, 3, []float64{1, 2, 3, 4, 5, 6})},
		npz.Array{Name: "t", Data: []byte{7, 9}})
	if err != nil {
		log.Fatal(err)
	}

	f, err := npz.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(f.Names())
	fmt.Println(f.Floats("x"))
	fmt.Println(f.Ints("t"))
	_, _, err = f.Floats("t")
	fmt.Println(err)
	// Output:
	// [x t]
	// [1 2 3 4 5 6] [2 3] <nil>
	// [7 9] [2] <nil>
	// array "t" holds uint8, want float32 or float64
}

// A net's layers are counted by its arrays.
func ExampleFile_Largest() {
	var file bytes.Buffer
	one := []float64{1}
	err := npz.Write(&file,
		npz.Array{Name: "W1", Data: one}, npz.Array{Name: "b1", Data: one}, npz.Array{Name: "b3", Data: one},
		npz.Array{Name: "W04", Data: one}, npz.Array{Name: "x7", Data: one})
	if err != nil {
		log.Fatal(err)
	}
	f, err := npz.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(f.Largest("W", "b"), f.Largest("x"), f.Largest("t"))
	// Output:
	// 3 5 0
}

// What an array holds, before it is read.
func ExampleFile_Describe() {
	f, err := npz.Open("testdata/shapes.npz")
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	for _, name := range []string{"one", "labels_fortran"} {
		dtype, shape, err := f.Describe(name)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(name, dtype, shape)
	}
	// Output:
	// one float64 [1]
	// labels_fortran int64 [2 3]
}
