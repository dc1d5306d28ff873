//go:build !amd64 || purego

package kernel

import "testing"

func TestName(t *testing.T) {
	if got := Name(); got != plainGo {
		t.Errorf("the kernel is %q, want %q", got, plainGo)
	}
}
