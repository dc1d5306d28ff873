package perturb

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// team shares out the tasks of several phases among a number of workers. A phase
// begins when the one before has ended. It allocates nothing once it has run.
//
// To wake a core that has fallen asleep takes as long as a whole phase. So who
// waits first looks on for a while, and only then gives up the core; and a helper
// whose work is done stays for a while, in case there is more.
type team struct {
	helpers []*helper // the workers beside the caller's goroutine
	phases  []phase
}

// phase is a number of tasks that can be done in any order.
type phase struct {
	tasks func() int
	do    func(worker, task int)

	next    atomic.Int64 // task
	running atomic.Int64 // workers that may have a task
	ended   sync.WaitGroup
}

// patience is how often a worker looks again: some tens of microseconds.
const patience = 400

// run does the phases. The caller's goroutine is worker 0. A helper that has not
// yet come back from the call before, since another program has its core, is
// done without.
func (t *team) run(workers int) {
	for w := len(t.helpers) + 1; w < workers; w++ {
		h := &helper{}
		h.start = func() {
			for again := true; again; again = h.stay() {
				t.work(w)
			}
		}
		t.helpers = append(t.helpers, h)
	}
	there := 1
	for _, h := range t.helpers[:workers-1] {
		if h.state.Load() != asked {
			there++
		}
	}
	for i := range t.phases {
		p := &t.phases[i]
		p.next.Store(0)
		p.running.Store(int64(there))
		p.ended.Add(there)
	}
	for _, h := range t.helpers[:workers-1] {
		if there > 1 && h.ask() {
			there--
		}
	}
	t.work(0)
	t.phases[len(t.phases)-1].wait()
}

// work does a worker's part of all phases.
func (t *team) work(worker int) {
	for i := range t.phases {
		p := &t.phases[i]
		if i > 0 {
			t.phases[i-1].wait()
		}
		tasks := int64(p.tasks())
		for task := p.next.Add(1) - 1; task < tasks; task = p.next.Add(1) - 1 {
			p.do(worker, int(task))
		}
		p.running.Add(-1)
		p.ended.Done()
	}
}

// wait returns when all workers have ended the phase.
func (p *phase) wait() {
	for look := 0; look < patience && p.running.Load() > 0; look++ {
		runtime.Gosched()
	}
	p.ended.Wait()
}

// helper is a worker that is asked again and again.
type helper struct {
	state atomic.Int32
	start func()
}

// The states of a helper.
const (
	gone  = iota // it has no goroutine
	free         // it stays for more work
	asked        // it works, or is about to
)

// ask has the helper work, unless it does so already.
func (h *helper) ask() bool {
	if h.state.CompareAndSwap(free, asked) {
		return true
	}
	if h.state.CompareAndSwap(gone, asked) {
		go h.start()
		return true
	}
	return false
}

// stay waits for more work for a while, and reports whether there is some.
func (h *helper) stay() bool {
	h.state.Store(free)
	for range patience {
		if h.state.Load() == asked {
			return true
		}
		runtime.Gosched()
	}
	return !h.state.CompareAndSwap(free, gone)
}
