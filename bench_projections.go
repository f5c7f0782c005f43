package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	life "github.com/playcast/playcast/bench/commands"
	load "github.com/playcast/playcast/bench/projections"
	"github.com/playcast/playcast/commands/simulation"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/esdb"
	"github.com/playcast/playcast/projections"
	"github.com/playcast/playcast/queries"
	"github.com/playcast/playcast/schema"
	"github.com/playcast/playcast/schema/local"
)

type benchProjectionsCommand struct {
	History string        `type:"existingdir" placeholder:"DIR" help:"A data directory with a history in its event store, which is copied. Default: a simulated one of --events."`
	Events  int           `default:"1000000" help:"Without --history: how many events are simulated."`
	Dir     string        `type:"existingdir" placeholder:"DIR" help:"Where the temporary directory is made, on the disk to be measured. Default: the system's."`
	Rate    int           `default:"500" help:"Commands a second where it is measured when they are visible."`
	Phase   time.Duration `default:"10s" help:"How long each measurement takes."`
	JSON    bool          `name:"json" help:"Print the figures as one JSON object."`
}

// Run prints the figures.
func (c *benchProjectionsCommand) Run(ctx context.Context, term *terminal) (err error) {
	dir, err := os.MkdirTemp(c.Dir, "playcast-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := c.history(ctx, term, filepath.Join(dir, "events")); err != nil {
		return err
	}
	p := &projectionsBench{log: term.log}
	defer func() { err = errors.Join(err, p.close()) }()
	if err := p.open(ctx, dir); err != nil {
		return err
	}
	figures, err := load.Measure(ctx, p, load.Config{
		Rate: c.Rate, Phase: c.Phase, Sessions: benchedSessions,
		Progress: func(phase string) { term.log.Info("measure", "phase", phase) },
	})
	if err != nil {
		return err
	}
	return tellFigures(term, figures, c.JSON)
}

// history has the log that is measured on lie in a directory.
func (c *benchProjectionsCommand) history(ctx context.Context, term *terminal, dir string) error {
	if c.History != "" {
		if err := os.CopyFS(dir, os.DirFS(filepath.Join(c.History, "events"))); err != nil {
			return fmt.Errorf("copy the history: %w", err)
		}
		return nil
	}
	term.log.Info("simulate a history", "events", c.Events)
	simulate := &simulateCommand{Seed: 1, Players: 2000, Workers: 40, Days: 1, Events: c.Events, Data: filepath.Dir(dir), JSON: true}
	quiet := *term
	quiet.out = quietly{}
	return simulate.Run(ctx, &quiet)
}

// quietly takes what nobody reads.
type quietly struct{}

func (quietly) Write(p []byte) (int, error) { return len(p), nil }

// benchedSessions is how many sessions the commands are spread over.
const benchedSessions = 500

// projectionsBench is a platform of which only the read side is at work: node
// and PostgreSQL are processes of their own.
type projectionsBench struct {
	log    *slog.Logger
	undo   []func() error
	store  *esdb.Store
	pool   *pgxpool.Pool
	db     *queries.DB
	issued *benchedPlatform

	stopped chan error // takes the first view that has stopped

	sessions []*life.Session
	more     []events.Recorded // that is appended next, and again with other ids
	at       int
}

var _ load.Platform = (*projectionsBench)(nil)

func (p *projectionsBench) open(ctx context.Context, dir string) error {
	server := &benchServer{dir: filepath.Join(dir, "events")}
	connection, _, err := server.Start(ctx)
	if err != nil {
		return err
	}
	p.undo = append(p.undo, server.Stop)
	if p.store, err = esdb.Open(connection); err != nil {
		return err
	}
	p.undo = append(p.undo, p.store.Close)
	database, err := local.Start(ctx, local.Config{Dir: filepath.Join(dir, "postgres")})
	if err != nil {
		return err
	}
	p.undo = append(p.undo, database.Close)
	if err := schema.Apply(ctx, database.URL()); err != nil {
		return err
	}
	if err := projections.Prepare(ctx, database.URL()); err != nil {
		return err
	}
	if p.pool, err = projections.Open(ctx, database.URL()); err != nil {
		return err
	}
	p.undo = append(p.undo, func() error { p.pool.Close(); return nil })
	if p.db, err = queries.Open(ctx, database.URL(), p.log); err != nil {
		return err
	}
	p.undo = append(p.undo, func() error { p.db.Close(); return nil })
	p.project()
	p.issued = newBenchedPlatform(p.store, 1)
	return p.begin(ctx)
}

// project has the views follow the log, as a platform does.
func (p *projectionsBench) project() {
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	p.stopped = make(chan error, 1)
	group.Go(func() {
		projections.NewProjector(p.pool, p.store, p.log).Run(ctx, func(err error) {
			select {
			case p.stopped <- err:
			default: // one is enough to end the measurement
			}
		})
	})
	p.undo = append(p.undo, func() error {
		cancel()
		group.Wait()
		return nil
	})
}

// begin prepares what is appended and issued later.
func (p *projectionsBench) begin(ctx context.Context) error {
	_, recorded, err := simulation.Run(ctx, simulation.Config{Seed: 2, Players: 1000, Workers: 20, Days: 2})
	if err != nil {
		return err
	}
	for r, err := range recorded.All(ctx) {
		if err != nil {
			return err
		}
		if r, is := another(r); is {
			p.more = append(p.more, r)
		}
	}
	p.sessions = life.Sessions(benchedSessions)
	return p.issued.Begin(ctx, life.Workers(benchedSessions), life.SlotsEach)
}

// numbered is a series of documents, or a document's number.
var numbered = regexp.MustCompile(`"20(\d\d-\d\d(-\d{6})?)"`)

// another has an event be of a platform that has a history already: its plans are
// there, and its documents have other numbers.
func another(r events.Recorded) (events.Recorded, bool) {
	switch r.Type {
	case events.PlanPublished{}.EventType():
		return r, false
	case events.NumberAssigned{}.EventType():
		r.Stream = events.Stream(strings.Replace(string(r.Stream), "-20", "-21", 1))
		fallthrough
	case events.InvoiceApproved{}.EventType(), events.InvoiceIssued{}.EventType(), events.CreditNoteApproved{}.EventType(), events.CreditNoteIssued{}.EventType():
		r.Data = numbered.ReplaceAll(r.Data, []byte(`"21$1"`))
	}
	return r, true
}

func (p *projectionsBench) close() error {
	var all []error
	for i := len(p.undo) - 1; i >= 0; i-- {
		all = append(all, p.undo[i]())
	}
	return errors.Join(all...)
}

func (p *projectionsBench) Level(ctx context.Context) error {
	head, err := p.store.Head(ctx)
	if err != nil {
		return err
	}
	return p.pass(ctx, head)
}

// pass returns when every view has passed a position, however long it takes.
func (p *projectionsBench) pass(ctx context.Context, position events.Position) error {
	for _, view := range projections.Views() {
		for {
			err := p.db.Await(ctx, view.Name(), position)
			if err == nil {
				break
			}
			if !errors.Is(err, queries.ErrBehind) {
				return err
			}
			select {
			case err := <-p.stopped:
				return err
			default:
			}
		}
	}
	return nil
}

func (p *projectionsBench) Rebuild(ctx context.Context) (int64, error) {
	var names []string
	for _, view := range projections.Views() {
		names = append(names, view.Name())
	}
	done, err := projections.Rebuilding{}.Rebuild(ctx, p.pool, p.store, names, p.log)
	if err != nil {
		return 0, err
	}
	for _, d := range done {
		p.log.Info("rebuilt", "view", d.View, "took", d.Took, "compared", d.Compared)
		if err := projections.Drop(ctx, p.pool, d.View); err != nil {
			return 0, err
		}
	}
	return done[0].Events, nil
}

// More appends a part of the history in which streams are side by side: what is
// of one stream, in its order, in one append.
func (p *projectionsBench) More(ctx context.Context, n int) (int, func(context.Context) error, error) {
	if p.at+n > len(p.more) {
		return 0, nil, fmt.Errorf("the %d events of the history are used up: measure for a shorter time", len(p.more))
	}
	part := p.more[p.at : p.at+n]
	p.at += n
	var next lots
	for _, r := range part {
		next.add(r.Stream, events.Proposed{ID: r.ID, Type: r.Type, Data: r.Data, Metadata: r.Metadata})
	}
	head, err := next.append(ctx, p.store)
	return n, func(ctx context.Context) error { return p.pass(ctx, head) }, err
}

// Command is seen when the session's row, asked for with its position, is there.
func (p *projectionsBench) Command(ctx context.Context, i int) (func(context.Context) error, error) {
	s := p.sessions[i]
	for {
		step, id := s.Step(), s.ID
		order, _ := benchedOrder(s, step, time.Now())
		done, err := p.issued.handlers[0].Do(ctx, order)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", step, err)
		}
		s.Advance()
		if step == life.Reserve || step == life.Release || step == life.Meter {
			continue // its row is another view's
		}
		return func(ctx context.Context) error {
			if err := p.db.Await(ctx, queries.ViewSession, done.Position); err != nil {
				return err
			}
			row, err := p.db.Session(ctx, id)
			if err == nil && row.Position < done.Position {
				err = fmt.Errorf("the row of %s is of %d, after %d was reached", id, row.Position, done.Position)
			}
			return err
		}, nil
	}
}
