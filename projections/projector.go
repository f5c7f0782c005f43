package projections

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/feed"
	"github.com/playcast/playcast/projections/internal/db"
)

// look is how often the generations are looked at, besides when one has changed.
const look = 250 * time.Millisecond

// Projector keeps every view up to date: the live generation of each and the
// one before, side by side, each at its own pace. Several may run at once, in
// one process or in many.
//
//	            ┌▶ runner of session 2, live     ─▶ read_session_2
//	log ─▶ fan ─┼▶ runner of session 1, previous ─▶ read_session_1
//	            └▶ runner of library 1, live     ─▶ read_library_1
type Projector struct {
	pool  *pgxpool.Pool
	store events.Store
	log   *slog.Logger
	fan   *feed.Fan

	changed chan struct{} // a generation has, or a runner has ended
	group   sync.WaitGroup

	mu      sync.Mutex
	running map[place]context.CancelFunc // nil: it has stopped at an event
	renewed map[string]bool              // views that are being built again, or could not be
}

// place is a generation of a view.
type place struct {
	view       string
	generation int32
	made       int64 // in microseconds: another one may get its number
}

func placeOf(g generation) place { return place{g.View, g.Generation, g.MadeAt.UnixMicro()} }

// NewProjector returns a projector over connections of Open. It owns neither
// the connections nor the store.
func NewProjector(pool *pgxpool.Pool, store events.Store, log *slog.Logger) *Projector {
	return &Projector{
		pool: pool, store: store, log: log, fan: feed.NewFan(store, false),
		changed: make(chan struct{}, 1), running: map[place]context.CancelFunc{}, renewed: map[string]bool{},
	}
}

// Run keeps the views up to date until the context ends. A view that stops at
// an event is told of and left; the others go on. One whose rows are of an
// older playcast is built again, while what there is of it is shown.
func (p *Projector) Run(ctx context.Context, stopped func(error)) {
	defer p.group.Wait()
	ready, troubled := false, false
	for ctx.Err() == nil {
		err := p.see(ctx, &ready, stopped)
		if err != nil && ctx.Err() == nil && !troubled {
			p.log.Warn("the views can't be looked at; trying again", "error", err)
		}
		troubled = err != nil
		select {
		case <-ctx.Done():
		case <-p.changed:
		case <-time.After(look):
		}
	}
}

// see starts what is to run and ends what is not.
func (p *Projector) see(ctx context.Context, ready *bool, stopped func(error)) error {
	if !*ready {
		if err := prepare(ctx, p.pool); err != nil {
			return err
		}
		*ready = true
	}
	all, err := db.New(p.pool).Generations(ctx)
	if err != nil {
		return fmt.Errorf("read the generations: %w", err)
	}
	there := map[place]bool{}
	for _, g := range all {
		view, err := Named(g.View)
		if err != nil || g.State == building {
			continue // a newer playcast's, or somebody is at it
		}
		at := placeOf(g)
		there[at] = true
		switch {
		case int(g.Version) == view.Version():
			p.start(ctx, view, g, stopped)
		case g.State == live && int(g.Version) > view.Version():
			p.refuse(at, fmt.Errorf("view %s: %w (its version is %d, this one knows %d)", g.View, ErrNewerView, g.Version, view.Version()), stopped)
		case g.State == live:
			p.renew(ctx, view, stopped)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for at, cancel := range p.running {
		if !there[at] {
			if cancel != nil {
				cancel()
			}
			delete(p.running, at)
		}
	}
	return nil
}

// start runs a generation, unless it runs or has stopped.
func (p *Projector) start(ctx context.Context, view View, g generation, stopped func(error)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := placeOf(g)
	if _, known := p.running[at]; known {
		return
	}
	run, cancel := context.WithCancel(ctx)
	p.running[at] = cancel
	p.group.Go(func() {
		defer cancel()
		err := newRunner(p.pool, view, g, p.log).run(run, p.fan, p.poke)
		p.mu.Lock()
		if _, known := p.running[at]; known {
			if p.running[at] = nil; err == nil {
				delete(p.running, at)
			}
		}
		p.mu.Unlock()
		if err != nil {
			stopped(err)
		}
	})
}

// refuse tells once of a view that can't be run.
func (p *Projector) refuse(at place, err error, stopped func(error)) {
	p.mu.Lock()
	_, known := p.running[at]
	p.running[at] = nil
	p.mu.Unlock()
	if !known {
		stopped(err)
	}
}

// renew builds a view again whose rows are of an older playcast. Of several
// processes one does. What keeps it from that may pass; an event that can't be
// applied does not.
func (p *Projector) renew(ctx context.Context, view View, stopped func(error)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.renewed[view.Name()] {
		return
	}
	p.renewed[view.Name()] = true
	p.group.Go(func() {
		log := p.log.With("view", view.Name())
		log.Info("a view is built again, by the rules of this playcast")
		said := false
		for pause := look; ; pause = min(2*pause, longestWait) {
			_, err := Rebuilding{}.Rebuild(ctx, p.pool, p.store, []string{view.Name()}, p.log)
			switch {
			case err == nil, ctx.Err() != nil, errors.Is(err, ErrBusy):
			case errors.Is(err, ErrStopped):
				stopped(err)
				return // until the next start
			case !said:
				log.Error("a view could not be built again, and is tried again; what it shows stays as it is", "error", err)
				said = true
			}
			if err == nil || errors.Is(err, ErrBusy) && p.isOf(ctx, view) {
				break
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(pause):
			}
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.renewed, view.Name())
		p.poke()
	})
}

// isOf says whether a view's live rows are of this playcast by now.
func (p *Projector) isOf(ctx context.Context, view View) bool {
	g, err := db.New(p.pool).InState(ctx, db.InStateParams{View: view.Name(), State: live})
	return err == nil && int(g.Version) == view.Version()
}

// poke has the generations looked at.
func (p *Projector) poke() {
	select {
	case p.changed <- struct{}{}:
	default: // it is about to be
	}
}
