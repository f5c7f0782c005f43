package queries

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// Presence is a player's as somebody sees it. Whoever is not known, is erased,
// is invisible, or is apart from who asks, is offline and nothing else.
type Presence struct {
	Player    events.PlayerID
	State     events.PresenceState
	Since     time.Time // others have seen it so; zero: not known
	Playing   *Playing
	Invisible bool // to others; told to themselves alone
	// Position is that of the last change of what is seen here.
	Position events.Position
}

// Playing is the game that a player has entered last.
type Playing struct {
	Game events.GameID
	// Session is told to themselves, and to others who may ask to join it.
	Session  events.SessionID
	Joinable bool
}

// Presence answers: what does a player see of another one, or of themselves?
func (d *DB) Presence(ctx context.Context, of, by events.PlayerID) (Presence, error) {
	all, err := d.Presences(ctx, []events.PlayerID{of}, by)
	if err != nil {
		return Presence{}, err
	}
	return all[0], nil
}

// Presences answers: what does a player see of others? They are a few, as the
// members of a lobby, and are answered in their order.
func (d *DB) Presences(ctx context.Context, of []events.PlayerID, by events.PlayerID) ([]Presence, error) {
	names := make([]string, len(of))
	for i, player := range of {
		names[i] = string(player)
	}
	rows, err := d.q.Presences(ctx, db.PresencesParams{Players: names, SeenBy: string(by)})
	if err != nil {
		return nil, failed("query who is there", err, nil)
	}
	seen := make(map[string]Presence, len(rows))
	for _, row := range rows {
		r := row.ReadPresence
		does := playingOf(row.SessionID, row.GameID, row.Joinable)
		p := shownPresence(Presence{State: events.PresenceState(r.Shown), Since: value(r.ShownAt).UTC(), Position: events.Position(r.ShownPos)}, does)
		if r.PlayerID == string(by) {
			p = Presence{State: events.PresenceState(r.State), Playing: does, Invisible: r.Invisible, Position: events.Position(r.Position)}
		}
		seen[r.PlayerID] = p
	}
	all := make([]Presence, len(of))
	for i, player := range of {
		if all[i] = seen[string(player)]; all[i].State == "" {
			all[i].State = events.PresenceIsOffline
		}
		all[i].Player = player
	}
	return all, nil
}

// playingOf is a game that a player is in; nil where there is no session.
func playingOf(session uuid.UUID, game string, joinable bool) *Playing {
	if session == uuid.Nil {
		return nil
	}
	return &Playing{Game: events.GameID(game), Session: events.SessionID(session), Joinable: joinable}
}

// shownPresence is a presence with as much of a game as others see.
func shownPresence(p Presence, does *Playing) Presence {
	if p.State != events.PresenceIsInGame || does == nil {
		return p
	}
	if !does.Joinable {
		does.Session = events.SessionID{}
	}
	p.Playing = does
	return p
}
