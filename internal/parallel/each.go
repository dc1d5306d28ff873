// Package parallel shares work between goroutines that each own something.
package parallel

import (
	"sync"
	"sync/atomic"
)

// Each calls do for 0…n−1, on one goroutine for each of the workers. A panic
// of do is raised again in the caller, after all goroutines have ended.
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
