package simulation

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/events"
)

// faultKind is a way in which things go wrong.
type faultKind string

const (
	workerCrash   faultKind = "worker crashes"
	workerSilence faultKind = "worker answers no questions"
	workerDrain   faultKind = "worker is drained"
	gatewayCrash  faultKind = "gateway crashes"
	runnerCrash   faultKind = "policy runner is killed"
	runnerPause   faultKind = "policy runner is paused"
	runnerTwice   faultKind = "two policy runners"
	runnerLate    faultKind = "deliveries come late"
	runnerRepeats faultKind = "deliveries come twice"
	storeRefuses  faultKind = "store refuses"
	storeForgets  faultKind = "store loses its answers"
	overtaken     faultKind = "another command comes in between"
)

// fault is one thing that goes wrong, for a while.
type fault struct {
	kind  faultKind
	at    time.Time
	lasts time.Duration
	which int // of those that can have it
}

func (f fault) String() string {
	return fmt.Sprintf("%s  %s for %v", f.at.Format(time.DateTime), f.kind, f.lasts.Round(time.Second))
}

// A day's faults: how many of each kind, for each of how many workers (0: in
// all), and how long they last.
var kinds = []struct {
	kind        faultKind
	count       int
	forWorkers  int
	least, most time.Duration
}{
	{workerCrash, 1, 4, 10 * time.Second, 20 * time.Minute},
	{workerSilence, 1, 10, 30 * time.Second, 5 * time.Minute},
	{workerDrain, 1, 4, 10 * time.Minute, 2 * time.Hour},
	{gatewayCrash, 2, 0, 5 * time.Second, time.Minute},
	{runnerCrash, 1, 0, time.Second, time.Hour},
	{runnerPause, 4, 0, time.Second, time.Minute},
	{runnerTwice, 1, 0, 10 * time.Minute, 40 * time.Minute},
	{runnerLate, 4, 0, time.Second, time.Minute},
	{runnerRepeats, 4, 0, time.Minute, 10 * time.Minute},
	{storeRefuses, 2, 0, time.Second, 40 * time.Second},
	{storeForgets, 2, 0, time.Second, 20 * time.Second},
	{overtaken, 4, 0, time.Minute, 10 * time.Minute},
}

// worst is how long what is due may be held up by faults.
const worst = 5 * time.Minute

func faultsOf(c Config, d int) []fault {
	r := chance(c.Seed, chanceOfFaults, d)
	var faults []fault
	for _, k := range kinds {
		count := k.count
		if k.forWorkers > 0 {
			count = max(1, c.Workers/k.forWorkers)
		}
		for range count {
			faults = append(faults, fault{
				kind: k.kind, at: start.Add(time.Duration(d) * day).Add(within(r, 0, day)),
				lasts: within(r, k.least, k.most), which: r.IntN(1 << 20),
			})
		}
	}
	slices.SortStableFunc(faults, func(a, b fault) int { return a.at.Compare(b.at) })
	return faults
}

// strike begins a fault, and enters its end.
func (w *world) strike(ctx context.Context, f fault) {
	w.counts.faults[f.kind]++
	switch f.kind {
	case workerCrash:
		w.machines.crash(w, f)
	case workerSilence:
		w.machines.silence(w, f)
	case workerDrain:
		w.machines.drain(ctx, w, f)
	case gatewayCrash:
		w.gateways.crash(w, f)
	case runnerCrash:
		w.kill(f)
	case runnerPause:
		w.pause(f)
	case runnerTwice:
		w.double(ctx, f)
	case runnerLate:
		w.each(func(r *runner) { r.late = w.now.Add(f.lasts) })
		w.in(f.lasts, func(ctx context.Context) { w.each(func(r *runner) { r.follow(ctx, w) }) })
	case runnerRepeats:
		w.each(func(r *runner) { r.repeats = w.now.Add(f.lasts) })
	case storeRefuses:
		w.store.refuses = true
		w.in(f.lasts, func(context.Context) { w.store.refuses = false })
	case storeForgets:
		w.store.forgets = true
		w.in(f.lasts, func(context.Context) { w.store.forgets = false })
	case overtaken:
		w.store.between = w.overtake(f)
		w.in(f.lasts, func(context.Context) { w.store.between = nil })
	}
}

// overtake returns who gets in between: the session's player who pauses, or an
// operator who drains the worker for a minute. Every second append is left alone.
func (w *world) overtake(f fault) func(context.Context, events.Stream) {
	// Two, since the second's appends are overtaken by the first's.
	other, resuming := commands.NewHandler(w.store, w.clock), commands.NewHandler(w.store, w.clock)
	turn := 0
	return func(ctx context.Context, stream events.Stream) {
		turn++
		if turn%2 == 0 {
			return
		}
		origin := commands.Origin{ID: w.commandID(fmt.Sprintf("overtake %s %d", f.at, turn)), Actor: events.BySystem("operator")}
		if m := w.machines.byStream[stream]; m != nil {
			w.do(ctx, other, commands.Issue(worker.Drain{Worker: m.id}, origin), always)
			origin.ID = w.commandID(fmt.Sprintf("resume %s %d", f.at, turn))
			w.in(time.Minute, func(ctx context.Context) {
				w.do(ctx, resuming, commands.Issue(worker.Resume{Worker: m.id}, origin), always)
			})
			return
		}
		if v := w.people.visits[stream]; v != nil {
			w.do(ctx, other, commands.Issue(session.Pause{Session: v.session, By: v.player.id}, origin), always)
		}
	}
}

func always() bool { return true }

// commandID makes a command's id of the seed and a name that is used once.
func (w *world) commandID(name string) events.CommandID {
	seed := events.CommandID{0x51, byte(w.Seed >> 56), byte(w.Seed >> 48), byte(w.Seed >> 40), byte(w.Seed >> 32),
		byte(w.Seed >> 24), byte(w.Seed >> 16), byte(w.Seed >> 8), byte(w.Seed)}
	return events.DeriveCommandID(events.DeriveEventID(seed, 0), name)
}
