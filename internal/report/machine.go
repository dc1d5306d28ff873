package report

import (
	"fmt"
	"os"
	"runtime"
	"strings"

	"numgrad/internal/kernel"
)

// machine says what the page was made on.
type machine struct {
	CPU    string
	Cores  int
	System string
	Go     string
	Kernel string // of the numerical gradient
}

func thisMachine() machine {
	return machine{
		CPU:    cpu(),
		Cores:  runtime.NumCPU(),
		System: fmt.Sprintf("%s/%s", runtime.GOOS, runtime.GOARCH),
		Go:     runtime.Version(),
		Kernel: kernel.Name(),
	}
}

// cpu returns the name of the processor where Linux tells it, and elsewhere
// that of its kind.
func cpu() string {
	info, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(info)) {
		if key, name, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(name)
		}
	}
	return runtime.GOARCH
}
