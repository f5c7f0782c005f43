package simulation

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/gatewaylease"
	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/events"
)

// runner is a process that runs the policies, or stands by. It begins at the
// start of the log; what it had known goes with it.
type runner struct {
	reactors []*delivery
	workers  *worker.Leases
	gateways *gatewaylease.Leases
	active   bool      // as far as it knows
	paused   time.Time // until then it does nothing
	late     time.Time // until then nothing is delivered to it
	repeats  time.Time // until then what is delivered comes twice
}

// delivery is how far the log has come to one reactor.
type delivery struct {
	*commands.Reactor
	next int
	live bool
}

var silent = slog.New(slog.DiscardHandler)

func newRunner(w *world) *runner {
	handler := commands.NewHandler(w.store, w.clock)
	r := &runner{workers: worker.NewLeases(), gateways: gatewaylease.NewLeases()}
	for _, p := range append(w.policies(), r.workers, r.gateways) {
		reactor := commands.NewReactor(p, handler, w.clock, silent).While(func() bool { return r.active })
		r.reactors = append(r.reactors, &delivery{Reactor: reactor})
	}
	return r
}

// deaf says that nothing reaches a runner at a time.
func (r *runner) deaf(now time.Time) bool { return now.Before(r.late) || now.Before(r.paused) }

// follow delivers what is new. A delivery that fails is repeated the next time.
func (r *runner) follow(ctx context.Context, w *world) {
	if r.deaf(w.now) {
		return
	}
	for _, d := range r.reactors {
		if err := d.follow(ctx, w, w.now.Before(r.repeats)); err != nil && !errors.Is(err, events.ErrUnavailable) && ctx.Err() == nil {
			w.fail(err)
		}
	}
}

// backwards is how many deliveries come again where they come twice.
const backwards = 3

func (d *delivery) follow(ctx context.Context, w *world, twice bool) error {
	from := d.next
	for d.next < len(w.log) {
		if err := d.Take(ctx, w.log[d.next]); err != nil {
			return err
		}
		d.next++
	}
	if !d.live {
		d.live = true
		return d.CaughtUp(ctx)
	}
	if twice && d.next > from {
		for _, n := range w.log[max(0, d.next-backwards):d.next] {
			if err := d.Take(ctx, n); err != nil {
				return err
			}
		}
	}
	return nil
}

// look is what a runner does as time goes by: ask the workers and gateways
// whether they are there, and carry out what is due.
func (r *runner) look(ctx context.Context, w *world) {
	if r.deaf(w.now) {
		return
	}
	for _, h := range r.workers.Holders() {
		if w.machines.answers(w, h) {
			r.workers.Answered(h)
		} else {
			r.workers.Missed(h)
		}
	}
	for _, h := range r.gateways.Holders() {
		if w.gateways.answers(h) {
			r.gateways.Answered(h)
		} else {
			r.gateways.Missed(h)
		}
	}
	r.follow(ctx, w)
	for _, d := range r.reactors {
		if !d.live {
			continue
		}
		if err := d.Look(ctx); err != nil && !errors.Is(err, events.ErrUnavailable) && ctx.Err() == nil {
			w.fail(err)
		}
	}
}
