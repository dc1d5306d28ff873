package gradcheck

import "sync"

// progress counts the derivatives that are estimated.
type progress struct {
	report func(done, total int) // nil if nobody wants to know
	mu     sync.Mutex
	done   int
	total  int
}

func (c *checker) newProgress() *progress {
	p := &progress{report: c.Progress}
	for i, chosen := range c.chosen {
		p.total += len(chosen)
		if len(chosen) < len(c.gradient[i]) {
			p.total += directions
		}
	}
	return p
}

// advance counts one derivative.
func (p *progress) advance() {
	if p.report == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	p.report(p.done, p.total)
}
