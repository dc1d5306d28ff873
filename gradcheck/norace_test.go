//go:build !race

package gradcheck_test

const thin = 1
