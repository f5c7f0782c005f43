// Package streamer is the worker: it holds slots, and in each a session with a
// display, a game, and a picture that goes to the player's browser.
//
//	SessionAllocated ──▶ slot: display ─▶ game ─▶ it draws ─▶ report Drawing
//	      Connect (WHEP) ──▶ peer ◀── picture ◀── encoder ◀── capture
//	        input messages ──▶ injector
//	SessionPaused, SessionResumed, SessionEnding ──▶ slot
//	slot ──▶ reports ──▶ commands, joined in main
//
// Ordering. A slot is owned by one goroutine, to which everything else sends
// requests; its reports leave in the order in which they were made. What the
// log orders does not wait for a slot: the end is a mark that is set, and of
// pause and resume only the latest counts.
//
// Freeing. The picture stops first; capture and encoder are closed, then the
// game with all that it started, and the display, while the peer is closed
// beside, which waits for its handlers. Only then is the end reported.
package streamer

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/encode"
	"github.com/playcast/playcast/streamer/game"
	"github.com/playcast/playcast/streamer/gamepad"
	"github.com/playcast/playcast/streamer/saves"
	"github.com/playcast/playcast/streamer/transport"
)

// Parts are what a worker works with; all but the trace, the saves and the
// recordings are required, and all stay their owner's.
type Parts struct {
	Launcher *game.Launcher
	Catalog  game.Catalog
	Media    *transport.Server
	Reporter Reporter
	Log      *slog.Logger
	Trace    *Trace         // nil: none
	Saves    *saves.Keeper  // nil: saves stay on this worker
	Gamepads *gamepad.Maker // nil: games get none
	Hang     Hang
	Idle     time.Duration // without a touch, before that is reported; 0: a minute
	// Encoders are what to encode with, one a codec, the most wanted first; one
	// with no name is the first that works.
	Encoders []encode.Support
	// Recordings are where recordings are kept. Nil: nothing is recorded here.
	Recordings *Recordings
}

// Worker runs the sessions that are allocated to it.
type Worker struct {
	id    events.WorkerID
	parts Parts

	// report outlives close by as long as the last reports need.
	report       context.Context
	cancelReport context.CancelFunc

	// Of Handle alone: the last event that was handled, and the last of each
	// session that was given to this worker and is not over.
	seen  events.Position
	given map[events.Stream]events.Position

	mu     sync.Mutex
	closed bool
	slots  map[events.SessionID]*slot
	hall   atomic.Int64 // spectators, of all slots
	freed  sync.Cond    // a slot has gone; of mu
	group  sync.WaitGroup
}

// NewWorker returns a worker without sessions.
func NewWorker(id events.WorkerID, parts Parts) *Worker {
	ctx, cancel := context.WithCancel(context.Background())
	w := &Worker{id: id, parts: parts, report: ctx, cancelReport: cancel, slots: map[events.SessionID]*slot{}, given: map[events.Stream]events.Position{}}
	w.freed.L = &w.mu
	return w
}

// Close ends every session in good order and waits until each is reported, or
// until the context ends: then it waits for the processes only.
func (w *Worker) Close(ctx context.Context) error {
	w.mu.Lock()
	w.closed = true
	for _, s := range w.slots {
		s.stop(events.EndedByShutdown)
	}
	w.mu.Unlock()
	stopped := context.AfterFunc(ctx, w.cancelReport)
	w.group.Wait()
	defer w.cancelReport()
	if !stopped() {
		return errors.New("the worker's last reports could not be recorded in time")
	}
	return nil
}

// begin starts a session in a slot of its own. A session that runs already is
// left alone.
func (w *Worker) begin(e events.SessionAllocated) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || w.slots[e.Session] != nil {
		return
	}
	log := w.parts.Log.With("session", e.Session)
	out := openOutbox(w.report, func(ctx context.Context, report Report) error {
		return w.parts.Reporter.Report(ctx, e.Session, report)
	}, log)
	s := newSlot(e, w.parts, out, &w.hall)
	w.slots[e.Session] = s
	w.group.Go(func() {
		s.run()
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.slots, e.Session)
		w.freed.Broadcast()
	})
}

// Abandon ends every session as one whose end is recorded already, and waits
// until all is freed. The worker can be given others then.
func (w *Worker) Abandon() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.slots) > 0 {
		for _, s := range w.slots {
			s.stop("")
		}
		w.freed.Wait()
	}
}

// slot returns a session's slot, or nil.
func (w *Worker) slot(id events.SessionID) *slot {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.slots[id]
}
