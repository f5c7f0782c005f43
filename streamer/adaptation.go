package streamer

import (
	"sync"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/adapt"
	"github.com/playcast/playcast/streamer/transport"
)

// sampleEvery is how often the policy looks at the path when no new estimate
// has it look sooner.
const sampleEvery = 100 * time.Millisecond

// adaptation has the picture follow what the player's path carries. While it
// runs, one goroutine feeds the policy and does what that decides:
//
//	path ─▶ samples ─▶ policy ─▶ decisions ─▶ picture, path (probes)
//	                                └──▶ reports of the steps
type adaptation struct {
	path    path // from start on
	picture shaper
	report  func(events.PictureAdapted)        // does not wait
	trace   func(adapt.Sample, adapt.Decision) // nor does this; nil: nobody traces

	policy adapt.Policy
	sent   rate

	wake    chan struct{} // one token: the estimate has changed
	quit    chan struct{}
	running sync.WaitGroup
}

// path is the way to the player, as a peer has it.
type path interface {
	Stats() transport.Stats
	Probe(bps int) // does not wait
}

var _ path = (*transport.Peer)(nil)

// shaper is a picture that can be sent in another shape. Nothing of it waits.
type shaper interface {
	setBitRate(bps int)
	// reshape says whether the shape is another one than before.
	reshape(adapt.Rung) bool
	encodeP95(now time.Time) time.Duration
	encoderName() string
}

func newAdaptation(picture shaper, source adapt.Source, report func(events.PictureAdapted)) *adaptation {
	return &adaptation{picture: picture, report: report, policy: adapt.New(source), wake: make(chan struct{}, 1)}
}

// start sets the picture to what the path carries now, and follows from there
// until stop.
func (a *adaptation) start(path path, now time.Time) {
	a.path = path
	a.step(now)
	quit := make(chan struct{})
	a.quit = quit
	a.running.Go(func() { a.run(quit) })
}

// stop leaves the picture as it is. It can be started again.
func (a *adaptation) stop() {
	close(a.quit)
	a.running.Wait()
}

// look has it look at the path now, and does not wait. Nothing of it is for who
// decides on no picture.
func (a *adaptation) look() {
	if a == nil {
		return
	}
	select {
	case a.wake <- struct{}{}:
	default: // a token is there: the newest will be read
	}
}

func (a *adaptation) run(quit <-chan struct{}) {
	ticker := time.NewTicker(sampleEvery)
	defer ticker.Stop()
	for {
		select {
		case <-quit:
			return
		case <-a.wake:
		case <-ticker.C:
		}
		a.step(time.Now())
	}
}

// step takes a sample, and does what the policy decides on it.
func (a *adaptation) step(now time.Time) {
	stats := a.path.Stats()
	sample := adapt.Sample{
		At: now, Estimate: stats.Estimate, Sent: a.sent.add(now, stats.Sent.Bytes),
		Loss: stats.Loss, RTT: stats.Remote.RTT, QueueDelay: stats.QueueDelay, EncodeP95: a.picture.encodeP95(now),
	}
	policy, decided := a.policy.Step(sample)
	a.policy = policy
	if a.trace != nil {
		a.trace(sample, decided)
	}
	a.picture.setBitRate(decided.BitRate)
	if a.picture.reshape(decided.Shape) {
		a.report(adapted(sample, decided, a.picture.encoderName()))
	}
	if decided.Probe > 0 {
		a.path.Probe(decided.Probe)
	}
}

// adapted is a step of the picture as it is reported. A viewer before may have
// left the picture in another shape than the policy began with; then it is the
// path that is wider.
func adapted(s adapt.Sample, d adapt.Decision, encoder string) events.PictureAdapted {
	cause := d.Cause
	if cause == "" {
		cause = events.PicturePathWide
	}
	return events.PictureAdapted{
		Width: d.Shape.Width, Height: d.Shape.Height, FrameRate: d.Shape.FrameRate, BitRate: d.BitRate,
		Encoder: encoder, Cause: cause, Estimate: s.Estimate, Lost: s.Loss,
		RoundTrip: milliseconds(s.RTT), QueueDelay: milliseconds(s.QueueDelay),
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// rate turns a count of bytes, looked at now and then, into a rate over the
// last second or so.
type rate struct {
	looks [16]look // a ring, written at next
	next  int
}

type look struct {
	at    time.Time
	bytes uint64
}

// rateOver is the time over which the rate is taken, and lookEvery the least
// time between two looks that are kept: the ring holds a little more.
const (
	rateOver  = time.Second
	lookEvery = 80 * time.Millisecond
)

// add returns the rate in bit/s, 0 at first.
func (r *rate) add(now time.Time, bytes uint64) int {
	oldest := look{now, bytes}
	for _, l := range r.looks {
		if !l.at.IsZero() && now.Sub(l.at) <= rateOver && l.at.Before(oldest.at) {
			oldest = l
		}
	}
	if last := r.looks[(r.next+len(r.looks)-1)%len(r.looks)]; now.Sub(last.at) >= lookEvery {
		r.looks[r.next] = look{now, bytes}
		r.next = (r.next + 1) % len(r.looks)
	}
	elapsed := now.Sub(oldest.at)
	if elapsed < lookEvery {
		return 0
	}
	return int(float64(bytes-oldest.bytes) * 8 / elapsed.Seconds())
}
