package atomicfile_test

import (
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"

	"numgrad/internal/atomicfile"
)

func ExampleWrite() {
	dir, err := os.MkdirTemp("", "atomicfile")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "log")

	err = atomicfile.Write(path, func(w io.Writer) error {
		_, err := fmt.Fprint(w, "epoch 1")
		return err
	})
	fmt.Println(err)

	err = atomicfile.Write(path, func(w io.Writer) error {
		fmt.Fprint(w, "epoch 1, epo")
		return errors.New("stopped")
	})
	fmt.Println(errors.Unwrap(err))

	content, err := os.ReadFile(path)
	fmt.Printf("%s %v\n", content, err)
	// Output:
	// <nil>
	// stopped
	// epoch 1 <nil>
}

func ExampleCheck() {
	fmt.Println(atomicfile.Check("no/such/folder/mnist.npz"))
	// Output:
	// write no/such/folder/mnist.npz: there is no folder no/such/folder: make it first
}
