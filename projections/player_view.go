package projections

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/playcast/playcast/events"
)

// playerView is who players are, as they and support see it. What is personal
// stays sealed. Of one who is erased the receipt is left, and nothing that
// follows changes it.
type playerView struct {
	players  *Table[events.PlayerID, playerRow]
	consents *Table[playerConsent, consentRow]
}

var _ View = (*playerView)(nil)

type playerRow struct {
	Player       events.PlayerID `db:"player_id,key"`
	Name         []byte          `db:"name,null"`
	Email        []byte          `db:"email,null"`
	Preferences  JSON            `db:"preferences"`
	Roles        []events.Role   `db:"roles"`
	AgeClass     events.AgeClass `db:"age_class"`
	AgeNext      events.Month    `db:"age_next"`
	AgeAt        time.Time       `db:"age_at,null"`
	Guardian     int             `db:"guardian"`
	GuardianAt   time.Time       `db:"guardian_at,null"`
	Limits       JSON            `db:"limits,null"`
	KnownAt      time.Time       `db:"known_at"`
	ErasedAt     time.Time       `db:"erased_at,null"`
	ErasedBy     events.Actor    `db:"erased_by"`
	KeyDestroyed time.Time       `db:"key_destroyed,null"`
	Position     int64           `db:"position"`
}

type playerConsent struct {
	Player  events.PlayerID
	Consent events.Consent
}

type consentRow struct {
	Player  events.PlayerID `db:"player_id,key"`
	Consent events.Consent  `db:"consent,key"`
	Version string          `db:"version"`
	GivenAt time.Time       `db:"given_at"`
}

func newPlayerView() View {
	return &playerView{
		players:  NewTable("player", func(r *playerRow) events.PlayerID { return r.Player }),
		consents: NewTable("player_consent", func(r *consentRow) playerConsent { return playerConsent{r.Player, r.Consent} }),
	}
}

func (*playerView) Name() string     { return "player" }
func (*playerView) Version() int     { return 1 }
func (v *playerView) Tables() []Rows { return []Rows{v.players, v.consents} }

func (*playerView) Wants() []events.Event {
	return []events.Event{
		events.ProfileChanged{}, events.PreferencesChanged{}, events.RoleGranted{}, events.RoleRevoked{}, events.ConsentGiven{},
		events.ConsentWithdrawn{}, events.GuardianSet{}, events.AgeDeclared{}, events.ParentalLimitsSet{}, events.ParentalLimitsLifted{},
		events.PlayerErased{},
	}
}

func (v *playerView) Fold(n *Noted) error {
	switch e := n.Event.(type) {
	case events.ProfileChanged:
		v.change(n, e.Player, e.At, func(r *playerRow) { r.Name, r.Email = e.Name.Data, e.Email.Data })
	case events.PreferencesChanged:
		return v.encoded(n, e.Player, e.At, e.Preferences, func(r *playerRow, p JSON) { r.Preferences = p })
	case events.RoleGranted:
		v.change(n, e.Player, e.At, func(r *playerRow) {
			if at, has := slices.BinarySearch(r.Roles, e.Role); !has {
				r.Roles = slices.Insert(slices.Clone(r.Roles), at, e.Role)
			}
		})
	case events.RoleRevoked:
		v.change(n, e.Player, e.At, func(r *playerRow) {
			r.Roles = slices.DeleteFunc(slices.Clone(r.Roles), func(role events.Role) bool { return role == e.Role })
		})
	case events.ConsentGiven:
		if v.change(n, e.Player, e.At, func(*playerRow) {}) {
			v.consents.Put(consentRow{Player: e.Player, Consent: e.Consent, Version: e.Version, GivenAt: e.At})
		}
	case events.ConsentWithdrawn:
		v.change(n, e.Player, e.At, func(*playerRow) {})
		v.consents.Delete(playerConsent{e.Player, e.Consent})
	case events.PlayerErased:
		before, _ := v.players.Get(e.Player)
		v.players.Put(playerRow{
			Player: e.Player, Preferences: JSON("{}"), Roles: []events.Role{}, KnownAt: earliest(before.KnownAt, e.At),
			ErasedAt: e.At, ErasedBy: e.Receipt.By, KeyDestroyed: e.Receipt.KeyDestroyed, Position: n.Position,
		})
		v.consents.DeleteWhere("player_id", e.Player)
	default:
		return v.guarded(n)
	}
	return nil
}

// guarded takes what a guardian decides.
func (v *playerView) guarded(n *Noted) error {
	switch e := n.Event.(type) {
	case events.GuardianSet:
		v.change(n, e.Player, e.At, func(r *playerRow) { r.Guardian, r.GuardianAt = e.Number, e.At })
	case events.AgeDeclared:
		v.change(n, e.Player, e.At, func(r *playerRow) { r.AgeClass, r.AgeNext, r.AgeAt = e.Age.Class, e.Age.Next, e.At })
	case events.ParentalLimitsSet:
		return v.encoded(n, e.Player, e.At, e.Limits, func(r *playerRow, limits JSON) { r.Limits = limits })
	case events.ParentalLimitsLifted:
		v.change(n, e.Player, e.At, func(r *playerRow) { r.Limits = nil })
	}
	return nil
}

// change changes a player's row, or makes it: whatever is first known of a
// player makes them known. Whoever is erased stays so (false).
func (v *playerView) change(n *Noted, player events.PlayerID, at time.Time, how func(*playerRow)) bool {
	row, known := v.players.Get(player)
	if !row.ErasedAt.IsZero() {
		return false
	}
	if !known {
		row = playerRow{Player: player, Preferences: JSON("{}"), Roles: []events.Role{}, KnownAt: at}
	}
	row.Position = n.Position
	how(&row)
	v.players.Put(row)
	return true
}

// encoded changes a column of JSON.
func (v *playerView) encoded(n *Noted, player events.PlayerID, at time.Time, value any, set func(*playerRow, JSON)) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode what is kept of %s: %w", player, err)
	}
	v.change(n, player, at, func(r *playerRow) { set(r, raw) })
	return nil
}
