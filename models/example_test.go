package models_test

import (
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"

	"gonum.org/v1/gonum/mat"

	"numgrad/models"
	"numgrad/nn"
)

// The trained net looks at an image without a stroke.
func ExampleMNIST() {
	net := models.MNIST().Net()
	fmt.Println(net.Sizes())

	logits := net.Predict(mat.NewDense(1, 784, nil))
	fmt.Println(logits.Dims())
	// Output:
	// [784 50 10]
	// 1 10
}

// A net is saved and loaded. In Python, np.load("xor.npz")["W1"] is its first
// matrix.
func ExampleModel_Save() {
	dir, err := os.MkdirTemp("", "models")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "xor.npz")

	net := nn.NewTwoLayer(2, 3, 2, 1, rand.NewPCG(1, 0))
	m := &models.Model{Params: net.Params, Meta: []byte(`{"epochs": 5}`), Losses: []float64{0.9, 0.7}}
	if err := m.Save(path); err != nil {
		log.Fatal(err)
	}

	loaded, err := models.Load(path)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(mat.Equal(loaded.Layers[0].W, net.Layers[0].W))
	fmt.Println(string(loaded.Meta), loaded.Losses)
	// Output:
	// true
	// {"epochs": 5} [0.9 0.7]
}

// Weights from NumPy, and weights from PyTorch that were not transposed.
func ExampleLoad() {
	m, err := models.Load("testdata/numpy.npz")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.Sizes())
	fmt.Println(mat.Formatted(m.Layers[1].W))

	_, err = models.Load("testdata/transposed.npz")
	fmt.Println(err)
	// Output:
	// [4 3 2]
	// ⎡-2  -1⎤
	// ⎢ 0   1⎥
	// ⎣ 2   3⎦
	// testdata/transposed.npz: W1 [3×4] and b1 [3] do not fit together: is W1 transposed, as Linear.weight of PyTorch is? Save its transpose, W1.T
}
