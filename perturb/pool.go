package perturb

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// pool shares out the tasks of one phase after another among a number of
// workers. It allocates nothing once it has run.
//
// To wake a core that has fallen asleep takes as long as a whole phase. So a
// helper that finds no task looks again for a while, and only then ends. No task
// is kept for a certain helper: another program may have its core.
type pool struct {
	phases  []func(worker, task int)
	helpers []*helper // the workers beside the caller's goroutine

	phase   atomic.Int32
	workers atomic.Int32
	tasks   atomic.Int64  // of the phase
	next    atomic.Uint64 // the number of the phase, counted from the first call, and of its next task
	done    atomic.Int64  // tasks of the phase
	mutex   sync.Mutex
	ended   sync.Cond // the phase
}

// helper is a worker whose goroutine comes and goes.
type helper struct {
	there atomic.Bool
	start func()
}

// patience is how often a worker looks again: some tens of microseconds.
const patience = 400

// do calls a phase's function for 0…tasks−1 in any order. The caller's goroutine
// is worker 0.
func (p *pool) do(phase, tasks, workers int) {
	if tasks == 0 {
		return
	}
	p.ended.L = &p.mutex
	const none = 1<<32 - 1
	number := p.next.Load()>>32 + 1
	p.next.Store(number<<32 | none) // nobody takes a task of a phase half described
	p.phase.Store(int32(phase))
	p.workers.Store(int32(workers))
	p.tasks.Store(int64(tasks))
	p.done.Store(0)
	p.next.Store((number + 1) << 32)
	for w := 1; w < min(workers, tasks); w++ {
		p.call(w)
	}
	for p.takeTask(0) {
	}
	p.wait(int64(tasks))
}

// call starts helper w if it is not there.
func (p *pool) call(w int) {
	for len(p.helpers) < w {
		h, worker := &helper{}, len(p.helpers)+1
		h.start = func() {
			for look := 0; look < patience; look++ {
				for p.takeTask(worker) {
					look = 0
				}
				runtime.Gosched()
			}
			h.there.Store(false)
		}
		p.helpers = append(p.helpers, h)
	}
	if h := p.helpers[w-1]; h.there.CompareAndSwap(false, true) {
		go h.start()
	}
}

// takeTask does a task for a worker, if there is one that nobody has. What it
// reads is of one phase if next has not changed in the end.
func (p *pool) takeTask(worker int) bool {
	for {
		next := p.next.Load()
		phase, tasks, workers := p.phase.Load(), p.tasks.Load(), p.workers.Load()
		task := int64(uint32(next))
		if task >= tasks || worker >= int(workers) {
			return false
		}
		if p.next.CompareAndSwap(next, next+1) {
			p.phases[phase](worker, int(task))
			if p.done.Add(1) == tasks {
				p.mutex.Lock()
				p.ended.Broadcast()
				p.mutex.Unlock()
			}
			return true
		}
	}
}

// wait returns when all tasks of the phase are done.
func (p *pool) wait(tasks int64) {
	for look := 0; look < patience; look++ {
		if p.done.Load() == tasks {
			return
		}
		runtime.Gosched()
	}
	p.mutex.Lock()
	for p.done.Load() < tasks {
		p.ended.Wait()
	}
	p.mutex.Unlock()
}
