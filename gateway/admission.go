package gateway

import (
	"context"
	"sync"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
)

// errTooManyOpen is what a player hears who has as many sessions as they may.
var errTooManyOpen = &events.Fault{Kind: events.Conflict, Code: "too-many-sessions",
	Message: "You have too many sessions open."}

// admission takes a player's requests for sessions one after another, so that
// each is decided on what the one before came to: a player must not fill the
// queue. It orders the requests of one gateway; what two of them take at the same
// moment is the policy session.Crowding's to end.
type admission struct {
	most  int // sessions that a player has open at once
	mu    sync.Mutex
	turns map[events.PlayerID]*turn
	known memory[events.PlayerID, lastKnown] // changed in a player's turn only
}

// turn is a player's place; it is forgotten when nobody wants it.
type turn struct {
	wanted int
	taken  chan struct{} // holds one while the turn is somebody's
}

func newAdmission(most int) *admission {
	return &admission{most: most, turns: map[events.PlayerID]*turn{}}
}

// enter waits for a player's turn, and returns how to end it.
func (a *admission) enter(ctx context.Context, player events.PlayerID) (leave func(), err error) {
	a.mu.Lock()
	t := a.turns[player]
	if t == nil {
		t = &turn{taken: make(chan struct{}, 1)}
		a.turns[player] = t
	}
	t.wanted++
	a.mu.Unlock()
	forget := func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		if t.wanted--; t.wanted == 0 {
			delete(a.turns, player)
		}
	}
	select {
	case t.taken <- struct{}{}:
		return func() { <-t.taken; forget() }, nil
	case <-ctx.Done():
		forget()
		return nil, ctx.Err()
	}
}

// admit carries out a request for a session of a game for players of an age, if
// the player may have one more session, on the terms of their plan. One that was
// carried out before is not judged again. The next turn counts this one, whether
// or not the read side has seen it.
func (g *Gateway) admit(ctx context.Context, wish session.Request, minimumAge int, origin commands.Origin) (commands.Done, error) {
	leave, err := g.bounds.sessions.enter(ctx, wish.Player)
	if err != nil {
		return commands.Done{}, err
	}
	defer leave()
	repeated, err := commands.Ask(ctx, g.commands, wish.Target(), func(s session.State, _ time.Time) bool {
		return s.Phase != events.SessionNone
	})
	if err != nil {
		return commands.Done{}, err
	}
	if !repeated {
		if wish.Terms, err = g.terms(ctx, wish.Player, minimumAge); err != nil {
			return commands.Done{}, err
		}
	}
	done, err := g.commands.Do(ctx, commands.Issue(wish, origin))
	if err != nil {
		return done, err
	}
	g.bounds.sessions.opened(wish.Player, wish.Session)
	return done, nil
}

// terms are those on which a player may have one more session of a game for
// players of an age now; or else why not.
func (g *Gateway) terms(ctx context.Context, player events.PlayerID, minimumAge int) (events.SessionTerms, error) {
	if err := g.mayPlay(ctx, player, minimumAge); err != nil {
		return events.SessionTerms{}, err
	}
	standing, err := g.standing(ctx, player)
	if err != nil {
		return events.SessionTerms{}, err
	}
	open, err := g.openSessions(ctx, player)
	if err != nil {
		return events.SessionTerms{}, err
	}
	standing.terms.AtOnce = standing.sessions
	return standing.terms, standing.full(open)
}
