package main

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/billing"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/feed"
	"github.com/playcast/playcast/projections"
	"github.com/playcast/playcast/queries"
)

// runProjections follows the log into the read models, a runner each. One that
// stops leaves the others running; before the end of the start it ends that.
func (p *platform) runProjections(ctx context.Context) error {
	pool, err := p.openPool(ctx)
	if err != nil {
		return err
	}
	run, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	log := p.terminal.log.With("part", "projections")
	for _, view := range projections.Views() {
		runner := projections.NewRunner(pool, p.store, view, log)
		group.Go(func() {
			err := runner.Run(run)
			if err == nil {
				return
			}
			select {
			case p.stopped <- err:
			case <-p.started:
				log.Error("a view has stopped; what it shows stays as it is", "error", err)
			}
		})
	}
	p.onStop("projections", func(context.Context) error {
		cancel()
		group.Wait()
		return nil
	})
	return nil
}

// awaitViews returns when every view has passed a position. A rebuild of a
// long log takes longer than a query would wait.
func (p *platform) awaitViews(ctx context.Context, position events.Position) error {
	for _, view := range []string{queries.ViewAccount, queries.ViewLibrary, queries.ViewSession} {
		for {
			err := p.queries.Await(ctx, view, position)
			if err == nil {
				break
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
	return nil
}

// runReactions carries the log to the policies and to the streamer, and
// returns when all of them listen.
func (p *platform) runReactions(ctx context.Context) error {
	log := p.terminal.log.With("part", "reactions")
	// The router tells of its own life in detail: that is for debugging.
	inner := watermill.NewSlogLoggerWithLevelMapping(log, map[slog.Level]slog.Level{slog.LevelInfo: slog.LevelDebug})
	router, err := message.NewRouter(message.RouterConfig{CloseTimeout: 5 * time.Second}, inner)
	if err != nil {
		return fmt.Errorf("make the router: %w", err)
	}
	// What still fails after the last attempt is delivered again by the feed.
	router.AddMiddleware(middleware.Recoverer, middleware.Retry{
		MaxRetries: 8, InitialInterval: 50 * time.Millisecond, Multiplier: 2, MaxInterval: 2 * time.Second,
		Logger: inner,
	}.Middleware)

	run, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	fromStart := feed.NewSubscriber(p.store, feed.FromStart, log)
	for _, policy := range []commands.Policy{
		session.NewAllocation(), session.NewDeadlines(session.DefaultLimits()), billing.NewMetering(),
	} {
		reactor := commands.NewReactor(policy, p.handler, time.Now, log)
		router.AddConsumerHandler(policy.Name(), feed.Everything, fromStart, reactor.Handle)
		group.Go(func() { reactor.Watch(run) })
	}
	// What was allocated before this worker registers is not its business.
	fromNow := feed.NewSubscriber(p.store, p.store.Head, log)
	router.AddConsumerHandler("streamer", feed.Everything, fromNow, p.worker.Handle)

	group.Go(func() {
		if err := router.Run(run); err != nil {
			p.fail(fmt.Errorf("the reactions have stopped: %w", err))
		}
	})
	p.onStop("reactions", func(context.Context) error {
		cancel()
		group.Wait()
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
