package friends

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Block lets nothing of the other through any more. Friends are friends no more,
// one's own request is taken back and the other's declined; to the other it looks
// as if just that had been done.
type Block struct{ Pair }

func (b Block) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := b.check(); err != nil || s.blocks(b.By) {
		return nil, err
	}
	decided := b.ending(s, now)
	if s.asked(b.To) {
		decided = append(decided, events.FriendRequestDeclined{By: b.By, To: b.To, At: now})
	}
	return append(decided, events.PlayerBlocked{By: b.By, To: b.To, At: now}), nil
}

// ending ends a friendship, and takes back one's own request.
func (p Pair) ending(s State, now time.Time) (decided []events.Event) {
	if s.Friends {
		decided = append(decided, events.FriendshipEnded{By: p.By, To: p.To, At: now})
	}
	if _, open := s.request(p.By); open {
		decided = append(decided, events.FriendRequestWithdrawn{By: p.By, To: p.To, At: now})
	}
	return decided
}
