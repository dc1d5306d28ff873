//go:build race

package gradcheck_test

// Under the race detector, which makes the tests ten times slower, they try
// one case in ten and leave the tables alone.
const thin = 10
