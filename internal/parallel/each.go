// Package parallel distributes work to goroutines.
package parallel

import (
	"sync"
	"sync/atomic"
)

// Each calls do(w, i) for each i in 0…n−1. Each worker w has one goroutine, so a
// worker may hold buffers. If do panics, Each panics with the same value after
// all goroutines have ended.
func Each[W any](workers []W, n int, do func(w W, i int)) {
	var (
		next    atomic.Int64
		failure atomic.Pointer[any]
		wg      sync.WaitGroup
	)
	for _, w := range workers {
		wg.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					failure.CompareAndSwap(nil, &r)
				}
			}()
			for failure.Load() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				do(w, i)
			}
		})
	}
	wg.Wait()
	if r := failure.Load(); r != nil {
		panic(*r)
	}
}
