package capture

import "time"

// pace says when the next picture may be taken. It is a generic cell rate
// algorithm: the long-run rate never passes the limit, while a picture may come
// up to slack early, so that the jitter of a game that draws at that very rate
// does not push its pictures later and later.
type pace struct {
	period time.Duration // 1 / frame rate
	slack  time.Duration
	due    time.Time
}

func newPace(rate int) pace {
	period := time.Second / time.Duration(rate)
	return pace{period: period, slack: period / 4}
}

// earliest is the first moment at which a picture may be taken.
func (p *pace) earliest() time.Time { return p.due.Add(-p.slack) }

// taken counts a picture.
func (p *pace) taken(at time.Time) {
	if p.due.Before(at) {
		p.due = at
	}
	p.due = p.due.Add(p.period)
}
