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
// requests; its reports leave in the order in which they were made.
package streamer

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/game"
	"github.com/playcast/playcast/streamer/transport"
)

// Parts are what a worker works with; all are required and stay their owner's.
type Parts struct {
	Launcher *game.Launcher
	Catalog  game.Catalog
	Media    *transport.Server
	Reporter Reporter
	Log      *slog.Logger
}

// Worker runs the sessions that are allocated to it.
type Worker struct {
	id    events.WorkerID
	parts Parts

	// report outlives close by as long as the last reports need.
	report       context.Context
	cancelReport context.CancelFunc

	mu     sync.Mutex
	closed bool
	slots  map[events.SessionID]*slot
	group  sync.WaitGroup
}

// NewWorker returns a worker without sessions.
func NewWorker(id events.WorkerID, parts Parts) *Worker {
	ctx, cancel := context.WithCancel(context.Background())
	return &Worker{id: id, parts: parts, report: ctx, cancelReport: cancel, slots: map[events.SessionID]*slot{}}
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
	s := newSlot(e, w.parts, openOutbox(w.report, e.Session, w.parts.Reporter, log), log)
	w.slots[e.Session] = s
	w.group.Go(func() {
		s.run()
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.slots, e.Session)
	})
}

// slot returns a session's slot, or nil.
func (w *Worker) slot(id events.SessionID) *slot {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.slots[id]
}
