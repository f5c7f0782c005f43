package queries

import (
	"context"
	"encoding/json"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// Player is who a player is to the platform, for themselves and for support.
// What is sealed is opened by who has the player's key; for support it stays so.
type Player struct {
	ID          events.PlayerID
	Name, Email events.Sealed // zero: none is known
	Preferences events.Preferences
	Roles       []events.Role
	Consents    []Consent
	Age         *DeclaredAge // nil: it was not declared
	Guardian    *Guardian    // nil: there is none
	Limits      *events.ParentalLimits
	KnownAt     time.Time
	Erased      *Erased // nil: they are not; else the rest is empty
	Position    events.Position
}

// Consent is what a player agrees to.
type Consent struct {
	Consent events.Consent
	Version string // of the text
	At      time.Time
}

// DeclaredAge is an age class as it was at a time.
type DeclaredAge struct {
	events.Age
	At time.Time
}

// Guardian holds a PIN for a player: which one, counted from 1, and since when.
type Guardian struct {
	Number int
	Since  time.Time
}

// Erased is what an erasure's receipt says.
type Erased struct {
	At           time.Time
	By           events.Actor
	KeyDestroyed time.Time
}

// ErrPlayerUnknown says that nothing is known of a player.
var ErrPlayerUnknown = &events.Fault{Kind: events.NotFound, Code: "unknown-player",
	Message: "There is no such player. Check how the name is spelt."}

// Player answers: who is the player?
func (d *DB) Player(ctx context.Context, id events.PlayerID) (Player, error) {
	rows, err := d.q.Player(ctx, string(id))
	if err != nil {
		return Player{}, failed("query the player", err, nil)
	}
	if len(rows) == 0 {
		return Player{}, ErrPlayerUnknown
	}
	player, err := playerOf(rows[0].ReadPlayer)
	if err != nil {
		return Player{}, failed("read the player", err, nil)
	}
	for _, row := range rows {
		if row.Consent != nil {
			player.Consents = append(player.Consents, Consent{
				Consent: events.Consent(*row.Consent), Version: value(row.Version), At: value(row.GivenAt).UTC(),
			})
		}
	}
	return player, nil
}

func playerOf(row db.ReadPlayer) (Player, error) {
	id := events.PlayerID(row.PlayerID)
	p := Player{
		ID: id, Name: sealedOf(id, row.Name), Email: sealedOf(id, row.Email), Roles: rolesOf(row.Roles),
		KnownAt: row.KnownAt.UTC(), Position: events.Position(row.Position),
	}
	if err := json.Unmarshal(row.Preferences, &p.Preferences); err != nil {
		return Player{}, err
	}
	if row.Limits != nil {
		if err := json.Unmarshal(row.Limits, &p.Limits); err != nil {
			return Player{}, err
		}
	}
	if row.AgeAt != nil {
		p.Age = &DeclaredAge{Age: events.Age{Class: events.AgeClass(row.AgeClass), Next: events.Month(row.AgeNext)}, At: row.AgeAt.UTC()}
	}
	if row.GuardianAt != nil {
		p.Guardian = &Guardian{Number: int(row.Guardian), Since: row.GuardianAt.UTC()}
	}
	if row.ErasedAt != nil {
		p.Erased = &Erased{At: row.ErasedAt.UTC(), By: events.Actor(row.ErasedBy), KeyDestroyed: value(row.KeyDestroyed).UTC()}
	}
	return p, nil
}

// sealedOf is what is sealed for a player; zero where there is nothing.
func sealedOf(player events.PlayerID, data []byte) events.Sealed {
	if data == nil {
		return events.Sealed{}
	}
	return events.Sealed{Player: player, Data: data}
}

func rolesOf(names []string) []events.Role {
	var roles []events.Role
	for _, name := range names {
		roles = append(roles, events.Role(name))
	}
	return roles
}

// Names answers: how are these players called? They are a few, as those on one
// page. Who has no name that is known, or is erased, is left out. Blocks change
// nothing: a name that vanishes would tell of one.
func (d *DB) Names(ctx context.Context, of []events.PlayerID) (map[events.PlayerID]events.Sealed, error) {
	ids := make([]string, len(of))
	for i, player := range of {
		ids[i] = string(player)
	}
	rows, err := d.q.Names(ctx, ids)
	if err != nil {
		return nil, failed("query the names of players", err, nil)
	}
	names := make(map[events.PlayerID]events.Sealed, len(rows))
	for _, row := range rows {
		id := events.PlayerID(row.PlayerID)
		names[id] = sealedOf(id, row.Name)
	}
	return names, nil
}
