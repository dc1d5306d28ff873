package perturb

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// pool distributes the tasks of each phase among workers. It allocates only on first
// use.
//
// Waking an idle core takes as long as a whole phase. So a helper without a task
// spins for some tens of microseconds before it ends. Tasks are not assigned in
// advance: another program may occupy a core.
type pool struct {
	phases  []func(worker, task int)
	helpers []*helper // workers 1, 2, …; the caller is worker 0

	phase   atomic.Int32
	workers atomic.Int32
	tasks   atomic.Int64  // number of tasks in the phase
	next    atomic.Uint64 // serial number of the phase (high half) and its next task (low half)
	done    atomic.Int64  // number of finished tasks
	mutex   sync.Mutex
	ended   sync.Cond // signals that all tasks are done
}

// helper is a worker with a goroutine that ends when there is no work.
type helper struct {
	running atomic.Bool
	run     func()
}

// spins is the number of attempts to find a task before a worker gives up.
const spins = 400

// do calls the phase's function for tasks 0…tasks−1, in any order, and waits for
// them.
func (p *pool) do(phase, tasks, workers int) {
	if tasks == 0 {
		return
	}
	p.ended.L = &p.mutex
	const none = 1<<32 - 1
	number := p.next.Load()>>32 + 1
	p.next.Store(number<<32 | none) // no task is taken while the fields change
	p.phase.Store(int32(phase))
	p.workers.Store(int32(workers))
	p.tasks.Store(int64(tasks))
	p.done.Store(0)
	p.next.Store((number + 1) << 32)
	for w := 1; w < min(workers, tasks); w++ {
		p.start(w)
	}
	for p.takeTask(0) {
	}
	p.wait(int64(tasks))
}

// start starts helper w if it is not running.
func (p *pool) start(w int) {
	for len(p.helpers) < w {
		h, worker := &helper{}, len(p.helpers)+1
		h.run = func() {
			for spin := 0; spin < spins; spin++ {
				for p.takeTask(worker) {
					spin = 0
				}
				runtime.Gosched()
			}
			h.running.Store(false)
		}
		p.helpers = append(p.helpers, h)
	}
	if h := p.helpers[w-1]; h.running.CompareAndSwap(false, true) {
		go h.run()
	}
}

// takeTask runs the next task, if there is one, and reports whether it did. The
// compare-and-swap of next proves that the fields belong to one phase.
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
	for spin := 0; spin < spins; spin++ {
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
