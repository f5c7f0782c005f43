package congestion

import "time"

const (
	lossStep  = 200 * time.Millisecond
	lossSteps = 10
	// lossEnough packets make a share worth acting on.
	lossEnough = 100
	// lossBorne is the share of lost packets that a path may have of itself:
	// radio loses that much with no queue anywhere.
	lossBorne = 0.07
)

// losses counts packets over the last two seconds, and the share that the path has
// shown to lose whatever is sent.
type losses struct {
	steps   [lossSteps]tally
	current int
	since   time.Duration
	least   minimum // of the share, in parts per million
}

type tally struct{ lost, all int }

func (l *losses) add(now time.Duration, lost, all int) {
	for range lossSteps {
		if now-l.since < lossStep {
			break
		}
		l.since += lossStep
		l.current = (l.current + 1) % lossSteps
		l.steps[l.current] = tally{}
	}
	if now-l.since >= lossStep {
		l.since = now
	}
	l.steps[l.current].lost += lost
	l.steps[l.current].all += all
	if share, ok := l.share(); ok {
		l.least.add(now, time.Duration(share*1e6))
	}
}

// share of the last two seconds' packets, 0 to 1; false where they are too few.
func (l *losses) share() (float64, bool) {
	var sum tally
	for _, s := range l.steps {
		sum.lost += s.lost
		sum.all += s.all
	}
	if sum.all == 0 {
		return 0, false
	}
	return max(0, float64(sum.lost)/float64(sum.all)), sum.all >= lossEnough
}

// excess is the share beyond what the path loses of itself.
func (l *losses) excess() float64 {
	share, ok := l.share()
	if !ok || !l.least.started {
		return 0
	}
	return share - min(lossBorne, float64(l.least.least())/1e6)
}
