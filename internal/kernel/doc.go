// Package kernel holds the inner loops of the numerical gradient. kernel.go is
// what they compute, in plain Go. On amd64 their twins in AVX2 take its place,
// four numbers at a time, and give the same bits.
//
// No operation is fused: a processor without fused multiply-add, and
// WebAssembly, take thirty times as long for one.
package kernel
