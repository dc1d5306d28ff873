package nn

import (
	"sync"
	"sync/atomic"
)

// team shares out tasks among a number of goroutines. The goroutines end with
// the tasks; what is kept is what starting them would allocate.
type team struct {
	run   []func() // by worker
	phase func(worker, task int)
	tasks int64
	next  atomic.Int64
	wg    sync.WaitGroup
}

// resize sets the number of workers.
func (t *team) resize(workers int) {
	for w := len(t.run); w < workers; w++ {
		t.run = append(t.run, func() {
			defer t.wg.Done()
			for task := t.next.Add(1) - 1; task < t.tasks; task = t.next.Add(1) - 1 {
				t.phase(w, int(task))
			}
		})
	}
	t.run = t.run[:workers]
}

// do calls phase for the tasks 0…tasks−1, in any order, and returns when all
// are done. The caller's goroutine is the first of the workers.
func (t *team) do(tasks int, phase func(worker, task int)) {
	t.phase, t.tasks = phase, int64(tasks)
	t.next.Store(0)
	workers := min(len(t.run), tasks)
	t.wg.Add(workers)
	for _, run := range t.run[1:workers] {
		go run()
	}
	t.run[0]()
	t.wg.Wait()
}
