package lobby

import (
	"maps"
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// Absence is how long a member may be offline, from then or from when they
// joined, until the lobby goes on without them.
const Absence = 10 * time.Minute

// Absences drops members who are offline for too long, and those who are erased.
// It keeps who is there, and of whom there are lobbies.
//
//	PresenceChanged to offline, LobbyJoined of who is ─▶ Absence ─▶ Drop
//	PlayerErased ─────────────────────────────────────────────────▶ Drop
type Absences struct {
	there map[events.PlayerID]bool
	in    map[events.PlayerID]map[events.LobbyID]bool // each membership; true: of who is erased
	away  commands.Agenda[membership]
}

type membership struct {
	lobby  events.LobbyID
	player events.PlayerID
}

// NewAbsences returns the policy before the first event.
func NewAbsences() *Absences {
	return &Absences{there: map[events.PlayerID]bool{}, in: map[events.PlayerID]map[events.LobbyID]bool{}}
}

var _ commands.Policy = (*Absences)(nil)

func (*Absences) Name() string { return "lobby-absence" }

func (p *Absences) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.LobbyOpened:
		p.joined(membership{e.Lobby, e.Host}, e.At, n.Cause)
	case events.LobbyJoined:
		p.joined(membership{e.Lobby, e.Player}, e.At, n.Cause)
	case events.LobbyLeft:
		p.left(membership{e.Lobby, e.Player})
	case events.PresenceChanged:
		p.changed(e, n.Cause)
	case events.PlayerErased:
		for _, lobby := range p.lobbies(e.Player) {
			p.in[e.Player][lobby] = true
			p.drop(membership{lobby, e.Player}, e.At, n.Cause)
		}
	}
}

func (p *Absences) joined(m membership, at time.Time, cause commands.Cause) {
	if p.in[m.player] == nil {
		p.in[m.player] = map[events.LobbyID]bool{}
	}
	if p.in[m.player][m.lobby] = false; !p.there[m.player] {
		p.drop(m, at.Add(Absence), cause)
	}
}

func (p *Absences) left(m membership) {
	p.away.Drop(m)
	if delete(p.in[m.player], m.lobby); len(p.in[m.player]) == 0 {
		delete(p.in, m.player)
	}
}

// changed begins and ends absences. Nothing ends that of who is erased.
func (p *Absences) changed(e events.PresenceChanged, cause commands.Cause) {
	if e.State != events.PresenceIsOffline {
		p.there[e.Player] = true
	} else {
		delete(p.there, e.Player)
	}
	for _, lobby := range p.lobbies(e.Player) {
		m := membership{lobby, e.Player}
		switch {
		case p.in[e.Player][lobby]:
		case p.there[e.Player]:
			p.away.Drop(m)
		case !p.away.Has(m):
			p.drop(m, e.At.Add(Absence), cause)
		}
	}
}

// lobbies are in an order that does not depend on a map's.
func (p *Absences) lobbies(of events.PlayerID) []events.LobbyID {
	return slices.SortedFunc(maps.Keys(p.in[of]), func(a, b events.LobbyID) int { return slices.Compare(a[:], b[:]) })
}

// drop has a member dropped at a time.
func (p *Absences) drop(m membership, at time.Time, cause commands.Cause) {
	p.away.Put(m, at, commands.Issue(Drop{Lobby: m.lobby, Player: m.player, Erased: p.in[m.player][m.lobby]},
		commands.Because(cause, p.Name(), "drop from "+m.lobby.String())))
}

func (p *Absences) Due(now time.Time) []commands.Order { return p.away.Due(now) }
