package transport

import (
	"time"

	"github.com/playcast/playcast/streamer/transport/congestion"
)

// probe is the cluster of packets under way; its ID is 0 for none.
type probe struct {
	congestion.Cluster
	filled int
	next   time.Time
}

// probeGrain is how far ahead a probe's packets may leave: the least wait
// worth a timer.
const probeGrain = time.Millisecond

// Probe asks to find out whether the path carries so many bits a second, by
// sending more than there is to send for some 20 ms. The estimate rises if it
// does.
func (p *Peer) Probe(bps int) { p.bwe.ask(bps) }

func (e *estimator) ask(bps int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.control.Ask(bps)
	e.probeSoon()
}

func (e *estimator) probeSoon() {
	select {
	case e.wake <- struct{}{}:
	default: // the sender will see this with the token that is there
	}
}

// fill sends what a probe is still short of and is due now, copies of packets
// that were sent, and says when to come again; false when no probe is under
// way. One goroutine calls it, when it has nothing better to send.
func (e *estimator) fill(now time.Time) (wait time.Duration, ok bool) {
	s := e.video.Load()
	if s == nil || e.stock != nil {
		return 0, false
	}
	for {
		rate, at := e.due(now)
		if rate == 0 {
			return 0, false
		}
		if wait := at.Sub(now); wait > probeGrain {
			return wait, true
		}
		size := s.again(now)
		if size == 0 {
			return 0, false // nothing to fill with: reports will find the probe short
		}
		e.spaced(size, rate)
	}
}

// due is the rate of the probe under way, a new one included, and when its
// next packet is.
func (e *estimator) due(now time.Time) (rate int, at time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.probe.ID == 0 {
		cluster, ok := e.control.Probe(now.Sub(e.epoch))
		if !ok {
			return 0, now
		}
		e.probe = probe{Cluster: cluster, next: now}
	}
	return e.probe.Rate, e.probe.next
}

func (e *estimator) spaced(size, rate int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.probe.next = e.probe.next.Add(time.Duration(size) * 8 * time.Second / time.Duration(rate))
}
