//go:build race

package numbers

const race = true
