package capture

import "time"

// pace says when the next picture may be taken. It is a generic cell rate
// algorithm: the long-run rate never passes the limit, while a picture may come
// up to a period early, as long as half a period lies between two. With less
// leeway, one late picture would hold back all that follow, for as long as the
// game draws at the very rate of the limit.
type pace struct {
	period time.Duration // 1 / frame rate
	due    time.Time
	last   time.Time
}

func newPace(rate int) pace { return pace{period: time.Second / time.Duration(rate)} }

// earliest is the first moment at which a picture may be taken.
func (p *pace) earliest() time.Time {
	early, gap := p.due.Add(-p.period), p.last.Add(p.period/2)
	if early.Before(gap) {
		return gap
	}
	return early
}

// taken counts a picture.
func (p *pace) taken(at time.Time) {
	if p.due.Before(at) {
		p.due = at
	}
	p.due = p.due.Add(p.period)
	p.last = at
}
