package simulation

import (
	"fmt"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// friendships: nobody becomes a friend whom the other has not asked, or whom one
// of the two blocks.
type friendships struct {
	pairs  map[events.FriendshipID]*between
	formed int
}

// between is what is between two players.
type between struct {
	friends bool
	asked   map[events.PlayerID]bool
	blocked map[events.PlayerID]bool
}

func newFriendships() *friendships {
	return &friendships{pairs: map[events.FriendshipID]*between{}}
}

var _ invariant = (*friendships)(nil)

func (f *friendships) take(n commands.Noted) error {
	switch e := n.Event.(type) {
	case events.FriendRequested:
		b := f.of(e.By, e.To)
		if b.friends || b.blocked[e.To] != e.Hidden {
			return f.wrong(n, e.By, e.To, "who are friends, or of whom one blocks the other, ask for it")
		}
		b.asked[e.By] = !e.Hidden
	case events.FriendRequestDeclined:
		delete(f.of(e.By, e.To).asked, e.To)
	case events.FriendRequestWithdrawn:
		delete(f.of(e.By, e.To).asked, e.By)
	case events.FriendshipFormed:
		b := f.of(e.By, e.To)
		if b.friends || !b.asked[e.To] || len(b.blocked) > 0 {
			return f.wrong(n, e.By, e.To, "become friends, and %s was not asked", e.By)
		}
		b.friends = true
		clear(b.asked)
		f.formed++
	case events.FriendshipEnded:
		b := f.of(e.By, e.To)
		if !b.friends {
			return f.wrong(n, e.By, e.To, "are friends no more, and were none")
		}
		b.friends = false
	case events.PlayerBlocked:
		f.of(e.By, e.To).blocked[e.By] = true
	case events.PlayerUnblocked:
		delete(f.of(e.By, e.To).blocked, e.By)
	}
	return nil
}

func (f *friendships) of(a, b events.PlayerID) *between {
	id := events.FriendshipOf(a, b)
	if f.pairs[id] == nil {
		f.pairs[id] = &between{asked: map[events.PlayerID]bool{}, blocked: map[events.PlayerID]bool{}}
	}
	return f.pairs[id]
}

func (f *friendships) check(time.Time) error { return nil }

func (f *friendships) final(time.Time) error { return nil }

func (f *friendships) wrong(n commands.Noted, a, b events.PlayerID, says string, details ...any) error {
	return &Violation{
		Invariant: "friendships", At: n.Time, Says: fmt.Sprintf("%s and %s ", a, b) + fmt.Sprintf(says, details...),
		Streams: []events.Stream{events.FriendshipStream(events.FriendshipOf(a, b))},
	}
}

func (f *friendships) tell(r *Report) { r.Together.Friendships = f.formed }
