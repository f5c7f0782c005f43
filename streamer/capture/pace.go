package capture

import "time"

// pace says when the next picture may be taken. It is a generic cell rate
// algorithm: the long-run rate never passes the limit, while a picture may come
// up to a period early, as long as half a period lies between two. With less
// leeway, one late picture would hold back all that follow, for as long as the
// game draws at the very rate of the limit.
//
// A hurried picture, which may show what an input has done, need not wait for
// that, only half a period for the hurried one before it. If it comes out of
// turn it is owed, and paid back later by waiting one period more for another:
// a whole one, so that the game's next frame takes that one's place and no
// frame is shown late. While too many are owed nothing is hurried.
type pace struct {
	period time.Duration // 1 / frame rate
	due    time.Time     // when the next has its turn
	last   time.Time
	early  time.Time // the last out of turn
	owed   int
}

const maxOwed = 3

func newPace(rate int) pace { return pace{period: time.Second / time.Duration(rate)} }

// earliest is the first moment at which a picture may be taken for a change
// that was seen then.
func (p *pace) earliest(seen time.Time, hurried bool) time.Time {
	if hurried && p.owed < maxOwed {
		return p.early.Add(p.period / 2)
	}
	at := later(p.due.Add(-p.period), p.last.Add(p.period/2))
	if p.owed > 0 && !hurried && seen.Before(p.due.Add(p.period/2)) {
		at = later(p.due, seen.Add(p.period))
	}
	return at
}

// taken counts a picture.
func (p *pace) taken(at time.Time, hurried bool) {
	p.last = at
	// A game's own frames come a little early, too.
	if hurried && p.owed < maxOwed && at.Before(p.due.Add(-p.period/4)) {
		p.early = at
		p.owed++
		return
	}
	if p.owed > 0 && !hurried {
		p.due = p.due.Add(p.period)
		p.owed--
	}
	p.due = later(p.due, at).Add(p.period)
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
