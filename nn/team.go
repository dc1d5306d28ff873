package nn

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// team shares out the tasks of several phases among a number of goroutines. A
// phase begins when the one before has ended. The goroutines live for one run,
// and what is kept is what starting them would allocate.
type team struct {
	work   []func() // by worker
	phases []phase
	next   []atomic.Int64 // task of each phase
	done   []atomic.Int64 // tasks of each phase that have ended
	wg     sync.WaitGroup
}

// phase is a number of tasks that can be done in any order.
type phase struct {
	tasks int
	do    func(worker, task int)
}

// resize sets the number of workers.
func (t *team) resize(workers int) {
	for w := len(t.work); w < workers; w++ {
		t.work = append(t.work, func() {
			defer t.wg.Done()
			t.share(w)
		})
	}
	t.work = t.work[:workers]
}

// run does the phases. The caller's goroutine is the first of the workers.
func (t *team) run(phases ...phase) {
	t.phases = append(t.phases[:0], phases...)
	if len(t.next) < len(phases) {
		t.next, t.done = make([]atomic.Int64, len(phases)), make([]atomic.Int64, len(phases))
	}
	for i := range phases {
		t.next[i].Store(0)
		t.done[i].Store(0)
	}
	t.wg.Add(len(t.work))
	for _, work := range t.work[1:] {
		go work()
	}
	t.work[0]()
	t.wg.Wait()
}

func (t *team) share(worker int) {
	for i, p := range t.phases {
		for task := t.next[i].Add(1) - 1; task < int64(p.tasks); task = t.next[i].Add(1) - 1 {
			p.do(worker, int(task))
			t.done[i].Add(1)
		}
		// The wait is for the rest of one task, and to sleep and be woken
		// takes longer; unless another program has that worker's core.
		for spins := 0; t.done[i].Load() < int64(p.tasks); spins++ {
			if spins < 1000 {
				runtime.Gosched()
			} else {
				time.Sleep(20 * time.Microsecond)
			}
		}
	}
}
