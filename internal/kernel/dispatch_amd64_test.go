//go:build !purego

package kernel

import (
	"os"
	"os/exec"
	"testing"
)

// The names of the features are those of golang.org/x/sys/cpu, which reads
// GODEBUG when a program starts: so each case is this test in a new process.
func TestName(t *testing.T) {
	const variable = "NUMGRAD_TEST_KERNEL"
	if want, child := os.LookupEnv(variable); child {
		if got := Name(); got != want {
			t.Errorf("the kernel is %q, want %q", got, want)
		}
		return
	}
	for _, test := range []struct {
		godebug, want string
		runs          bool
	}{
		{"", "AVX-512", hasAVX512},
		{"cpu.avx512f=off", "AVX2", hasAVX2},
		{"cpu.avx512dq=off", "AVX2", hasAVX2},
		{"cpu.bmi2=off", "AVX2", hasAVX2},
		{"cpu.avx2=off", "AVX-512", hasAVX512},
		{"cpu.avx512f=off,cpu.avx2=off", plainGo, true},
		{"cpu.avx512f=off,cpu.fma=off", plainGo, true},
	} {
		if !test.runs {
			t.Logf("no %s here", test.want)
			continue
		}
		child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		child.Env = append(os.Environ(), "GODEBUG="+test.godebug, variable+"="+test.want,
			"GORACE=atexit_sleep_ms=0") // else the race detector waits a second at each exit
		if out, err := child.CombinedOutput(); err != nil {
			t.Errorf("GODEBUG=%s: %v\n%s", test.godebug, err, out)
		}
	}
}
