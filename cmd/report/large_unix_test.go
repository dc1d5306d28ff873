//go:build unix

package main

import (
	"os"
	"syscall"
	"testing"
	"time"

	"numgrad/models"
	"numgrad/nn"
)

// The largest net that a small file can stand for does not keep its user
// waiting: 5 s on two cores, measured as time of the processor, which other
// work on the machine does not change.
func TestLongLargeNet(t *testing.T) {
	if os.Getenv("NUMGRAD_LONG") == "" {
		t.Skip("NUMGRAD_LONG is not set")
	}
	weights := save(t, &models.Model{Params: nn.NewParams(784, 5200, 10)})
	before := processorTime(t)
	makePage(t, weights)
	if took := processorTime(t) - before; took > 10*time.Second {
		t.Errorf("took %v of the processor, want at most 10 s", took)
	} else {
		t.Logf("took %v of the processor", took)
	}
}

func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
