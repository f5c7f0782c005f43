package simulation

import (
	"context"
	"errors"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// The pace of the world: how often runners look at what has become due (a real
// one does four times a second), after how long an order is issued again that
// the store has refused, and how often the invariants are held to what hangs.
const (
	tick       = 15 * time.Second
	slowly     = 10 * time.Minute // before the week begins
	again      = 2 * time.Second
	checkpoint = time.Hour
)

// world is a simulation on its way.
type world struct {
	scenario
	now    time.Time
	agenda agenda
	store  *store
	log    []commands.Noted

	people   *people
	machines *machines
	gateways *gateways
	gate     *gate
	provider *provider
	office   *office
	friends  *acquaintances
	shift    shift

	actors     []actor
	invariants []invariant
	counts     counts
	failure    error // of the first that went wrong: it ends the simulation
}

// actor is who does something, and reacts to what was recorded.
type actor interface {
	begin(*world)
	saw(*world, commands.Noted)
}

// counts are what a report tells beside what the invariants know.
type counts struct {
	orders   int
	refusals map[string]int // by the code of the fault
	held     int            // orders that the store refused
	faults   map[faultKind]int
}

func newWorld(s scenario) *world {
	w := &world{scenario: s, now: opening, counts: counts{refusals: map[string]int{}, faults: map[faultKind]int{}}}
	w.store = newStore(func() time.Time { return w.now })
	w.machines = newMachines(w)
	w.people, w.gateways, w.gate = newPeople(w), newGateways(w), newGate()
	w.provider, w.office = newProvider(w), newOffice(w)
	w.friends = newAcquaintances()
	w.actors = []actor{w.gateways, w.gate, w.office, w.provider, w.machines, w.friends, w.people}
	w.invariants = append(newSimulated(s.Config), w.provider)
	return w
}

func (w *world) clock() time.Time { return w.now }

// live lets time go by until the scenario's end, or until something is wrong.
func (w *world) live(ctx context.Context) error {
	if len(w.log) == 0 {
		for _, a := range w.actors {
			a.begin(w)
		}
		w.in(0, w.beginShift)
		w.in(slowly, w.tick)
		w.in(checkpoint, w.checkpoint)
	}
	for w.failure == nil {
		next, ok := w.agenda.next(w.until)
		if !ok {
			break
		}
		w.now = next.at
		next.do(ctx)
		w.settle(ctx)
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return w.failure
}

// schedule enters the faults from one on.
func (w *world) schedule(from int) {
	for _, f := range w.faults[from:] {
		w.agenda.enter(f.at, func(ctx context.Context) { w.strike(ctx, f) })
	}
}

// in lets something be done after a while.
func (w *world) in(after time.Duration, do func(context.Context)) {
	w.agenda.enter(w.now.Add(after), do)
}

func (w *world) fail(err error) {
	if w.failure == nil {
		w.failure = err
	}
}

// do carries out an order, and again while the store refuses it and whoever
// wants it still does.
func (w *world) do(ctx context.Context, h *commands.Handler, order commands.Order, wanted func() bool) {
	if !wanted() {
		return
	}
	w.counts.orders++
	_, err := h.Do(ctx, order)
	var fault *events.Fault
	switch {
	case err == nil:
	case errors.Is(err, events.ErrUnavailable), errors.Is(err, commands.ErrBusy):
		w.counts.held++
		w.in(again, func(ctx context.Context) { w.do(ctx, h, order, wanted) })
	case errors.As(err, &fault):
		w.counts.refusals[fault.Code]++
	default:
		w.fail(err)
	}
}

// settle hands on what was recorded until nobody has anything to add.
func (w *world) settle(ctx context.Context) {
	for w.failure == nil && len(w.store.fresh) > 0 {
		fresh := w.store.fresh
		w.store.fresh = nil
		w.log = append(w.log, fresh...)
		for _, n := range fresh {
			for _, i := range w.invariants {
				if err := i.take(n); err != nil {
					w.fail(err)
					return
				}
			}
			for _, a := range w.actors {
				a.saw(w, n)
			}
		}
		w.each(func(r *runner) { r.follow(ctx, w) })
	}
}

func (w *world) tick(ctx context.Context) {
	if w.now.Before(start) {
		w.in(slowly, w.tick)
	} else {
		w.in(tick, w.tick)
	}
	w.each(func(r *runner) { r.look(ctx, w) })
}

func (w *world) checkpoint(context.Context) {
	if w.now.Before(start) {
		w.in(day, w.checkpoint)
	} else {
		w.in(checkpoint, w.checkpoint)
	}
	for _, i := range w.invariants {
		if err := i.check(w.now); err != nil {
			w.fail(err)
			return
		}
	}
}

// close ends all that is open, and looks a last time.
func (w *world) close(ctx context.Context) error {
	w.until = w.now.Add(closing)
	w.people.goHome(w)
	if err := w.live(ctx); err != nil {
		return err
	}
	for _, i := range w.invariants {
		if err := i.final(w.now); err != nil {
			return err
		}
	}
	return nil
}

// closing is how long everybody has to come to an end: longer than any limit
// of a session, and any fault.
const closing = 3 * time.Hour
