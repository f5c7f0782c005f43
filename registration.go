package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/feed"
	"github.com/playcast/playcast/streamer"
)

// registration is the worker's place in the log: its name, and which process
// of that name this one is. Others may find the worker lost while it lives, cut
// off or asleep. What it held is somebody else's business then, and so it ends
// that and registers anew.
//
//	WorkerRegistered ─▶ WorkerLost, and none after it ─▶ end all ─▶ WorkerRegistered
//	                    WorkerLost, and another follows ─▶ the end of this process
type registration struct {
	handler *commands.Handler
	store   events.Store
	worker  *streamer.Worker
	log     *slog.Logger
	lost    chan struct{} // holds a token when the present incarnation is lost
	group   sync.WaitGroup

	mu       sync.Mutex
	offer    worker.Register
	held     map[events.SessionID]bool // slots, as the log has them
	at       events.Position           // up to which that is so
	draining bool
}

// errDisplaced ends a process whose name another one has taken.
var errDisplaced = errors.New("another playcast has registered a worker of the same name, and this one's sessions are lost: give one of them another name with --worker")

// The pauses before a worker that was lost registers again: where others can't
// reach it, it is lost again and again, with what it was given meanwhile.
const (
	shortestAbsence = time.Second
	longestAbsence  = time.Minute
)

func newRegistration(p *platform) *registration {
	return &registration{
		handler: p.handler, store: p.store, worker: p.worker, log: p.terminal.log.With("part", "streamer"),
		lost: make(chan struct{}, 1), held: map[events.SessionID]bool{},
		offer: worker.Register{Worker: events.WorkerID(p.command.Worker)},
	}
}

// current is the incarnation that is registered, or is about to be.
func (r *registration) current() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.offer.Incarnation
}

// register offers the slots as a new incarnation.
func (r *registration) register(ctx context.Context) error {
	r.mu.Lock()
	r.offer.Incarnation = uuid.NewString()
	offer := r.offer
	r.mu.Unlock()
	_, err := r.handler.Do(ctx, commands.Issue(offer, commands.By(events.ByWorker(offer.Worker))))
	return err
}

// stop says that the sessions have ended in good order.
func (r *registration) stop(ctx context.Context) error {
	stop := worker.Stop{Worker: r.offer.Worker, Incarnation: r.current()}
	_, err := r.handler.Do(ctx, commands.Issue(stop, commands.By(events.ByWorker(stop.Worker))))
	return err
}

// Handle takes the next message of the feed that the worker takes, too. One that
// is replayed is feed.ErrOvertaken where it would change what has come since.
func (r *registration) Handle(msg *message.Message) error {
	d, err := feed.Unpack(msg)
	if err != nil || d.CaughtUp() {
		return err
	}
	if d.Event.Stream != events.WorkerStream(r.offer.Worker) {
		return nil
	}
	event, _, err := events.Decode(*d.Event)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, lost := event.(events.WorkerLost); feed.Replayed(msg) && !lost && d.Position < r.at {
		return feed.ErrOvertaken
	}
	r.at = max(r.at, d.Position)
	switch e := event.(type) {
	case events.WorkerRegistered:
		clear(r.held)
		r.draining = false
	case events.WorkerLost:
		if e.Incarnation == r.offer.Incarnation {
			select {
			case r.lost <- struct{}{}:
			default: // it is known
			}
		}
	case events.SlotReserved:
		r.held[e.Session] = true
	case events.SlotReleased:
		delete(r.held, e.Session)
		r.tellDrained()
	case events.WorkerDraining:
		r.draining = true
		r.log.Info("the worker drains: it gets no more sessions", "left", len(r.held))
		r.tellDrained()
	case events.WorkerResumed:
		r.draining = false
		r.log.Info("the worker gets sessions again")
	}
	return nil
}

func (r *registration) tellDrained() {
	if r.draining && len(r.held) == 0 {
		r.log.Info("the worker has drained: it can be stopped")
	}
}

// watch registers the worker again when it was lost, until the context ends.
// Its only error is that it can't be.
func (r *registration) watch(ctx context.Context) error {
	absence := shortestAbsence
	for {
		since := time.Now()
		select {
		case <-ctx.Done():
			return nil
		case <-r.lost:
		}
		if time.Since(since) > longestAbsence {
			absence = shortestAbsence
		}
		r.log.Warn("others could not reach this worker and hold it for lost: its sessions end, and it registers again", "in", absence)
		r.worker.Abandon()
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(absence):
		}
		absence = min(2*absence, longestAbsence)
		if err := r.again(ctx); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// again registers the worker, however long the store can't be reached, unless
// another has taken its name.
func (r *registration) again(ctx context.Context) error {
	for pause := shortestPause; ; pause = min(2*pause, longestPause) {
		state, err := r.state(ctx)
		switch {
		case err == nil && state.Running && state.Incarnation == r.current():
			return nil // the last attempt came through after all
		case err == nil && state.Running:
			return errDisplaced
		case err == nil:
			err = r.register(ctx)
		}
		if err == nil || !errors.Is(err, events.ErrUnavailable) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// state is the worker as its stream tells it.
func (r *registration) state(ctx context.Context) (worker.State, error) {
	return stateOfWorker(ctx, r.store, r.offer.Worker)
}

func stateOfWorker(ctx context.Context, store events.Store, id events.WorkerID) (worker.State, error) {
	return commands.Load[worker.State](ctx, store, events.WorkerStream(id))
}
