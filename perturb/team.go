package perturb

import (
	"sync"
	"sync/atomic"
)

// team shares out tasks among a number of goroutines, and allocates nothing to
// start them.
type team struct {
	starts []func() // by worker
	task   func(worker, task int)
	tasks  int64
	next   atomic.Int64
	wg     sync.WaitGroup
}

// do calls task for 0…tasks−1 in any order. The caller's goroutine is the first
// of the workers.
func (t *team) do(workers, tasks int, task func(worker, task int)) {
	workers = min(workers, tasks)
	for w := len(t.starts); w < workers; w++ {
		t.starts = append(t.starts, func() {
			defer t.wg.Done()
			t.share(w)
		})
	}
	t.task, t.tasks = task, int64(tasks)
	t.next.Store(0)
	t.wg.Add(workers - 1)
	for _, start := range t.starts[1:workers] {
		go start()
	}
	t.share(0)
	t.wg.Wait()
}

// share does tasks until there are none left.
func (t *team) share(worker int) {
	for task := t.next.Add(1) - 1; task < t.tasks; task = t.next.Add(1) - 1 {
		t.task(worker, int(task))
	}
}
