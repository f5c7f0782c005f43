package capture

import "time"

// pace says when the next picture may be taken. It is a generic cell rate
// algorithm: the long-run rate never passes the limit, but for gifts, while a picture may come
// up to a period early, as long as half a period lies between two. With less
// leeway, one late picture would hold back all that follow, for as long as the
// game draws at the very rate of the limit.
//
// A hurried picture, which may show what an input has done, need not wait for
// that, only half a period for the hurried one before it. If it comes out of
// turn it is owed, and paid back later by waiting one period more for another:
// a whole one, so that the game's next frame takes that one's place and no
// frame is shown late. While too many are owed nothing is hurried. A few of them
// a second are a gift, so that who presses now and then sees every frame of the
// game beside.
type pace struct {
	period time.Duration // 1 / frame rate
	due    time.Time     // when the next has its turn
	last   time.Time
	early  time.Time // the last out of turn
	gift   time.Time // the last of those that is not owed
	owed   int
}

const (
	maxOwed   = 3
	giftEvery = 125 * time.Millisecond
)

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
		if at.Sub(p.gift) >= giftEvery {
			p.gift = at
		} else {
			p.owed++
		}
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
