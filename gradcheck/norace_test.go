//go:build !race

package gradcheck_test

const raceDetector = false
