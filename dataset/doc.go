// Package dataset reads MNIST, and any other labelled images in IDX files,
// and cuts them into batches for a net.
//
// The four files of MNIST come inside the GoMNIST module, so that whoever has
// built a program with this package has them already: [Load] finds them.
// Images and labels have GoMNIST's types. Its reader, which trusts what a
// file's header says, is not used.
package dataset
