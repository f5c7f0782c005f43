// Package congestion finds the rate at which a sender of live video may send:
// what the path carries, with next to no queue on it. It is arithmetic on what
// it is told: no clock, no goroutine, no input but Sent, Report, Ask and Probe,
// whose times must not run backwards.
//
//	packets ──Sent──▶ history ┐
//	                          ├─▶ path: queue, rates ─▶ react: drain, hold or grow ─▶ Target
//	reports ─Read─▶ Report ───┤   losses
//	                          └─▶ probes ◀── Ask          Probe ─▶ what to send beside the video
//
// The queue is measured, not guessed from a trend: it is a burst's one-way
// delay over the least of the last 15 s (as SCReAM, RFC 8298, and BBR do), less
// the path's own jitter. What arrives while bursts find the bottleneck busy is
// its capacity. When it falls, the queue that a packet would meet now follows
// from what has been sent since the last report (Lindley's recursion), and the
// target goes under the capacity by as much as empties it in 250 ms, in one
// step and not by a factor a report (draft-ietf-rmcat-gcc, section 5.5). Then
// it stays at 95 % of the capacity.
//
// More is found by probes, 20 ms of more than there is to send (as libwebrtc's
// ProbeController and BitrateProber do): at the start, twice as much each time
// until it is too much; when the application asks; soon after a drop, and
// seldom in steady state. So a sender with little to send keeps what was
// proven, and claims no more.
//
// Loss says something only if it is more than the path's own, the least share
// of the last 15 s, or comes with a queue: 5 % lost at random costs no rate.
// Silence, packets under way and no report, halves the target once; a probe at
// the old rate ends that.
//
// A receiver may report anything: the target stays within Bounds, packets never
// sent are counted and passed over.
package congestion

import "time"

// Bounds of the target in bits a second.
type Bounds struct{ Start, Min, Max int }

type phase uint8

const (
	normal phase = iota
	draining
	silent // no report comes
)

// Controller finds the rate for one sender. It is not safe for concurrent use.
type Controller struct {
	bounds Bounds
	sent   history
	path   path
	loss   losses
	probes prober
	state  state
}

type state struct {
	phase    phase
	since    time.Duration // of the phase
	target   float64       // bits a second
	capacity float64       // as last measured, 0 for unknown
	setback
	reported time.Duration // when the last report came
	every    time.Duration // between reports, smoothed
	arriving float64       // over a second or so, in bits a second
	lossy    time.Duration // when loss was last answered
	queue    time.Duration
	trip     minimum // from sending to the report
	lies     uint64
}

// setback is an outage or a drop.
type setback struct {
	before  float64       // target before it, 0 when it is over
	dropped time.Duration // when it was
	amnesty int64         // packets before this number were lost in an outage
}

// New begins at the bounds' start, and asks for probes up to their most.
func New(b Bounds) *Controller {
	c := &Controller{bounds: b, state: state{target: float64(b.Start)}}
	c.probes.ask(float64(b.Max))
	return c
}

// Sent notes a packet of so many bytes, headers included, that leaves at now,
// by any clock that does not run backwards, as part of a probe or of none (0).
// It returns the packet's transport-wide number.
func (c *Controller) Sent(now time.Duration, size int, cluster int32) uint16 {
	c.listen(now)
	number := c.sent.add(now, size, cluster)
	c.probes.sent(c.sent.next-1, size, cluster)
	return number
}

// listen notices that reports have stopped.
func (c *Controller) listen(now time.Duration) {
	s := &c.state
	patience := max(silence, silences*s.every)
	if s.phase == silent || !c.sent.waiting || now-c.sent.oldest < patience || now-s.reported < patience || s.reported == 0 {
		return
	}
	s.before, s.dropped = max(s.target, s.before), now
	c.enter(silent, now)
	c.set(silentStep * s.target)
	c.probes.stop(now)
}

func (c *Controller) enter(p phase, now time.Duration) { c.state.phase, c.state.since = p, now }

func (c *Controller) set(target float64) {
	c.state.target = min(max(target, float64(c.bounds.Min)), float64(c.bounds.Max))
}

// Target is the rate to send at, retransmissions and all, in bits a second.
func (c *Controller) Target() int { return int(c.state.target) }

// Ask has the path tried up to a rate.
func (c *Controller) Ask(rate int) { c.probes.ask(min(float64(rate), float64(c.bounds.Max))) }

// Probe is the next probe to send, if one is due.
func (c *Controller) Probe(now time.Duration) (Cluster, bool) {
	if c.state.phase != normal || c.state.reported == 0 {
		return Cluster{}, false
	}
	return c.probes.next(now, c.state.target)
}

// Queue is the delay of the path's standing queue.
func (c *Controller) Queue() time.Duration { return c.state.queue }

// RoundTrip is that of the path with no queue on it, 0 until it is known: the
// least of late, and what a report waits for at least.
func (c *Controller) RoundTrip() time.Duration {
	if !c.state.trip.started {
		return 0
	}
	return c.state.trip.least()
}

// Loss is the share of packets lost in the last two seconds.
func (c *Controller) Loss() float64 {
	share, _ := c.loss.share()
	return share
}

// Lies counts arrivals that can't be true: packets never sent.
func (c *Controller) Lies() uint64 { return c.state.lies }

// Report takes one report that came at now.
func (c *Controller) Report(now time.Duration, arrivals []Arrival) {
	last, lostNow := c.take(now, arrivals)
	if last == nil {
		return
	}
	s := &c.state
	elapsed := min(now-s.reported, 250*time.Millisecond)
	if s.reported == 0 {
		elapsed = 0
	}
	s.every += (elapsed - s.every) / 8
	s.reported = now
	s.trip.add(now, now-last.sent)
	if s.phase == silent {
		c.resume(now)
	}
	q, _ := c.path.queue(newest)
	ahead := c.ahead(now, q, last)
	s.queue = q
	switch s.phase {
	case draining:
		c.drain(now, q, ahead)
	default:
		if !c.congested(now, q, ahead) && !c.lossy(now, q, lostNow) {
			c.path.calm(standingSpan)
			c.grow(now, elapsed, q)
		}
	}
	c.probed(now, last.number)
}

// take notes what became of each packet, and returns the newest that arrived.
func (c *Controller) take(now time.Duration, arrivals []Arrival) (last *packet, lostNow int) {
	all := 0
	for _, a := range arrivals {
		k := c.sent.find(a.Number)
		if k == nil || k.sent > now {
			c.state.lies++
			continue
		}
		if k.fate == arrived || !a.Received && k.fate == lost {
			continue
		}
		if k.number >= c.state.amnesty {
			switch {
			case k.fate == lost:
				lostNow--
			case !a.Received:
				lostNow, all = lostNow+1, all+1
			default:
				all++
			}
		}
		if !a.Received {
			k.fate = lost
			continue
		}
		k.fate = arrived
		c.path.add(k.sent, a.At, int(k.size))
		c.probes.heard(k, a.At)
		if last == nil || k.number > last.number {
			last = k
		}
	}
	if last != nil {
		c.sent.waiting = false
		if last.number+1 < c.sent.next {
			c.sent.oldest, c.sent.waiting = c.sent.ring[(last.number+1)%historySize].sent, true
		}
	}
	c.loss.add(now, lostNow, all)
	return last, lostNow
}

// ahead is the queue that a packet sent now would find: the one that the last
// packet found, and what was sent since less what the bottleneck has let
// through since (Lindley's recursion).
func (c *Controller) ahead(now, q time.Duration, last *packet) time.Duration {
	capacity := max(c.state.capacity, float64(c.bounds.Min))
	if c.state.capacity == 0 {
		return q
	}
	added := time.Duration(float64(c.sent.since(last)) * 8 / capacity * float64(time.Second))
	return max(0, q+added-(now-last.sent))
}
