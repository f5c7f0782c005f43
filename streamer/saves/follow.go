package saves

import (
	"context"
	"errors"
	"time"
)

// follower captures a home while its game runs. Its goroutine is run; until it
// has ended the home is its own.
type follower struct {
	home   *Home
	cancel context.CancelFunc
	paused chan bool // holds the latest that the follower has not heard
	done   chan struct{}
	runs   bool // set before cancel: the game does, still

	captured time.Time     // when that was done last
	took     time.Duration // and how long it took
	stored   time.Time
	rests    time.Time // when the home will be at rest, if nothing else changes
	awaited  time.Time // when it would have been, if nothing else had changed; zero: it rests
	restless int       // how often in a row that was in vain
}

const (
	// storeRunning bounds the storing of a capture while the game runs.
	storeRunning = 5 * time.Minute
	// idle is how much longer than a look, or a capture, the pause is after it:
	// so that a large home does not take the time of the games.
	idle = 20
	// patience is how often in a row a home may be waited for in vain, before its
	// game counts as one that never rests.
	patience = 10
)

// Follow begins to capture the home, now that its game runs. Settle ends it.
func (h *Home) Follow() {
	ctx, cancel := context.WithCancel(context.Background())
	now := time.Now()
	h.follower = &follower{home: h, cancel: cancel, paused: make(chan bool, 1), done: make(chan struct{}), captured: now, stored: now}
	go h.follower.run(ctx)
}

// Pause has the home stored, now that its game is stopped, if it was at rest
// then. While the game is paused nothing is looked at. It does not wait.
func (h *Home) Pause() { h.follower.pause(true) }

// Resume says that the game goes on.
func (h *Home) Resume() { h.follower.pause(false) }

func (f *follower) pause(paused bool) {
	select {
	case <-f.paused:
	default:
	}
	f.paused <- paused // there is room: nobody else puts anything there
}

// Settle ends the captures, before the game is ended. While the game runs it
// waits a moment for the home to come to rest: what is at rest then counts as
// whole, also if the game has to be killed.
func (h *Home) Settle(runs bool) {
	if h.follower == nil {
		return
	}
	h.follower.runs = runs
	h.follower.cancel()
	<-h.follower.done
	h.follower = nil
}

// Close stores what the game has left, and lets another session have the home.
// Call it when every process of the game has ended. Whether the game left of
// itself, or when it was told, says that its files are whole. What can't be
// stored in time waits for the queue.
func (h *Home) Close(left bool) error {
	h.Settle(false)
	ctx, cancel := context.WithTimeout(context.Background(), h.cfg.Timing.Within)
	defer cancel()
	if err := h.salvage(Clean, func(s *scan) bool { return left || h.rested(s) }); err != nil {
		h.say(Trouble{What: NotKept, Detail: err.Error()})
	} else if err := h.deliver(ctx); err != nil {
		h.say(Trouble{What: NotStored, Detail: err.Error()})
	}
	return h.free()
}

func (f *follower) run(ctx context.Context) {
	defer close(f.done)
	next := time.NewTimer(f.home.cfg.Timing.Look)
	defer next.Stop()
	paused := false
	for {
		select {
		case <-ctx.Done():
			if !paused && f.runs {
				f.settle()
			}
			return
		case paused = <-f.paused:
			if paused {
				f.watch(ctx, true)
			}
		case <-next.C:
			began := time.Now()
			if !paused {
				f.watch(ctx, false)
			}
			next.Reset(f.untilNext(time.Since(began)))
		}
	}
}

// untilNext is when to look again, after a look that took so long: as soon as
// the home may be at rest, so that no rest is missed.
func (f *follower) untilNext(took time.Duration) time.Duration {
	wait := f.home.cfg.Timing.Look
	if rests := time.Until(f.rests); rests > 0 {
		wait = min(wait, rests+time.Millisecond)
	}
	return max(wait, idle*took)
}

// glance notes whether the home is at rest, and returns what it saw; nil if it
// is safe, or can't be looked at.
func (f *follower) glance() (s *scan, rests bool) {
	h, now := f.home, time.Now()
	s, err := look(h.path, h.cfg.Limits)
	if err == nil && s.print != h.desk.state.Print && s.print != emptyPrint {
		f.rests = s.newest.Add(h.cfg.Timing.Rest)
		rests = !now.Before(f.rests)
		if rests && s.print != h.desk.state.Rest {
			err = h.desk.note(func(known *state) {
				known.Rest, known.Boot, known.Restless = s.print, h.desk.boot, false
			})
		}
	} else {
		s = nil
	}
	if err != nil {
		h.say(Trouble{What: NotKept, Detail: err.Error()})
		return nil, false
	}
	return s, rests
}

// settle waits for the home to come to rest, if that can be expected.
func (f *follower) settle() {
	timing := f.home.cfg.Timing
	for deadline := time.Now().Add(2 * timing.Rest); ; time.Sleep(timing.Look / 10) {
		s, rests := f.glance()
		if s == nil || rests || f.home.desk.state.Restless || time.Now().After(deadline) {
			return
		}
	}
}

// watch captures the home if it is time to, and stores what waits.
func (f *follower) watch(ctx context.Context, pausing bool) {
	h, now, timing := f.home, time.Now(), f.home.cfg.Timing
	if s, rests := f.glance(); s != nil && f.await(rests, now) {
		f.take(s, rests, pausing)
	}
	if pausing || now.Sub(f.stored) >= timing.Store {
		f.stored = now
		ctx, cancel := context.WithTimeout(ctx, storeRunning)
		defer cancel()
		if err := h.deliver(ctx); err != nil && ctx.Err() == nil {
			h.say(Trouble{What: NotStored, Detail: err.Error()})
		}
	}
}

// await counts how often in a row the home did not come to rest when it was to.
func (f *follower) await(rests bool, now time.Time) bool {
	h := f.home
	switch {
	case rests:
		f.restless, f.awaited = 0, time.Time{}
	case f.awaited.IsZero():
		f.awaited = f.rests
	case !now.Before(f.awaited):
		f.awaited = f.rests
		f.restless++
	}
	if f.restless >= patience && !h.desk.state.Restless {
		if err := h.desk.note(func(known *state) { known.Restless = true }); err != nil {
			h.say(Trouble{What: NotKept, Detail: err.Error()})
			return false
		}
	}
	return true
}

// take captures a home that has changed: at rest, or after long in vain.
func (f *follower) take(seen *scan, rests, pausing bool) {
	h, now, timing := f.home, time.Now(), f.home.cfg.Timing
	why := ""
	switch {
	case rests && (pausing || now.Sub(f.captured) >= max(timing.Capture, idle*f.took)):
	case !rests && !pausing && h.desk.state.Restless && now.Sub(f.captured) >= timing.Store:
		why = "the game never stops changing its files"
	default:
		return
	}
	err := h.capture(seen, Auto, why)
	if errors.Is(err, errChanged) {
		return // next time, then
	}
	f.captured, f.took = now, time.Since(now)
	if err != nil {
		h.say(Trouble{What: NotKept, Detail: err.Error()})
	}
}
