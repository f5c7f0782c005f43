//go:build !nolibav

package main_test

import (
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	client "github.com/playcast/playcast/bench/player"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/lab"
)

// TestSoak plays one session for minutes (an hour with `make soak`), with sound
// and presses. Nothing may grow: no memory, goroutines or files, and no latency.
// Of the frames decoded at the client, 10,000 in three minutes, none may be torn.
func TestSoak(t *testing.T) {
	lasts := long(t, 90*time.Second)
	leastFrames := int(10_000 * lasts / (3 * time.Minute)) // a busy machine takes longer
	p, look := watched(t, withGames(t)...)
	one := p.signIn("player1")
	idle := look()
	id := one.request("flight")
	one.await(id, events.SessionIsReady)
	eyes := &eyes{}
	view := one.view(id, client.Options{Handlers: client.Handlers{Frame: eyes.see, Sound: func(time.Time, []byte) {}}})
	one.await(id, events.SessionIsActive)

	var samples []sample
	began := time.Now()
	sampleAt, pressAt := time.NewTicker(lasts/60), time.NewTimer(0)
	defer sampleAt.Stop()
	for time.Since(began) < lasts || eyes.frames() < leastFrames {
		if time.Since(began) > 3*lasts {
			t.Fatalf("%d frames in %s", eyes.frames(), time.Since(began))
		}
		select {
		case <-pressAt.C:
			eyes.pressed(time.Now())
			view.press("Space")
			pressAt.Reset(80*time.Millisecond + rand.N(170*time.Millisecond))
		case <-sampleAt.C:
			samples = append(samples, eyes.sample(look()))
		case <-view.Ended():
			t.Fatal("the connection has ended")
		}
	}
	t.Logf("idle: %s", idle)
	for _, i := range []int{len(samples) / 3, 2 * len(samples) / 3, len(samples) - 1} {
		t.Logf("after %s: %s; %.1f frames/s, a press seen after %.1f ms", time.Duration(i+1)*lasts/60,
			samples[i].vitals, samples[i].fps, samples[i].latency)
	}
	checkFlat(t, samples)
	eyes.check(t)

	one = p.signIn("player1") // the first token may have ended meanwhile
	one.steer(id, "end")
	one.await(id, events.SessionIsEnded)
	view.close()
	eventually(t, "the session's goroutines and files to be gone", func() (bool, any) {
		now := look()
		return now.games == 0 && now.goroutines <= idle.goroutines+5 && now.files <= idle.files+5, now
	})
	p.stop()
}

// sample is what was seen between two looks.
type sample struct {
	vitals
	fps     float64
	latency float64 // of presses, in ms: a quarter of them took less
}

// checkFlat grants the runtime and the allocators what they move by themselves:
// a collection's span of memory, and connections that idle. Other work on the
// machine moves latency and frame rate: what a queue that grows adds is more,
// within minutes.
func checkFlat(t *testing.T, samples []sample) {
	t.Helper()
	const mb = 1 << 20
	last := samples[len(samples)-1]
	flat(t, "resident memory (MB)", column(samples, func(s sample) float64 { return s.resident / mb }), 16+last.resident/mb/10)
	flat(t, "heap (MB)", column(samples, func(s sample) float64 { return s.heap / mb }), 4+last.heap/mb/10)
	flat(t, "memory of display, sound and game (MB)", column(samples, func(s sample) float64 { return s.games / mb }), 8)
	flat(t, "goroutines", column(samples, func(s sample) float64 { return s.goroutines }), 4)
	flat(t, "open files", column(samples, func(s sample) float64 { return s.files }), 4)
	flat(t, "latency of a press (ms)", column(samples, func(s sample) float64 { return s.latency }), 25)
	flat(t, "frames a second that are missing", column(samples, func(s sample) float64 { return 60 - s.fps }), 10)
}

// eyes look at the picture as it is decoded.
type eyes struct {
	mu         sync.Mutex
	presses    []time.Time
	latencies  []float64 // of the presses seen, in ms
	seen       int       // frames
	torn       int
	unreadable int
	backwards  int
	last       uint32

	sampled struct { // what the last sample has covered
		at              time.Time
		seen, latencies int
	}
}

func (e *eyes) pressed(at time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.presses = append(e.presses, at)
}

// see is the Frame of a connection.
func (e *eyes) see(f *client.Frame) {
	reading, err := lab.Decode(f.Width, f.Height, f.Luma)
	torn := (*lab.TornError)(nil)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.seen++
	switch {
	case errors.As(err, &torn):
		e.torn++
	case err != nil:
		e.unreadable++
	case reading.Frame < e.last:
		e.backwards++
	}
	if err != nil {
		return
	}
	e.last = reading.Frame
	for n := len(e.latencies); n < min(int(reading.Inputs), len(e.presses)); n++ {
		e.latencies = append(e.latencies, float64(f.Decoded.Sub(e.presses[n]).Microseconds())/1000)
	}
}

func (e *eyes) frames() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.seen
}

// sample is of the time since the one before.
func (e *eyes) sample(v vitals) sample {
	e.mu.Lock()
	defer e.mu.Unlock()
	now, last := time.Now(), e.sampled
	s := sample{vitals: v, latency: quantile(e.latencies[last.latencies:], 25)}
	if !last.at.IsZero() {
		s.fps = float64(e.seen-last.seen) / now.Sub(last.at).Seconds()
	}
	e.sampled.at, e.sampled.seen, e.sampled.latencies = now, e.seen, len(e.latencies)
	return s
}

// check wants every frame to be one, and every press to have been seen.
func (e *eyes) check(t *testing.T) {
	t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	t.Logf("%d frames, %d torn, %d unreadable; %d presses, seen after %.1f ms (p50), %.1f (p95), %.1f (p99)", e.seen, e.torn, e.unreadable,
		len(e.latencies), quantile(e.latencies, 50), quantile(e.latencies, 95), quantile(e.latencies, 99))
	if e.torn > 0 || e.backwards > 0 || e.unreadable > e.seen/1000 {
		t.Errorf("of %d frames %d are torn, %d out of order, %d unreadable", e.seen, e.torn, e.backwards, e.unreadable)
	}
	if missed := len(e.presses) - len(e.latencies); missed > 10 { // the last are on their way
		t.Errorf("%d of %d presses were not seen", missed, len(e.presses))
	}
}
