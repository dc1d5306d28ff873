package gradcheck

import "sync"

// progress counts what is done, in units of about two losses.
type progress struct {
	report func(done, total int) // nil if nobody wants to know
	mu     sync.Mutex
	done   int
	total  int
}

func (c *checker) newProgress() *progress {
	p := &progress{report: c.Progress}
	for i, chosen := range c.chosen {
		spots := len(chosen)
		if spots < len(c.gradient[i]) {
			spots += directions
		}
		p.total += spots * (estimateUnits + roundedPlaces)
	}
	return p
}

// An estimate takes ten losses, if the first step will do.
const estimateUnits = 5

// advance counts some units of work.
func (p *progress) advance(units int) {
	if p.report == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done = min(p.done+units, p.total)
	p.report(p.done, p.total)
}
