package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	load "github.com/playcast/playcast/bench/commands"
	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/billing"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/esdb"
)

type benchCommandsCommand struct {
	EventStore string        `name:"eventstore" placeholder:"esdb://…" help:"The event store to measure on, which no platform uses. Default: an embedded node in a temporary directory, in a process of its own."`
	Dir        string        `type:"existingdir" placeholder:"DIR" help:"Where the temporary directory is made, on the disk to be measured. Default: the system's."`
	Sessions   int           `default:"1000" help:"How many are lived through at once."`
	Writers    int           `default:"64" help:"How many commands are on their way at once."`
	Rate       int           `default:"500" help:"Commands a second where the time of each is measured."`
	Handlers   int           `default:"1" help:"Over how many handlers gateway, streamer and policies are spread: 1 as in playcast up, 3 as where each is a process."`
	Phase      time.Duration `default:"5s" help:"How long each measurement takes."`
	JSON       bool          `name:"json" help:"Print the figures as one JSON object."`
}

// Validate looks at what kong can't.
func (c *benchCommandsCommand) Validate() error {
	if c.Handlers < 1 || c.Handlers > 3 {
		return errors.New("--handlers is 1, 2 or 3")
	}
	return nil
}

// Run prints the figures.
func (c *benchCommandsCommand) Run(ctx context.Context, term *terminal) (err error) {
	connection := c.EventStore
	if connection == "" {
		dir, err := os.MkdirTemp(c.Dir, "playcast-bench-")
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
		server := &benchServer{dir: dir}
		if connection, _, err = server.Start(ctx); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, server.Stop()) }()
	}
	store, err := esdb.Open(connection)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	figures, err := load.Measure(ctx, newBenchedPlatform(store, c.Handlers), load.Config{
		Sessions: c.Sessions, Writers: c.Writers, Rate: c.Rate, Phase: c.Phase,
		Progress: func(phase string) { term.log.Info("measure", "phase", phase) },
	})
	if err != nil {
		return err
	}
	return tellFigures(term, figures, c.JSON)
}

// benchedPlatform joins the measurement to the handler that gateway, streamer
// and policies use, in this process, over the protocol of the store.
type benchedPlatform struct {
	store    *conflictCounter
	handlers []*commands.Handler
}

var _ load.Platform = (*benchedPlatform)(nil)

func newBenchedPlatform(store events.Store, handlers int) *benchedPlatform {
	p := &benchedPlatform{store: &conflictCounter{Store: store}}
	for range handlers {
		p.handlers = append(p.handlers, commands.NewHandler(p.store, time.Now))
	}
	return p
}

// conflictCounter counts the appends that came too late.
type conflictCounter struct {
	events.Store
	conflicts atomic.Int64
}

func (c *conflictCounter) Append(ctx context.Context, stream events.Stream, expected events.Expected, batch []events.Proposed) (events.Position, error) {
	position, err := c.Store.Append(ctx, stream, expected, batch)
	var conflict *events.ConflictError
	if errors.As(err, &conflict) {
		c.conflicts.Add(1)
	}
	return position, err
}

func (p *benchedPlatform) Conflicts() int64 { return p.store.conflicts.Load() }

func (p *benchedPlatform) Begin(ctx context.Context, workers []events.WorkerID, slots int) error {
	for _, w := range workers {
		register := worker.Register{Worker: w, Incarnation: events.NewCommandID().String(), Slots: slots}
		if _, err := p.handlers[0].Do(ctx, commands.Issue(register, commands.By(events.ByWorker(w)))); err != nil {
			return err
		}
	}
	return nil
}

func (p *benchedPlatform) Do(ctx context.Context, s *load.Session, step load.Step) error {
	order, who := benchedOrder(s, step, time.Now())
	done, err := p.handlers[who%len(p.handlers)].Do(ctx, order)
	if err == nil && len(done.Events) == 0 {
		return errors.New("it changed nothing")
	}
	return err
}

// The parts of a platform that issue commands.
const (
	benchedGateway = iota
	benchedStreamer
	benchedPolicies
)

// benchedOrder is the command of a step, and whose it is.
func benchedOrder(s *load.Session, step load.Step, now time.Time) (commands.Order, int) {
	wish := func() commands.Origin { return commands.By(events.ByPlayer(s.Player)) }
	report := func() commands.Origin { return commands.By(events.ByWorker(s.Worker)) }
	because := func() commands.Origin {
		return commands.Because(commands.Cause{Event: events.DeriveEventID(events.NewCommandID(), 0)}, "bench", string(step))
	}
	switch step {
	case load.Request:
		return commands.Issue(session.Request{Session: s.ID, Player: s.Player, Game: "doom", Title: "Doom"}, wish()), benchedGateway
	case load.Reserve:
		return commands.Issue(worker.Reserve{Worker: s.Worker, Session: s.ID}, because()), benchedPolicies
	case load.Allocate:
		return commands.Issue(session.Allocate{Session: s.ID, Worker: s.Worker}, because()), benchedPolicies
	case load.Launch:
		return commands.Issue(session.Launch{Session: s.ID}, report()), benchedStreamer
	case load.Ready:
		return commands.Issue(session.Ready{Session: s.ID, Width: 1280, Height: 720, FrameRate: 60, Encoder: "x264"}, report()), benchedStreamer
	case load.Activate:
		return commands.Issue(session.Activate{Session: s.ID}, report()), benchedStreamer
	case load.Quality:
		return commands.Issue(session.ReportQuality{Session: s.ID, From: now.Add(-5 * time.Second), To: now, Quality: benchedQuality}, report()), benchedStreamer
	case load.Pause:
		return commands.Issue(session.Pause{Session: s.ID, By: s.Player}, wish()), benchedGateway
	case load.Resume:
		return commands.Issue(session.Resume{Session: s.ID, By: s.Player}, wish()), benchedGateway
	case load.End:
		return commands.Issue(session.End{Session: s.ID, By: s.Player, Reason: events.EndedByPlayer}, wish()), benchedGateway
	case load.Finish:
		return commands.Issue(session.Finish{Session: s.ID, Reason: events.EndedByPlayer}, report()), benchedStreamer
	case load.Meter:
		played := events.Segment{Number: s.Segment, From: now.Add(-time.Second), To: now}
		return commands.Issue(billing.Meter{Player: s.Player, Session: s.ID, Game: "doom", Segment: played}, because()), benchedPolicies
	default:
		return commands.Issue(worker.Release{Worker: s.Worker, Session: s.ID}, because()), benchedPolicies
	}
}

// benchedQuality is a window of a good game.
var benchedQuality = events.Quality{
	Stages: events.StageQuality{
		Wait: events.Percentiles{P50: 1, P95: 2, P99: 3}, Encode: events.Percentiles{P50: 3, P95: 5, P99: 8},
		Send: events.Percentiles{P50: 0.5, P95: 1, P99: 2}, Total: events.Percentiles{P50: 4.5, P95: 7, P99: 11},
	},
	Sent: events.SentQuality{FrameRate: 59.8, Dropped: 1, KeyFrames: 2, BitRate: 7_900_000},
	Path: events.PathQuality{Lost: 0.01, Resent: 12, RoundTrip: 12.5, Jitter: 1.25, QueueDelay: 3.5, Estimate: 9_400_000},
	Client: &events.ClientQuality{
		Reports: 3, FrameRate: 59.6, Dropped: 4, Freezes: 2, FreezeTime: 310.5, Decode: 2.25, Buffer: 6.75,
		InputToPresent: events.Percentiles{P50: 28, P95: 41.5, P99: 60},
	},
}

// Life keeps the states in memory, as a simulation does.
func (p *benchedPlatform) Life(s *load.Session) func() error {
	var steps []any
	now, of := time.Now(), *s
	for _, step := range load.Life() {
		of.Segment = max(of.Segment, 1)
		if step == load.Resume {
			of.Segment++
		}
		order, _ := benchedOrder(&of, step, now)
		steps = append(steps, order.Command)
	}
	return func() (err error) {
		var (
			being   session.State
			holder  = worker.State{Running: true, Slots: make([]events.SessionID, 25)}
			account billing.Account
		)
		for _, step := range steps {
			switch command := step.(type) {
			case commands.Command[session.State]:
				being, err = decided(being, command, now)
			case commands.Command[worker.State]:
				holder, err = decided(holder, command, now)
			case commands.Command[billing.Account]:
				account, err = decided(account, command, now)
			default:
				err = errors.New("nobody decides on that")
			}
			if err != nil {
				return fmt.Errorf("%T: %w", step, err)
			}
		}
		return nil
	}
}

func decided[S commands.State[S]](state S, command commands.Command[S], now time.Time) (S, error) {
	happened, err := command.Decide(state, now)
	for _, e := range happened {
		state = state.Evolve(e)
	}
	return state, err
}
