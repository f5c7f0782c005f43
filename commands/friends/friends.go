// Package friends decides on what is between two players.
//
//	nothing ── Request ──▶ asked ── Accept, or a Request of the other ──▶ friends
//	   ▲                     │                                              │
//	   ├── Withdraw, Decline ┘                                              │
//	   └── Remove, Block ───────────────────────────────────────────────────┘
//
// A stream holds one unordered pair, under an id that both orders of the two
// give (UUIDv5). So everything that must agree is in one place: that friendship
// is mutual, that two requests at the same moment meet, that no request passes a
// block. A stream a player would have needed two appends for each of these, and
// a repair for when only one succeeds. The price is that nothing about all of a
// player's pairs can be held here: how many requests they have open is looked up
// by who issues theirs, and so may be a few behind.
//
// Blocking. Who is blocked must not find out. Their request is recorded as any
// other, but hidden: they see it open, may withdraw it and repeat it, and are
// answered alike. Who blocks sees none of it. A friendship ends with a block
// just as it ends when one is removed, an open request as when it is declined or
// withdrawn, and an unblock brings nothing back: who was hidden from asks again
// if they will. What is answered to a player must hold neither the stream's
// events nor its position, which tell of the other one: Do keeps them. While one
// of the two blocks the other, neither is shown anything of the other (Apart),
// their presence least of all.
package friends

import (
	"slices"
	"time"

	"github.com/playcast/playcast/events"
)

// State is what is between two players, as their stream tells it.
type State struct {
	Friends  bool
	Requests []Asking          // at most one, or one of each where one of them is hidden
	Blockers []events.PlayerID // who has blocked the other
}

// Asking is an open request. Hidden: the other is not shown it.
type Asking struct {
	By     events.PlayerID
	Hidden bool
}

// Schema is that of its snapshots: two who ask and withdraw for ever make their
// stream long.
func (State) Schema() int { return 1 }

// Evolve returns the state after an event. States share nothing that changes.
func (s State) Evolve(e events.Event) State {
	switch e := e.(type) {
	case events.FriendRequested:
		s.Requests = append(s.without(e.By), Asking{By: e.By, Hidden: e.Hidden})
	case events.FriendRequestWithdrawn:
		s.Requests = s.without(e.By)
	case events.FriendRequestDeclined:
		s.Requests = s.without(e.To)
	case events.FriendshipFormed:
		s.Friends, s.Requests = true, nil
	case events.FriendshipEnded:
		s.Friends = false
	case events.PlayerBlocked:
		s.Blockers = append(slices.Clone(s.Blockers), e.By)
	case events.PlayerUnblocked:
		s.Blockers = slices.DeleteFunc(slices.Clone(s.Blockers), func(p events.PlayerID) bool { return p == e.By })
	}
	return s
}

func (s State) without(by events.PlayerID) []Asking {
	return slices.DeleteFunc(slices.Clone(s.Requests), func(r Asking) bool { return r.By == by })
}

// request returns a player's open request.
func (s State) request(by events.PlayerID) (r Asking, open bool) {
	i := slices.IndexFunc(s.Requests, func(r Asking) bool { return r.By == by })
	if i < 0 {
		return Asking{}, false
	}
	return s.Requests[i], true
}

// asked says whether a player is shown an open request of the other.
func (s State) asked(by events.PlayerID) bool {
	r, open := s.request(by)
	return open && !r.Hidden
}

// Apart says that nothing of the one may be shown to the other: each is offline
// to the other, whatever they are.
func (s State) Apart() bool { return len(s.Blockers) > 0 }

func (s State) blocks(by events.PlayerID) bool { return slices.Contains(s.Blockers, by) }

// What is refused of every command.
var (
	ErrSelf = &events.Fault{Kind: events.Invalid, Code: "friend-of-oneself",
		Message: "That is yourself. Choose another player."}
	ErrNobody = &events.Fault{Kind: events.Invalid, Code: "friend-malformed",
		Message: "This is not the name of a player. Check how it is spelt."}
)

// Pair is who issues a command, and the other one.
type Pair struct {
	By events.PlayerID
	To events.PlayerID
}

// Target is the stream of the two.
func (p Pair) Target() events.Stream {
	return events.FriendshipStream(events.FriendshipOf(p.By, p.To))
}

func (p Pair) check() error {
	for _, player := range []events.PlayerID{p.By, p.To} {
		if _, err := events.ParsePlayerID(string(player)); err != nil {
			return ErrNobody
		}
	}
	if p.By == p.To {
		return ErrSelf
	}
	return nil
}

func (p Pair) formed(now time.Time) []events.Event {
	return []events.Event{events.FriendshipFormed{By: p.By, To: p.To, At: now}}
}
