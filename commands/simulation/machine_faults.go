package simulation

import (
	"context"
	"fmt"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/events"
)

// pick returns the machine that a fault strikes; nil where that one is left
// out, or not up.
func (ms *machines) pick(w *world, f fault) *machine {
	m := ms.byID[machineID(w.Seed, f.which%w.Workers)]
	if m == nil || !m.up {
		return nil
	}
	return m
}

func machineID(seed uint64, i int) events.WorkerID {
	return events.WorkerID(fmt.Sprintf("w%d-%03d", seed, i))
}

// crash ends a worker's process without a word, and starts the next one when
// the fault is over.
func (ms *machines) crash(w *world, f fault) {
	if m := ms.pick(w, f); m != nil {
		m.die()
		w.in(f.lasts, func(ctx context.Context) { m.start(ctx, w) })
	}
}

// silence lets a worker go on, and answer no question.
func (ms *machines) silence(w *world, f fault) {
	if m := ms.pick(w, f); m != nil {
		m.dumb = w.now.Add(f.lasts)
	}
}

// drain lets a worker finish what it has. It may get sessions again before it
// has; otherwise it stops.
func (ms *machines) drain(ctx context.Context, w *world, f fault) {
	m := ms.pick(w, f)
	if m == nil {
		return
	}
	process := m.process
	same := func() bool { return m.up && m.process == process }
	order := func(name string, c commands.Command[worker.State]) commands.Order {
		id := w.commandID(fmt.Sprintf("%s %s %s", name, m.incarnation(), f.at))
		return commands.Issue(c, commands.Origin{ID: id, Actor: events.BySystem("operator")})
	}
	m.drained = f.which%2 == 0
	w.do(ctx, m.handler, order("drain", worker.Drain{Worker: m.id}), same)
	m.rest(w)
	w.in(f.lasts, func(ctx context.Context) {
		if same() {
			m.drained = false
			w.do(ctx, m.handler, order("resume", worker.Resume{Worker: m.id}), same)
		}
	})
}
