// Package adapt decides how a session's picture is sent: its size, its frame
// rate and its bit rate, by what the path carries and the encoder manages.
//
//	samples ──▶ Policy.Step ──▶ Decision ──▶ encoder, capture, transport
//
// Policy is a pure fold: time comes with the samples, which are expected at
// each new estimate and each 100 ms or so, in their order. It starts nothing
// and never fails; a sample that makes no sense changes nothing.
//
// The ladder's rungs give up resolution first and the frame rate after it. The
// bit rate follows each estimate. The picture goes down, as far as it must,
// when the path has not carried its rung for half a second, or the encoder has
// been too slow for two; it goes up when a better rung was carried for five
// seconds, which is found out by asking the transport for a probe. What failed
// is tried again later and later.
package adapt

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Sample is what is known at an instant.
type Sample struct {
	At         time.Time
	Estimate   int     // of what the path carries, bit/s; 0: not known
	Sent       int     // bit/s, lately
	Loss       float64 // lately, 0 to 1
	RTT        time.Duration
	QueueDelay time.Duration // standing in the path's bottleneck
	EncodeP95  time.Duration // of the latest second or so; 0: not known
}

// Cause says why the picture changed its shape.
type Cause = events.PictureCause

// Decision is how the picture is to be sent from now on.
type Decision struct {
	Shape   Rung
	BitRate int   // bit/s
	Probe   int   // bit/s that the transport is to try; 0: none
	Changed bool  // the shape is another than after the step before
	Cause   Cause // of the change; empty without one
}

const (
	minBitRate = 100_000
	// rateStep is the least change of the bit rate that is worth making: each
	// costs the encoder's rate control its memory.
	rateStep = 0.05
	// longestGap between samples: what was seen before a longer one proves
	// nothing about now.
	longestGap = time.Second
)

// Policy holds what was decided and why. New makes one; the zero value is none.
type Policy struct {
	ladder []tier // shared by all copies, never written
	at     int    // the present rung's index
	rate   int
	loss   float64   // averaged
	seen   time.Time // the last sample's; zero: none yet
	shaped time.Time // when the shape last changed
	path   path
	probe  probe
	coder  coder
}

// New begins with the source's own shape and no knowledge of the path; the
// first sample chooses the rung that fits it.
func New(source Source) Policy {
	return from(ladderOf(source))
}

// ForSpectators is New for who only watches: it goes further down.
func ForSpectators(source Source) Policy {
	return from(extended(ladderOf(source)))
}

func from(ladder []tier) Policy {
	return Policy{ladder: ladder, rate: ladder[0].ceiling, path: newPath(), coder: newCoder()}
}

// Present is the decision as it stands.
func (p Policy) Present() Decision {
	return Decision{Shape: p.ladder[p.at].Rung, BitRate: p.rate}
}

// Step returns the policy after a sample, and what it decides.
func (p Policy) Step(s Sample) (Policy, Decision) {
	s = sane(s, p.seen)
	if s.Estimate <= 0 {
		return p, p.Present()
	}
	if p.seen.IsZero() {
		return p.start(s)
	}
	if s.At.Sub(p.seen) > longestGap {
		p.path.forget()
		p.coder.forget()
	}
	p.loss = averaged(p.loss, s.Loss, s.At.Sub(p.seen))
	p.seen, s.Loss = s.At, p.loss
	usable := usableOf(s)
	p.path.watch(p.ladder, p.at, usable, s.At)
	p.coder.watch(p.ladder, p.at, s, p.shaped)

	to, cause := p.choose(s, usable)
	changed := to != p.at
	if changed {
		p.move(to, s.At)
	}
	p.follow(s, changed)
	d := p.Present()
	d.Changed, d.Cause = changed, cause
	if rung, ok := p.probe.step(&p, s); ok {
		d.Probe = enough(p.ladder[rung], s)
	}
	return p, d
}

// start takes the best rung that the path carries.
func (p Policy) start(s Sample) (Policy, Decision) {
	p.seen, p.shaped, p.path.began, p.loss = s.At, s.At, s.At, s.Loss
	p.probe.rest(s.At)
	to := fitting(p.ladder, 0, usableOf(s))
	p.at = to
	p.follow(s, true)
	d := p.Present()
	if d.Changed = to != 0; d.Changed {
		d.Cause = events.PicturePathNarrow
	}
	return p, d
}

// choose returns the rung to be on now, and why if it is another.
func (p *Policy) choose(s Sample, usable int) (int, Cause) {
	now := s.At
	switch {
	case p.path.narrow(s):
		if to := fitting(p.ladder, p.at+1, usable); to != p.at {
			return to, events.PicturePathNarrow
		}
	case p.coder.slow(now) && p.at+1 < len(p.ladder):
		p.coder.lower(p.at+1, now)
		return p.at + 1, events.PictureEncoderSlow
	}
	p.coder.raise(now)
	if to, ok := p.path.wide(p.at, p.coder.best, now); ok {
		if p.path.carried[to].Add(p.path.wait).Before(p.coder.raised) {
			return to, events.PictureEncoderFast
		}
		return to, events.PicturePathWide
	}
	return p.at, ""
}

// move changes the rung; what was seen of the one before is forgotten.
func (p *Policy) move(to int, now time.Time) {
	if to > p.at {
		p.probe.rest(now)
	}
	p.path.moved(p.at, to, now)
	p.coder.forget()
	p.at, p.shaped = to, now
}

// follow sets the bit rate to what the path carries, within the rung's bounds.
// Small changes are left alone, unless the shape has changed.
func (p *Policy) follow(s Sample, changed bool) {
	usable := (share(s) - drain(s)) * float64(s.Estimate)
	rate := max(min(int(usable), p.ladder[p.at].ceiling), minBitRate)
	change := float64(rate-p.rate) / float64(p.rate)
	if changed || change >= rateStep || change <= -rateStep {
		p.rate = rate
	}
}

// fitting is the best rung from an index on that a rate carries, or the last.
func fitting(ladder []tier, from, usable int) int {
	for i := from; i < len(ladder); i++ {
		if ladder[i].need <= usable {
			return i
		}
	}
	return len(ladder) - 1
}
