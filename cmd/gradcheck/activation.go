package main

import "math"

// activation is the function f of the hidden units.
type activation struct {
	name  string
	value func(a float64) float64
	// change returns f(a+s) − f(a), for an s of any size, without cancellation.
	change func(a, s float64) float64
}

var (
	sigmoid = activation{"sigmoid", logistic, logisticChange}
	relu    = activation{"relu", func(a float64) float64 { return max(a, 0) }, rectifiedChange}
)

func logistic(a float64) float64 { return 1 / (1 + math.Exp(-a)) }

// logisticChange uses σ(a+s) − σ(a) = (1−σ(a))·σ(a+s)·(1−exp(−s)), and
// 1 − σ(a) = σ(−a); and the same with a and a+s exchanged where exp(−s) is
// large.
func logisticChange(a, s float64) float64 {
	if s < 0 {
		return logistic(a) * logistic(-a-s) * math.Expm1(s)
	}
	return logistic(-a) * logistic(a+s) * -math.Expm1(-s)
}

func rectifiedChange(a, s float64) float64 {
	if a > 0 {
		return max(s, -a)
	}
	return max(a+s, 0)
}
