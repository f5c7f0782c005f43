package gateway

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/catalog"
	"github.com/playcast/playcast/commands/player"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/gateway/auth"
	"github.com/playcast/playcast/queries"
)

// While the read side is away, commands go on being accepted. What has to be
// known to decide on one is asked of the write side then, which knows each
// session, account and player by its id, but finds none: which sessions a player
// has open, and which one a code opens, is what this gateway was told last. A
// session that it does not know of, because another gateway took it, counts
// late: the policies Crowding and Parental end what is one too many, or too long.

// away says that the read side can't be reached.
func away(err error) bool { return errors.Is(err, queries.ErrUnavailable) }

// openSessions counts the sessions of a player that are not over, in their turn.
// It counts those, too, that the read side has not come to.
func (g *Gateway) openSessions(ctx context.Context, of events.PlayerID) (int, error) {
	known := g.bounds.sessions.known.get(of)
	told, err := g.queries.OpenSessions(ctx, of)
	if away(err) {
		told, err = g.open(ctx, known.told)
	}
	if err != nil {
		return 0, err
	}
	unseen := slices.DeleteFunc(slices.Clone(known.unseen), func(id events.SessionID) bool { return slices.Contains(told, id) })
	if unseen, err = g.open(ctx, unseen); err != nil {
		return 0, err
	}
	g.bounds.sessions.known.put(of, lastKnown{told: told, unseen: unseen})
	return len(told) + len(unseen), nil
}

// open are those of some sessions that are not over.
func (g *Gateway) open(ctx context.Context, of []events.SessionID) (open []events.SessionID, err error) {
	for _, id := range of {
		s, err := g.written(ctx, id)
		if err != nil {
			return nil, err
		}
		if !s.Phase.Over() {
			open = append(open, id)
		}
	}
	return open, nil
}

// active returns since when the sessions that a player is known to have open are
// played, for those that are.
func (g *Gateway) active(ctx context.Context, of events.PlayerID) (since []time.Time, err error) {
	for _, id := range g.bounds.sessions.known.get(of).all() {
		s, err := g.written(ctx, id)
		if err != nil {
			return nil, err
		}
		if s.Phase == events.SessionIsActive {
			since = append(since, s.Since)
		}
	}
	return since, nil
}

// written is a session as the write side has it.
func (g *Gateway) written(ctx context.Context, id events.SessionID) (session.State, error) {
	return commands.Ask(ctx, g.commands, events.SessionStream(id), func(s session.State, _ time.Time) session.State { return s })
}

// unmetered is what a player has played up to now that is not on their account.
func (g *Gateway) unmetered(ctx context.Context, of events.PlayerID, now time.Time) (time.Duration, error) {
	unmetered, err := g.queries.Unmetered(ctx, of, now)
	if !away(err) {
		return unmetered, err
	}
	active, err := g.active(ctx, of)
	var played time.Duration
	for _, since := range active {
		played += max(0, now.Sub(since))
	}
	return played, err
}

// played is when a player has played, as far back as any limit counts.
func (g *Gateway) played(ctx context.Context, of events.PlayerID, now time.Time) ([]player.Span, error) {
	spans, err := g.queries.PlayedSince(ctx, of, now.Add(-limitsLookBack), now)
	if away(err) {
		return g.playedWritten(ctx, of, now)
	}
	played := make([]player.Span, len(spans))
	for i, s := range spans {
		played[i] = player.Span(s)
	}
	return played, err
}

func (g *Gateway) playedWritten(ctx context.Context, of events.PlayerID, now time.Time) ([]player.Span, error) {
	played, err := commands.Ask(ctx, g.commands, events.AccountStream(of), func(p player.Played, _ time.Time) player.Played { return p })
	if err != nil {
		return nil, err
	}
	active, err := g.active(ctx, of)
	for _, since := range active {
		if since.Before(now) {
			played = append(slices.Clip(played), player.Span{From: since, To: now})
		}
	}
	return played, err
}

// opens is what a code opens.
func (g *Gateway) opens(ctx context.Context, code events.CodeHash) (queries.Invited, error) {
	invited, err := g.queries.Invited(ctx, code)
	switch {
	case err == nil:
		g.codes.put(code, invited.Session)
	case away(err), errors.Is(err, queries.ErrInvitationUnknown): // perhaps it has not come to it
		if id := g.codes.get(code); !id.IsZero() {
			return g.opensWritten(ctx, id, code)
		}
	}
	return invited, err
}

// opensWritten is what a code opens that was given to a session, or was not any more.
func (g *Gateway) opensWritten(ctx context.Context, id events.SessionID, code events.CodeHash) (queries.Invited, error) {
	s, err := g.written(ctx, id)
	if err != nil {
		return queries.Invited{}, err
	}
	by, stands := s.People.Opened(code)
	if !stands {
		return queries.Invited{}, queries.ErrInvitationUnknown
	}
	title, err := commands.Ask(ctx, g.commands, events.GameStream(s.Game), func(c catalog.State, _ time.Time) string { return c.Game.Title })
	return queries.Invited{
		Invitation: by.ID, Kind: by.Kind, Session: id, Host: s.Player, Game: s.Game, Title: title, State: s.Phase, Recorded: !s.Recording.IsZero(),
	}, err
}

// seatOf is from where a player plays a session. Whose it is never changes, so
// that the read side's word is good; who is a guest does, and the worker has the
// last word.
func (g *Gateway) seatOf(ctx context.Context, id events.SessionID, of events.PlayerID) (events.Seat, error) {
	host, guest, err := g.sharing(ctx, id, of)
	switch {
	case err != nil:
		return events.Seat{}, err
	case host == of:
		return events.HostSeat(of), nil
	case !guest:
		return events.Seat{}, errNotYours
	}
	return events.GuestSeat(of), nil
}

// sharing is whose session it is, and whether a player is a guest in it. For who
// is neither, the read side may not have come to it.
func (g *Gateway) sharing(ctx context.Context, id events.SessionID, of events.PlayerID) (host events.PlayerID, guest bool, err error) {
	found, err := g.queries.Session(ctx, id)
	if err == nil && found.Player != of {
		var people queries.People
		people, err = g.queries.People(ctx, id)
		_, guest = people.Guest(of)
	}
	if err == nil && (found.Player == of || guest) || err != nil && !away(err) && !errors.Is(err, errUnknownSession) {
		return found.Player, guest, err
	}
	s, err := g.written(ctx, id)
	if err == nil && s.Phase == events.SessionNone {
		err = errUnknownSession
	}
	_, guest = s.People.Guest(of)
	return s.Player, guest, err
}

// unlessBehind is the refusal of a session that the read side does not know, or
// not as one that the caller may see: it is behind, where the write side does.
func (g *Gateway) unlessBehind(ctx context.Context, id events.SessionID, caller auth.Identity, refusal error) error {
	s, err := g.written(ctx, id)
	if err != nil || s.Phase == events.SessionNone {
		return refusal
	}
	if _, guest := s.People.Guest(caller.Player); guest || s.Player == caller.Player || caller.May(auth.ReadAnySession) {
		return queries.ErrBehind
	}
	return refusal
}
