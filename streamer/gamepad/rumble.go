package gamepad

import (
	"time"
)

// Rumble is how a pad shakes from now on.
type Rumble struct {
	Strong, Weak float64       // the heavy and the light motor, 0 to 1
	For          time.Duration // it ends by itself after that
}

const (
	// maxEffects is how many effects a reader of a pad can have.
	maxEffects = 16
	// rumbleEvery is the least time between two Rumbles of a pad: what a game
	// asks for meanwhile is one.
	rumbleEvery = 20 * time.Millisecond
	// rumbleFor is how long a Rumble is at most. One that goes on is told again
	// before its end, so that none goes on without us.
	rumbleFor   = 4 * time.Second
	rumbleAgain = rumbleFor - time.Second
)

// effect is what a game has uploaded (struct ff_effect of linux/input.h).
type effect struct {
	strong, weak  uint16
	length, delay time.Duration // length 0: until it is stopped
}

// playing is an effect that was started; until is zero where it does not end.
type playing struct{ from, until time.Time }

// effects are those of one reader of a pad. They are pure: time is an argument.
type effects struct {
	known   [maxEffects]effect
	playing [maxEffects]*playing
	gain    uint16
}

func newEffects() *effects { return &effects{gain: 0xffff} }

// do takes an order. An effect that plays and is uploaded again goes on as the
// new one.
func (e *effects) do(o order, now time.Time) {
	switch o := o.(type) {
	case upload:
		e.known[o.id] = o.effect
		if e.playing[o.id] != nil {
			e.playing[o.id] = o.effect.start(1, now)
		}
	case erase:
		e.known[o.id], e.playing[o.id] = effect{}, nil
	case play:
		e.playing[o.id] = nil
		if o.times > 0 {
			e.playing[o.id] = e.known[o.id].start(o.times, now)
		}
	case gain:
		e.gain = o.of
	}
}

func (f effect) start(times int32, now time.Time) *playing {
	p := &playing{from: now.Add(f.delay)}
	if f.length > 0 {
		// An effect is 65 s at most; what is played for longer than a day is not
		// told from what goes on.
		p.until = p.from.Add(min(time.Duration(times), 1000) * f.length)
	}
	return p
}

// level adds what plays now to a level, and returns when that changes by
// itself; zero: never.
func (e *effects) level(l *level, now time.Time) (next time.Time) {
	for id, p := range e.playing {
		switch {
		case p == nil:
			continue
		case now.Before(p.from):
			next = earlier(next, p.from)
			continue
		case !p.until.IsZero() && !now.Before(p.until):
			e.playing[id] = nil
			continue
		}
		next = earlier(next, p.until)
		l.strong += int(e.known[id].strong) * int(e.gain) / 0xffff
		l.weak += int(e.known[id].weak) * int(e.gain) / 0xffff
	}
	return next
}

// level is how strongly the two motors of a pad turn, 65535: wholly.
type level struct{ strong, weak int }

// capped is what the motors can do.
func (l level) capped() level { return level{min(l.strong, 0xffff), min(l.weak, 0xffff)} }

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// motor is what a pad's player was told last.
type motor struct {
	told  level
	at    time.Time
	again time.Time // when to tell the same again
}

// next returns what is to be told now of a level that changes by itself at
// change (zero: never), and when to ask again; zero: when there is an order.
func (m *motor) next(now level, change, at time.Time) (tell *Rumble, ask time.Time) {
	now = now.capped()
	quiet := now == level{}
	if now == m.told && (quiet || at.Before(m.again)) {
		if quiet {
			return nil, change
		}
		return nil, earlier(change, m.again)
	}
	if soon := m.at.Add(rumbleEvery); at.Before(soon) {
		return nil, soon
	}
	m.told, m.at, m.again = now, at, at.Add(rumbleAgain)
	tell = &Rumble{Strong: float64(now.strong) / 0xffff, Weak: float64(now.weak) / 0xffff}
	if quiet {
		return tell, change
	}
	tell.For = rumbleFor
	if !change.IsZero() && change.Before(at.Add(rumbleFor)) {
		tell.For = change.Sub(at)
	}
	m.again = earlier(change, m.again)
	return tell, m.again
}
