package simulation

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/events"
)

// machines are the streamer workers.
type machines struct {
	all      []*machine
	byID     map[events.WorkerID]*machine
	byStream map[events.Stream]*machine
	holds    map[events.SessionID]*machine
}

// machine is one worker: a process, then its next one.
type machine struct {
	id      events.WorkerID
	chance  *rand.Rand
	handler *commands.Handler
	slots   int
	games   []events.GameID // nil: any
	process int             // which one it is; its reports end with it
	up      bool
	dumb    time.Time // until then it answers no questions
	drained bool
	runs    map[events.SessionID]*game
}

// game is a game as the worker's process runs it.
type game struct {
	active bool
	since  time.Time // of the last window of quality
}

func newMachines(w *world) *machines {
	all := &machines{byID: map[events.WorkerID]*machine{}, byStream: map[events.Stream]*machine{}, holds: map[events.SessionID]*machine{}}
	for _, i := range w.workers {
		m := &machine{
			id: machineID(w.Seed, i), chance: chance(w.Seed, chanceOfWorkers, i),
			handler: commands.NewHandler(w.store, w.clock),
		}
		m.slots = 3 + m.chance.IntN(4)
		if i%5 == 4 { // some have only half of the games
			m.games = games[:len(games)/2]
		}
		all.all = append(all.all, m)
		all.byID[m.id], all.byStream[events.WorkerStream(m.id)] = m, m
	}
	return all
}

func (ms *machines) begin(w *world) {
	for _, m := range ms.all {
		w.agenda.enter(start.Add(within(m.chance, -time.Minute, 0)), func(ctx context.Context) { m.start(ctx, w) })
	}
}

// answers says whether the process that holds a lease tells a runner that it is
// there.
func (ms *machines) answers(w *world, h commands.Holder[events.WorkerID]) bool {
	m := ms.byID[h.Name]
	return m != nil && m.up && m.incarnation() == h.Incarnation && !w.now.Before(m.dumb)
}

func (m *machine) incarnation() string { return fmt.Sprintf("%s-%d", m.id, m.process) }

func (m *machine) start(ctx context.Context, w *world) {
	if m.up {
		return
	}
	m.process++
	m.up, m.drained, m.runs = true, false, map[events.SessionID]*game{}
	m.report(ctx, w, "register", func(o commands.Origin) commands.Order {
		return commands.Issue(worker.Register{
			Worker: m.id, Incarnation: m.incarnation(), Address: string(m.id) + ":7000", Slots: m.slots, Encoders: []string{"x264"}, Games: m.games,
		}, o)
	})
}

// report carries out an order of the machine's process, as long as that lives.
func (m *machine) report(ctx context.Context, w *world, name string, order func(commands.Origin) commands.Order) {
	process := m.process
	origin := commands.Origin{ID: w.commandID(fmt.Sprintf("%s %s %d", m.incarnation(), name, m.chance.Uint64())), Actor: events.ByWorker(m.id)}
	w.do(ctx, m.handler, order(origin), func() bool { return m.up && m.process == process })
}

// say reports on a session, after a while, if the process still runs its game.
func (m *machine) say(w *world, after time.Duration, id events.SessionID, command commands.Command[session.State]) {
	process := m.process
	w.in(after, func(ctx context.Context) {
		if m.up && m.process == process && m.runs[id] != nil {
			m.report(ctx, w, id.String(), func(o commands.Origin) commands.Order { return commands.Issue(command, o) })
		}
	})
}

func (m *machine) die() {
	m.up, m.runs = false, nil
}

func (ms *machines) saw(w *world, n commands.Noted) {
	switch e := n.Event.(type) {
	case events.SessionAllocated:
		if m := ms.byID[e.Worker]; m != nil && m.up {
			ms.holds[e.Session] = m
			m.launch(w, e.Session)
		}
	case events.WorkerLost:
		if m := ms.byID[e.Worker]; m != nil && m.up && m.incarnation() == e.Incarnation {
			// It was taken for dead: it gives up what it runs, and begins anew.
			m.die()
			w.in(within(m.chance, time.Second, 10*time.Second), func(ctx context.Context) { m.start(ctx, w) })
		}
	default:
		if id, ok := sessionOf(n.Event); ok {
			if m := ms.holds[id]; m != nil && m.runs[id] != nil {
				m.sawSession(w, id, n.Event)
			}
			if over(n.Event) {
				delete(ms.holds, id)
			}
		}
	}
}

func (m *machine) sawSession(w *world, id events.SessionID, e events.Event) {
	run := m.runs[id]
	switch e := e.(type) {
	case events.SessionLaunched:
		switch draw := m.chance.IntN(200); {
		case draw == 0: // it hangs
		case draw < 3:
			m.say(w, within(m.chance, time.Second, 10*time.Second), id, session.Fail{Session: id, Cause: events.FailedLaunch, Detail: "exit status 1"})
		default:
			m.say(w, within(m.chance, 2*time.Second, 20*time.Second), id,
				session.Ready{Session: id, Width: 1280, Height: 720, FrameRate: 60, Encoder: "x264"})
		}
	case events.SessionActivated:
		run.active, run.since = true, w.now
		m.measure(w, id, run, e.Segment)
	case events.SessionResumed:
		run.active, run.since = true, w.now
		m.measure(w, id, run, e.Segment)
	case events.SessionPaused, events.SessionInterrupted:
		run.active = false
	case events.SessionEnding:
		run.active = false
		if m.chance.IntN(300) > 0 { // or the cleanup hangs
			after := within(m.chance, 500*time.Millisecond, 5*time.Second)
			m.say(w, after, id, session.Finish{Session: id, Reason: events.EndedByShutdown})
		}
	case events.SessionEnded, events.SessionFailed:
		delete(m.runs, id)
		m.rest(w)
	}
}

func (m *machine) launch(w *world, id events.SessionID) {
	m.runs[id] = &game{}
	m.say(w, within(m.chance, time.Second, 3*time.Second), id, session.Launch{Session: id})
}

// window is how long a simulated window of quality is: far longer than a real
// one, so that a history tells more than that.
const window = 15 * time.Minute

// measure reports the quality, window after window, while the segment lasts.
// Now and then the game ends instead.
func (m *machine) measure(w *world, id events.SessionID, run *game, segment int) {
	since := run.since
	w.in(window, func(ctx context.Context) {
		if m.runs[id] != run || !run.active || !run.since.Equal(since) {
			return
		}
		switch draw := m.chance.IntN(400); {
		case draw == 0:
			m.say(w, 0, id, session.Fail{Session: id, Cause: events.FailedGame, Detail: "signal: segmentation fault"})
		case draw < 4:
			m.say(w, 0, id, session.Finish{Session: id, Reason: events.EndedByGame})
		default:
			m.say(w, 0, id, session.ReportQuality{Session: id, From: since, To: w.now, Quality: m.quality()})
			run.since = w.now
			m.measure(w, id, run, segment)
		}
	})
}

func (m *machine) quality() events.Quality {
	encode := 2 + float64(m.chance.IntN(50))/10
	return events.Quality{
		Stages: events.StageQuality{
			Wait: events.Percentiles{P50: 1, P95: 2, P99: 3}, Encode: events.Percentiles{P50: encode, P95: encode * 2, P99: encode * 3},
			Send: events.Percentiles{P50: 0.5, P95: 1, P99: 2}, Total: events.Percentiles{P50: encode + 1.5, P95: encode*2 + 3, P99: encode*3 + 5},
		},
		Sent: events.SentQuality{FrameRate: 58 + float64(m.chance.IntN(20))/10, Dropped: m.chance.IntN(9), KeyFrames: 2, BitRate: 4_000_000 + m.chance.IntN(5_000_000)},
		Path: events.PathQuality{Lost: float64(m.chance.IntN(20)) / 1000, Resent: m.chance.IntN(40), RoundTrip: 8 + float64(m.chance.IntN(300))/10, Jitter: 1.25, Estimate: 9_400_000},
	}
}

// rest stops a worker that has been drained of its sessions, for a new version
// of itself.
func (m *machine) rest(w *world) {
	if !m.drained || len(m.runs) > 0 {
		return
	}
	w.in(time.Minute, func(ctx context.Context) {
		if !m.up || !m.drained || len(m.runs) > 0 {
			return
		}
		m.report(ctx, w, "stop", func(o commands.Origin) commands.Order {
			return commands.Issue(worker.Stop{Worker: m.id, Incarnation: m.incarnation()}, o)
		})
		m.die()
		w.in(2*time.Minute, func(ctx context.Context) { m.start(ctx, w) })
	})
}
