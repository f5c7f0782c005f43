package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/billing"
	"github.com/playcast/playcast/commands/friends"
	"github.com/playcast/playcast/commands/gatewaylease"
	"github.com/playcast/playcast/commands/invoice"
	"github.com/playcast/playcast/commands/lobby"
	"github.com/playcast/playcast/commands/player"
	"github.com/playcast/playcast/commands/presence"
	"github.com/playcast/playcast/commands/recording"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/feed"
	"github.com/playcast/playcast/projections"
)

// runProjections follows the log into the read models. A view that stops leaves
// the others running; before the end of the start it ends that.
func (p *platform) runProjections(ctx context.Context) error {
	pool, err := projections.Open(ctx, p.database)
	if err != nil {
		return err
	}
	if err := p.metrics.Register(projections.NewMetrics(pool, p.store)); err != nil {
		pool.Close()
		return fmt.Errorf("register metrics: %w", err)
	}
	run, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	log := p.terminal.log.With("part", "projections")
	projector := projections.NewProjector(pool, p.store, log)
	group.Go(func() {
		projector.Run(run, func(err error) {
			select {
			case p.stopped <- err:
			case <-p.started:
				log.Error("a view has stopped; what it shows stays as it is", "error", err)
			}
		})
	})
	p.onStop("projections", func(context.Context) error {
		cancel()
		group.Wait()
		pool.Close()
		return nil
	})
	return nil
}

// awaitViews returns when every view that runs here has passed what has been
// recorded: a rebuild of a long log takes longer than a query would wait.
func (p *platform) awaitViews(ctx context.Context) error {
	if !p.command.roles().has(projectionsRole) {
		return nil // they are somebody else's business, and may come later
	}
	head, err := p.store.Head(ctx)
	if err != nil {
		return fmt.Errorf("read the log's head: %w", err)
	}
	for _, view := range projections.Views() {
		if err := p.awaitView(ctx, view.Name(), head); err != nil {
			return err
		}
	}
	return nil
}

func (p *platform) awaitView(ctx context.Context, view string, position events.Position) error {
	for {
		err := p.queries.Await(ctx, view, position)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		select {
		case failure := <-p.failed:
			return failure
		case failure := <-p.stopped:
			return fmt.Errorf("%w (a newer playcast may have written it: start that one)", failure)
		default:
			p.terminal.log.Info("waiting for a view to catch up with the log", "view", view)
		}
	}
}

// runStreamer carries the log to the streamer, from now on: what was allocated
// before this worker registers is not its business.
func (p *platform) runStreamer(ctx context.Context) error {
	return p.route(ctx, "streamer", func(_ context.Context, r *routing) {
		fromNow := feed.NewSubscriber(p.store, p.store.Head, r.log)
		worker := events.WorkerID(p.command.Worker)
		r.skip(p.skipping(r, ofWorker("streamer", worker), feed.Patience{}), fromNow, p.worker.Handle)
		r.skip(p.skipping(r, ofWorker("registration", worker), feed.Patience{}), fromNow, p.registration.Handle)
	})
}

// runPolicies carries the log to the policies, from its start. They begin when
// the worker has registered and end before it stops, so that none gives a slot
// of a worker that is gone, or about to go, to a session that could wait. Of
// several processes that have them one runs them, and the others stand by.
func (p *platform) runPolicies(ctx context.Context) error {
	return p.route(ctx, "policies", func(run context.Context, r *routing) {
		fromStart := feed.NewSubscriber(p.store, feed.FromStart, r.log)
		shift := newShift(cmp.Or(p.database, p.command.Postgres), r.log)
		r.group.Go(func() { shift.keep(run) })
		bills := p.command.Billing
		workers, gateways := worker.NewLeases(), gatewaylease.NewLeases()
		r.group.Go(func() { newLeases("worker", &workers.Leases, p.workers, r.log).keep(run) })
		r.group.Go(func() { newLeases("gateway", &gateways.Leases, p.workers, r.log).keep(run) })
		for _, policy := range []commands.Policy{
			session.NewAllocation(), session.NewDeadlines(session.DefaultLimits()), billing.NewMetering(), billing.NewRenewal(), billing.NewArrears(), workers,
			billing.NewErasing(), session.NewErasing(), session.NewCrowding(),
			recording.NewClosing(), recording.NewRetention(p.command.Recording.keep()),
			player.NewParental(),
			lobby.NewStarting(), lobby.NewAbsences(),
			invoice.NewInvoicing(int(bills.Tax)), invoice.NewNumbers(), invoice.NewCollection(bills.ladder()), invoice.NewRefunds(bills.ladder()),
			presence.NewSessions(), presence.NewLingering(), presence.NewStranded(), presence.NewPreferring(), presence.NewErasing(), gateways,
			friends.NewErasing(),
		} {
			reactor := commands.NewReactor(policy, p.handler, time.Now, r.log).While(shift.active.Load)
			r.insist(policy.Name(), fromStart, reactor.Handle)
			r.group.Go(func() { reactor.Watch(run) })
		}
	})
}

// routing is a router, and what runs beside it.
type routing struct {
	router  *message.Router
	group   sync.WaitGroup
	figures *feed.Figures
	log     *slog.Logger
}

// add has a handler hear the whole log, within middleware, the outermost first.
func (r *routing) add(name string, log message.Subscriber, handle message.NoPublishHandlerFunc, around ...message.HandlerMiddleware) {
	r.router.AddConsumerHandler(name, feed.Everything, log, handle).AddMiddleware(around...)
}

// insist adds a handler that may skip nothing: what it folds has to be whole.
func (r *routing) insist(name string, log message.Subscriber, handle message.NoPublishHandlerFunc) {
	r.add(name, log, handle, feed.Insist(feed.Patience{}, r.figures, r.log))
}

// skip adds a handler that skips what it can't handle, for an operator to decide.
func (r *routing) skip(poison feed.Poison, log message.Subscriber, handle message.NoPublishHandlerFunc) {
	r.add(string(poison.Handler), log, handle, poison.Middleware)
}

// route runs a router, and returns when all that was added listens. The context
// that add is given lasts as long as the router.
func (p *platform) route(ctx context.Context, part string, add func(context.Context, *routing)) error {
	log := p.terminal.log.With("part", part)
	// The router tells of its own life in detail: that is for debugging.
	inner := watermill.NewSlogLoggerWithLevelMapping(log, map[slog.Level]slog.Level{slog.LevelInfo: slog.LevelDebug})
	router, err := message.NewRouter(message.RouterConfig{CloseTimeout: 5 * time.Second}, inner)
	if err != nil {
		return fmt.Errorf("make the router of the %s: %w", part, err)
	}
	figures, err := feed.NewFigures(p.metrics)
	if err != nil {
		return err
	}
	run, cancel := context.WithCancel(context.Background())
	r := &routing{router: router, figures: figures, log: log}
	add(run, r)
	r.group.Go(func() {
		if err := router.Run(run); err != nil {
			p.fail(fmt.Errorf("the %s: %w", part, err))
		}
	})
	p.onStop(part, func(context.Context) error {
		cancel()
		r.group.Wait()
		return nil
	})
	select {
	case <-router.Running():
		return nil
	case err := <-p.failed:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
