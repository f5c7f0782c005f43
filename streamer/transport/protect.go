package transport

import (
	"sync/atomic"
	"time"
)

const (
	// fecLongPath is the round trip from which on a retransmission comes too
	// late to be seen as none: with the way to the client and the wait until
	// the loss is noticed it costs some four frames. Protection ends under
	// fecShortPath.
	fecLongPath  = 40 * time.Millisecond
	fecShortPath = 30 * time.Millisecond
	// fecLossy is the part of lost packets from which on repairs are worth
	// their weight; under fecClean they end.
	fecLossy = 0.005
	fecClean = 0.001
	// fecLeast and fecMost bound the repairs a packet; between them they grow
	// with the loss, fecGrowth a part, from fecBase.
	fecLeast  = 0.2
	fecMost   = 0.5
	fecBase   = 0.1
	fecGrowth = 4
	// fecMemory is the weight of a new report of loss against those before:
	// reports come once a second.
	fecMemory = 0.3
)

// protection is the decision how many repairs a packet gets. It is a value:
// step says what follows from a report.
type protection struct {
	share float64 // repairs a packet; 0: retransmissions do
	loss  float64 // smoothed
}

// step takes the round trip and the part lost of the last second.
func (p protection) step(rtt time.Duration, loss float64) protection {
	p.loss += (loss - p.loss) * fecMemory
	on := p.share > 0
	switch {
	case !on && (rtt < fecLongPath || p.loss < fecLossy):
		return p
	case on && (rtt < fecShortPath || p.loss < fecClean):
		p.share = 0
		return p
	}
	p.share = min(max(fecBase+fecGrowth*p.loss, fecLeast), fecMost)
	return p
}

// guard keeps the decision for a peer.
type guard struct {
	offered bool // the client takes repairs
	repairs *repairer
	now     atomic.Pointer[protection]
}

func newGuard(offered bool, repairs *repairer) *guard {
	g := &guard{offered: offered, repairs: repairs}
	g.now.Store(&protection{})
	return g
}

// carries is what of a rate is left for the picture.
func (g *guard) carries(bps int) int { return int(float64(bps) / (1 + g.now.Load().share)) }

// report decides anew, and says whether that changed anything. One goroutine
// calls it.
func (g *guard) report(rtt time.Duration, loss float64) (changed bool) {
	if !g.offered {
		return false
	}
	before := g.now.Load()
	next := before.step(rtt, loss)
	g.now.Store(&next)
	g.repairs.protect(next.share)
	return next.share != before.share
}

// tick is what is due once a second.
func (p *Peer) tick() {
	p.sendReport()
	// A queue makes no path long: against what is lost there, repairs only
	// help to fill it.
	if p.guard.report(p.bwe.path().roundTrip, p.rtcp.lastReport().FractionLost) {
		p.estimated(p.bwe.rate())
	}
}

// estimated tells the streamer what the path carries beside the repairs.
func (p *Peer) estimated(bps int) { p.events.estimate(p.guard.carries(bps)) }
