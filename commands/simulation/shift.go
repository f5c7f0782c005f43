package simulation

import (
	"context"
	"slices"
	"time"
)

// How soon the lock of a runner that is silent is another's, and how long that
// one takes to notice when it is back.
const (
	silence = 3 * time.Second
	notices = time.Second
)

// shift is who runs the policies: the one runner that holds the lock. The others
// stand by, and one of them takes over when it is free.
//
//	active ─ killed ──────────────▶ gone, another begins later and stands by
//	  ▲  └── paused, past silence ─▶ thinks that it is active still, for a moment
//	  └────────── standing by ◀──────┘
type shift struct {
	runners []*runner
	holder  *runner // of the lock; nil: nobody
	changes int
}

func (w *world) beginShift(ctx context.Context) {
	for range 2 {
		w.run(ctx)
	}
}

// run starts one more runner.
func (w *world) run(ctx context.Context) {
	r := newRunner(w)
	w.shift.runners = append(w.shift.runners, r)
	w.elect(ctx)
	r.follow(ctx, w)
}

// elect gives the lock, if nobody holds it, to the first who asks.
func (w *world) elect(ctx context.Context) {
	if w.shift.holder != nil {
		return
	}
	for _, r := range w.shift.runners {
		if !w.now.Before(r.paused) {
			w.shift.holder, r.active = r, true
			w.shift.changes++
			r.follow(ctx, w)
			return
		}
	}
}

// kill ends the runner that is active, or now and then one that stands by, and
// starts another one when the fault is over.
func (w *world) kill(f fault) {
	if len(w.shift.runners) < 2 {
		return // the one before is not back yet
	}
	victim := w.shift.holder
	if victim == nil || f.which%4 == 0 {
		victim = w.shift.runners[f.which%len(w.shift.runners)]
	}
	w.shift.runners = slices.DeleteFunc(w.shift.runners, func(r *runner) bool { return r == victim })
	victim.active = false
	if w.shift.holder == victim {
		w.shift.holder = nil
		w.in(300*time.Millisecond, w.elect)
	}
	w.in(f.lasts, w.run)
}

// pause stops the runner that is active. When it goes on after long, another has
// its lock: for a moment both are active.
func (w *world) pause(f fault) {
	r := w.shift.holder
	if r == nil {
		return
	}
	r.paused = w.now.Add(f.lasts)
	if f.lasts > silence {
		w.in(silence, func(ctx context.Context) {
			if w.shift.holder == r {
				w.shift.holder = nil
				w.elect(ctx)
			}
		})
	}
	w.in(f.lasts, func(ctx context.Context) {
		r.look(ctx, w)
		w.elect(ctx)
		w.in(notices, func(ctx context.Context) { r.active = w.shift.holder == r })
	})
}

// double has one that stands by act as well, as if the lock was not there.
func (w *world) double(ctx context.Context, f fault) {
	for _, r := range w.shift.runners {
		if r != w.shift.holder {
			r.active = true
			r.follow(ctx, w)
			w.in(f.lasts, func(context.Context) { r.active = w.shift.holder == r })
			return
		}
	}
}

func (w *world) each(do func(*runner)) {
	for _, r := range w.shift.runners {
		do(r)
	}
}
