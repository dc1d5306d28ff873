//go:build !race

package grad_test

const thin = 1
