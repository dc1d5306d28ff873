package gradcheck

import "sync"

// progress counts what is done, in losses.
type progress struct {
	report func(done, total int) // nil if nobody wants to know
	mu     sync.Mutex
	done   int
	total  int
}

func (c *checker) newProgress() *progress {
	sizes := make([]int, len(c.gradient))
	for p, g := range c.gradient {
		sizes[p] = len(g)
	}
	return &progress{report: c.Progress, total: cost(sizes, c.Sample)}
}

// advance counts some losses.
func (p *progress) advance(losses int) {
	if p.report == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done = min(p.done+losses, p.total)
	p.report(p.done, p.total)
}
