package main

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/feed"
	"github.com/playcast/playcast/streamer/saves"
)

// erasedAgain is how often saves are tried to be removed that a session has, or
// whose store did not answer.
const erasedAgain = 30 * time.Second

// savesEraser removes the saves of players who are erased, from the store and
// from this worker. It folds the log from its start, so that a worker that did
// not run meanwhile removes what it has, too.
type savesEraser struct {
	keeper *saves.Keeper
	log    *slog.Logger

	mu      sync.Mutex
	pending map[events.PlayerID]bool
	live    bool
}

// runSavesEraser carries the log to the eraser of saves.
func (p *platform) runSavesEraser(ctx context.Context) error {
	return p.route(ctx, "erasure", func(run context.Context, r *routing) {
		e := &savesEraser{keeper: p.saves, log: r.log, pending: map[events.PlayerID]bool{}}
		r.insist("saves-eraser", feed.NewSubscriber(p.store, feed.FromStart, r.log), e.handle)
		r.group.Go(func() { e.tryAgain(run) })
	})
}

// handle takes the next message of the log. An error is answered by delivering
// it again.
func (e *savesEraser) handle(msg *message.Message) error {
	d, err := feed.Unpack(msg)
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if d.CaughtUp() {
		e.live = true
		e.erase(msg.Context())
		return nil
	}
	event, _, err := events.Decode(*d.Event)
	if err != nil {
		return err
	}
	if erased, is := event.(events.PlayerErased); is {
		e.pending[erased.Player] = true
		e.erase(msg.Context())
	}
	return nil
}

func (e *savesEraser) tryAgain(ctx context.Context) {
	ticker := time.NewTicker(erasedAgain)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		e.mu.Lock()
		e.erase(ctx)
		e.mu.Unlock()
	}
}

// erase tries all that is pending. E.mu is held.
func (e *savesEraser) erase(ctx context.Context) {
	if !e.live {
		return
	}
	for _, player := range slices.Sorted(maps.Keys(e.pending)) {
		err := e.keeper.Erase(ctx, player)
		switch {
		case err == nil:
			delete(e.pending, player)
			e.log.Info("no saves of an erased player are left here", "player", player)
		case errors.Is(err, saves.ErrTaken):
			e.log.Info("an erased player's saves are removed when their session has ended", "player", player)
		case ctx.Err() == nil:
			e.log.Warn("an erased player's saves are not removed yet", "player", player, "error", err)
		}
	}
}
