package gradcheck

import "sort"

// How many losses the parts of a check ask for, if the first step will do.
const (
	estimateLosses = 10 // of a derivative
	centralLosses  = 2  // of a central difference
	spotLosses     = estimateLosses + roundedPlaces*centralLosses
)

// effort is how closely each of many parameters is looked at.
type effort struct {
	// directions is how many are compared of each parameter that is sampled.
	directions int
	// looks is how many directions far takes. meanSlope takes slopeLooks for
	// each of them.
	looks int
}

// effortFor is less for each parameter where there are many.
func effortFor(params, sampled int) effort {
	e := effort{directions: min(8, max(2, 512/max(1, sampled))), looks: 2}
	if params > 64 {
		e.looks = 1
	}
	return e
}

// perParameter is how many losses measureTerms asks for each parameter.
func (e effort) perParameter() int {
	return e.looks * (2*farSteps + len(smaller)*slopeLooks*centralLosses)
}

// cost is how many losses a check of parameters of these sizes asks for, about.
func cost(sizes []int, sample int) int {
	sampled, spots := 0, 0
	for _, n := range sizes {
		if sample > 0 && sample < n {
			sampled++
			n = sample
		}
		spots += n
	}
	e := effortFor(len(sizes), sampled)
	return (spots+sampled*e.directions)*spotLosses + len(sizes)*e.perParameter()
}

// SampleWithin returns the largest [Settings.Sample] with which a check of
// params takes about that many losses, or zero if that is enough for each
// element. The least is one, whatever it takes.
func SampleWithin(losses int, params []Param) int {
	sizes := make([]int, len(params))
	largest := 0
	for p, param := range params {
		sizes[p] = len(param.X)
		largest = max(largest, sizes[p])
	}
	if cost(sizes, 0) <= losses {
		return 0
	}
	return max(1, sort.Search(largest, func(n int) bool { return cost(sizes, n+1) > losses }))
}
