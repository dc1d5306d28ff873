// Package kernel holds the inner loops of the numerical gradient.
//
// The functions work on one sample and on all hidden units at once. Each
// evaluates the loss at displaced weights and nothing else; package nn says
// how they fit together.
package kernel
