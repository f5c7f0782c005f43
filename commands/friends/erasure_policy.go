package friends

import (
	"maps"
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// Erasing ends what players who are erased have with others. It keeps who has
// anything with whom, since no stream tells that of a player: some dozen bytes a
// friendship, request or block.
//
//	PlayerErased ─▶ Forget, for each other player
type Erasing struct {
	ties map[events.PlayerID]map[events.PlayerID]tie // both ways
	open commands.Agenda[Pair]                       // whose By is erased
}

// tie is what a player has with another one that Forget would end.
type tie uint8

const (
	befriended tie = 1 << iota
	asking
	askedBy
	blocking
)

// NewErasing returns the policy before the first event.
func NewErasing() *Erasing { return &Erasing{ties: map[events.PlayerID]map[events.PlayerID]tie{}} }

var _ commands.Policy = (*Erasing)(nil)

func (*Erasing) Name() string { return "friends-erasure" }

func (p *Erasing) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.FriendRequested:
		p.tie(e.By, e.To, asking, 0)
		p.tie(e.To, e.By, askedBy, 0)
	case events.FriendRequestWithdrawn:
		p.tie(e.By, e.To, 0, asking)
		p.tie(e.To, e.By, 0, askedBy)
	case events.FriendRequestDeclined:
		p.tie(e.By, e.To, 0, askedBy)
		p.tie(e.To, e.By, 0, asking)
	case events.FriendshipFormed:
		p.tie(e.By, e.To, befriended, asking|askedBy)
		p.tie(e.To, e.By, befriended, asking|askedBy)
	case events.FriendshipEnded:
		p.tie(e.By, e.To, 0, befriended)
		p.tie(e.To, e.By, 0, befriended)
	case events.PlayerBlocked:
		p.tie(e.By, e.To, blocking, 0)
	case events.PlayerUnblocked:
		p.tie(e.By, e.To, 0, blocking)
	case events.PlayerErased:
		for _, other := range slices.Sorted(maps.Keys(p.ties[e.Player])) {
			pair := Pair{By: e.Player, To: other}
			p.open.Put(pair, time.Time{}, commands.Issue(Forget{pair}, commands.Because(n.Cause, p.Name(), "forget "+string(other))))
		}
	}
}

// tie changes what a player has with another one. Nothing left settles a parting.
func (p *Erasing) tie(of, with events.PlayerID, begun, over tie) {
	if p.ties[of] == nil {
		p.ties[of] = map[events.PlayerID]tie{}
	}
	if p.ties[of][with] = p.ties[of][with]&^over | begun; p.ties[of][with] != 0 {
		return
	}
	if delete(p.ties[of], with); len(p.ties[of]) == 0 {
		delete(p.ties, of)
	}
	p.open.Drop(Pair{By: of, To: with})
}

func (p *Erasing) Due(now time.Time) []commands.Order { return p.open.Due(now) }
