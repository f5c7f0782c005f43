package lobby

import (
	"cmp"
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// Absence is how long a member may be offline, from then or from when they
// joined, until the lobby goes on without them.
const Absence = 10 * time.Minute

// droppedAtOnce bounds what Absences has due at once. The rest follows as the log
// shows what was done.
const droppedAtOnce = 64

// Absences drops members who are offline for too long, and those who are erased.
// It keeps who is there, of whom there are lobbies, and who of those is away, by
// the time at which they are dropped: Due looks at no others.
//
//	PresenceChanged to offline, LobbyJoined of who is ─▶ Absence ─▶ Drop
//	PlayerErased ─────────────────────────────────────────────────▶ Drop
type Absences struct {
	there map[events.PlayerID]bool
	in    map[events.PlayerID]map[events.LobbyID]*absence // each membership
	away  []*absence                                      // by time
}

// absence is of a member. A time that is zero: they are there.
type absence struct {
	until  time.Time // then they are dropped
	lobby  events.LobbyID
	player events.PlayerID
	erased bool
	cause  commands.Cause
	issued time.Time // the order
}

func compareAbsences(a, b *absence) int {
	return cmp.Or(a.until.Compare(b.until), slices.Compare(a.lobby[:], b.lobby[:]), cmp.Compare(a.player, b.player))
}

// NewAbsences returns the policy before the first event.
func NewAbsences() *Absences {
	return &Absences{there: map[events.PlayerID]bool{}, in: map[events.PlayerID]map[events.LobbyID]*absence{}}
}

var _ commands.Policy = (*Absences)(nil)

func (*Absences) Name() string { return "lobby-absence" }

func (p *Absences) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.LobbyOpened:
		p.joined(e.Lobby, e.Host, e.At, n.Cause)
	case events.LobbyJoined:
		p.joined(e.Lobby, e.Player, e.At, n.Cause)
	case events.LobbyLeft:
		p.left(e.Lobby, e.Player)
	case events.PresenceChanged:
		p.changed(e, n.Cause)
	case events.PlayerErased:
		for _, a := range p.in[e.Player] {
			p.move(a, e.At, n.Cause)
			a.erased = true
		}
	}
}

func (p *Absences) joined(lobby events.LobbyID, player events.PlayerID, at time.Time, cause commands.Cause) {
	if p.in[player] == nil {
		p.in[player] = map[events.LobbyID]*absence{}
	}
	a := &absence{lobby: lobby, player: player}
	if p.in[player][lobby] = a; !p.there[player] {
		p.move(a, at.Add(Absence), cause)
	}
}

func (p *Absences) left(lobby events.LobbyID, player events.PlayerID) {
	a := p.in[player][lobby]
	if a == nil {
		return
	}
	p.move(a, time.Time{}, commands.Cause{})
	if delete(p.in[player], lobby); len(p.in[player]) == 0 {
		delete(p.in, player)
	}
}

// changed begins and ends absences. Nothing ends that of who is erased.
func (p *Absences) changed(e events.PresenceChanged, cause commands.Cause) {
	if e.State != events.PresenceIsOffline {
		p.there[e.Player] = true
	} else {
		delete(p.there, e.Player)
	}
	for _, a := range p.in[e.Player] {
		switch {
		case a.erased:
		case p.there[e.Player]:
			p.move(a, time.Time{}, commands.Cause{})
		case a.until.IsZero():
			p.move(a, e.At.Add(Absence), cause)
		}
	}
}

// move has a member dropped at another time; zero: not at all.
func (p *Absences) move(a *absence, until time.Time, cause commands.Cause) {
	if i, found := slices.BinarySearchFunc(p.away, a, compareAbsences); found {
		p.away = slices.Delete(p.away, i, i+1)
	}
	if a.until, a.cause, a.issued = until, cause, (time.Time{}); !until.IsZero() {
		i, _ := slices.BinarySearchFunc(p.away, a, compareAbsences)
		p.away = slices.Insert(p.away, i, a)
	}
}

func (p *Absences) Due(now time.Time) []commands.Order {
	var orders []commands.Order
	for _, a := range p.away {
		if now.Before(a.until) || len(orders) == droppedAtOnce {
			break
		}
		if !commands.Repeatable(a.issued, now) {
			continue
		}
		a.issued = now
		orders = append(orders, commands.Issue(Drop{Lobby: a.lobby, Player: a.player, Erased: a.erased},
			commands.Because(a.cause, p.Name(), "drop from "+a.lobby.String())))
	}
	return orders
}
