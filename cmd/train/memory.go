//go:build !js

package main

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/KimMachineGun/automemlimit/memlimit"

	"numgrad/dataset"
	"numgrad/internal/number"
	"numgrad/train"
)

// checkMemory returns an error if the training takes more memory than there
// is. If it takes less, the garbage collector is told how much there is, which
// it would else exceed before it begins.
func checkMemory(s train.Settings, images *dataset.Set, workers int) error {
	there := availableMemory()
	if takes := s.Memory(images, workers); takes > there {
		return fmt.Errorf("a training by -gradient %s%s takes about %s of memory, and there are %s",
			s.Gradient, demanding(s, images, workers), gigabytes(takes), gigabytes(there))
	}
	debug.SetMemoryLimit(int64(min(there, math.MaxInt64/2)))
	return nil
}

// demanding returns the flags that the memory is taken for, such as " with
// -hidden 100000": with small values of them it would be clearly less.
func demanding(s train.Settings, images *dataset.Set, workers int) string {
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	one, few := s, s
	one.BatchSize, few.HiddenSizes = 1, train.Sizes{1}
	much := 0.9 * s.Memory(images, workers)
	flags := ""
	name := func(flag string, value any) {
		link := " with"
		if flags != "" {
			link = " and"
		}
		flags += fmt.Sprintf("%s -%s %v", link, flag, value)
	}
	if few.Memory(images, workers) < much {
		name("hidden", s.HiddenSizes)
	}
	if one.Memory(images, workers) < much {
		name("batch", s.BatchSize)
	}
	if s.Memory(images, 1) < much {
		name("workers", workers)
	}
	return flags
}

// availableMemory returns how many bytes this process may take: no more than
// GOMEMLIMIT, its cgroup and the system allow, and, on Linux, than are free.
func availableMemory() float64 {
	there := float64(debug.SetMemoryLimit(-1))
	for _, limit := range []memlimit.Provider{memlimit.FromCgroup, memlimit.FromSystem, freeMemory} {
		if bytes, err := limit(); err == nil {
			there = min(there, float64(bytes))
		}
	}
	return there
}

// freeMemory returns what Linux can give without taking it from others.
func freeMemory() (uint64, error) {
	info, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(info), "MemAvailable:")
	kibibytes, _, _ := strings.Cut(rest, "kB")
	n, err := strconv.ParseUint(strings.TrimSpace(kibibytes), 10, 53)
	return n << 10, err
}

// gigabytes returns a number of bytes to three digits or more.
func gigabytes(bytes float64) string {
	switch n := bytes / 1e9; {
	case n < 999.5:
		return fmt.Sprintf("%.3g GB", n)
	case n < 1e9:
		return number.Commas(int(math.Round(n))) + " GB"
	default:
		return fmt.Sprintf("%.0e GB", n)
	}
}
