// Package kernel holds the inner loops of the numerical gradient, which work
// on all hidden units of one sample at once.
//
// kernel.go says what each computes, in plain Go. It runs everywhere, and the
// assembly for AVX-512 and for AVX2 with FMA comes to the same bits: the same
// operations in the same order, fused where the plain code says [math.FMA].
package kernel
