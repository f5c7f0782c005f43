package congestion

import "time"

const (
	// probeSpan is how long a probe lasts: long enough to outlast a burst that
	// a shaper lets through and a frame of video, short enough to queue no
	// more than itself. libwebrtc takes 15 ms.
	probeSpan = 20 * time.Millisecond
	// probeLeast is the least a probe is made of: fewer packets measure the
	// path's jitter.
	probeLeast = 5 * 1200
	// probeStep is how far over the target one probe asks.
	probeStep = 2.0
	// probeRest is the time between two probes, and probeRetry that after one
	// that found no more than there is.
	probeRest  = 200 * time.Millisecond
	probeRetry = 500 * time.Millisecond
	// probeSoonest and probeLatest are the times between probes that nobody
	// asked for: each that finds nothing doubles it.
	probeSoonest, probeLatest = time.Second, 4 * time.Second
	// probeRegret takes the place of probeLatest after a drop.
	probeRegret = 2 * time.Second
	// probeWait is how long a probe's reports may take after its last packet.
	probeWait = time.Second
	// probeHeard is the share of a probe that must arrive for it to count.
	probeHeard = 0.8
)

// Cluster is a probe: so many bytes are to leave at this rate, video included,
// each packet told to Sent with the cluster's id.
type Cluster struct {
	ID    int32
	Rate  int // bits a second
	Bytes int
}

// prober decides when to probe and reads what came of it. One probe is under
// way at a time.
type prober struct {
	want   float64 // the rate to be found out; 0 for none
	lastID int32
	rest   time.Duration // no probe before this
	ended  time.Duration // when the last came to an end
	every  time.Duration
	run    run
}

// run is the probe under way; its ID is 0 for none.
type run struct {
	Cluster
	began       time.Duration
	sent, heard int // bytes
	lastNumber  int64
	first, last flight
	firstSize   int
	lastSize    int
	done        bool // all of it has left
}

type flight struct{ sent, arrived time.Duration }

// ask wants the path tried up to so many bits a second.
func (p *prober) ask(rate float64) { p.want = max(p.want, rate) }

// found notes whether the last probe found more than there was.
func (p *prober) found(more bool) {
	p.every = min(max(2*p.every, probeSoonest), probeLatest)
	if more {
		p.every = probeSoonest
	}
}

// stop gives up what was wanted and what is under way.
func (p *prober) stop(now time.Duration) {
	p.want, p.run = 0, run{}
	p.rest, p.ended = now+probeRest, now
}

// next begins a probe if one is due.
func (p *prober) next(now time.Duration, target float64) (Cluster, bool) {
	if p.run.ID != 0 && now-p.run.began > probeWait {
		p.stop(now)
	}
	if p.run.ID != 0 || now < p.rest || p.want < 1.05*target {
		return Cluster{}, false
	}
	rate := min(p.want, probeStep*target)
	p.lastID++
	p.run = run{began: now, Cluster: Cluster{
		ID: p.lastID, Rate: int(rate), Bytes: max(probeLeast, int(rate/8*probeSpan.Seconds())),
	}}
	return p.run.Cluster, true
}

func (p *prober) sent(number int64, size int, id int32) {
	if id == 0 || id != p.run.ID {
		return
	}
	p.run.sent += size
	p.run.lastNumber = number
	p.run.done = p.run.sent >= p.run.Bytes
}

func (p *prober) heard(k *packet, arrived time.Duration) {
	r := &p.run
	if k.cluster == 0 || k.cluster != r.ID {
		return
	}
	if r.heard == 0 {
		r.first, r.firstSize = flight{k.sent, arrived}, int(k.size)
	}
	if arrived >= r.last.arrived {
		r.last, r.lastSize = flight{k.sent, arrived}, int(k.size)
	}
	r.heard += int(k.size)
}

// result is what the probe found, once reports have passed it: the rate that
// arrived, and whether that is all the path carries.
func (p *prober) result(now time.Duration, reported int64) (rate float64, limit, ok bool) {
	r := p.run
	if r.ID == 0 || !r.done || reported < r.lastNumber {
		return 0, false, false
	}
	p.run = run{}
	p.rest, p.ended = now, now
	arrived, sent := (r.last.arrived - r.first.arrived).Seconds(), (r.last.sent - r.first.sent).Seconds()
	if float64(r.heard) < probeHeard*float64(r.sent) || arrived <= 0 || sent <= 0 {
		p.rest = now + probeRetry
		return 0, false, false
	}
	arriving := float64(r.heard-r.firstSize) * 8 / arrived
	leaving := float64(r.heard-r.lastSize) * 8 / sent
	if arriving < 0.9*min(leaving, float64(r.Rate)) {
		p.rest, p.want = now+probeRetry, 0
		return arriving, true, true
	}
	return min(arriving, float64(r.Rate)), false, true
}
