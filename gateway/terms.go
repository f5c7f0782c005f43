package gateway

import (
	"context"
	"fmt"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/billing"
	"github.com/playcast/playcast/commands/catalog"
	"github.com/playcast/playcast/commands/player"
	"github.com/playcast/playcast/events"
)

// errPlansSessions is what a player hears who has as many sessions as their plan
// allows.
var errPlansSessions = &events.Fault{Kind: events.Conflict, Code: errTooManyOpen.Code,
	Message: "Your plan allows no more sessions at once. End one first, or take a larger plan."}

// limitsLookBack is more than any week lasts: what was played before counts for
// no guardian's limit.
const limitsLookBack = 8 * 24 * time.Hour

// standing is how a player's account lets them play now.
type standing struct {
	terms    events.SessionTerms
	sessions int  // at once
	plan     bool // says so, and not the platform
}

// standing returns on what terms a player may have one more session, or the
// account's refusal. Who has no plan plays on the platform's terms, unless one is
// required; then credits do as well.
func (g *Gateway) standing(ctx context.Context, of events.PlayerID) (standing, error) {
	unmetered, err := g.unmetered(ctx, of, time.Now())
	if err != nil {
		return standing{}, err
	}
	entitled, err := commands.Ask(ctx, g.commands, events.AccountStream(of), func(a billing.Account, now time.Time) billing.Entitlement {
		return a.Entitled(now, unmetered)
	})
	switch {
	case err != nil:
		return standing{}, err
	case !g.config.PlansRequired && !entitled.Subscribed:
		return standing{sessions: g.bounds.sessions.most}, nil
	case entitled.Refusal != nil:
		return standing{}, entitled.Refusal
	}
	return standing{terms: termsOf(entitled.Access), sessions: entitled.Access.Sessions, plan: true}, nil
}

// termsOf are the terms of one session of a plan. Plans grade priority finer
// than the queue does: its highest class is for all of the upper ones.
func termsOf(access events.Access) events.SessionTerms {
	return events.SessionTerms{
		Priority:   min(access.Priority, events.MaxPriority),
		Resolution: access.Resolution,
		Longest:    max(1, events.Seconds(access.Longest/time.Second)), // none would be no limit
	}
}

// full refuses one more session to who has as many as they may.
func (s standing) full(open int) error {
	switch {
	case open < s.sessions:
		return nil
	case s.plan && s.sessions == 1:
		return errPlansSessions.With("Your plan allows one session at a time: end the one that is open first.")
	case s.plan:
		return errPlansSessions.With(fmt.Sprintf("Your plan allows %d sessions at once: end one first.", s.sessions))
	}
	return errTooManyOpen.With(fmt.Sprintf("You may have %d sessions open at once: end one first.", s.sessions))
}

// mayStart refuses a game to a player who is too young for it, or whose guardian
// does not let them play now, and says until when.
func (g *Gateway) mayStart(ctx context.Context, who events.PlayerID, game events.GameID) error {
	minimum, err := commands.Ask(ctx, g.commands, events.GameStream(game), func(s catalog.State, _ time.Time) int { return s.MinimumAge })
	if err != nil {
		return err
	}
	return g.mayPlay(ctx, who, minimum)
}

// mayPlay is mayStart of a game for players of an age.
func (g *Gateway) mayPlay(ctx context.Context, who events.PlayerID, minimum int) error {
	limited, err := commands.Ask(ctx, g.commands, events.PlayerStream(who), func(s player.State, _ time.Time) bool { return s.Limits != nil })
	if err != nil {
		return err
	}
	var played []player.Span
	if limited {
		if played, err = g.played(ctx, who, time.Now()); err != nil {
			return err
		}
	}
	refusal, err := commands.Ask(ctx, g.commands, events.PlayerStream(who), func(s player.State, now time.Time) error {
		return s.MayStart(minimum, now, played)
	})
	if err != nil {
		return err
	}
	return refusal
}
