package friends

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Block lets nothing of the other through any more. Friends are friends no more,
// and one's own request is taken back; to the other both look as if just that
// had been done.
type Block struct{ Pair }

func (b Block) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := b.check(); err != nil || s.blocks(b.By) {
		return nil, err
	}
	var decided []events.Event
	if s.Friends {
		decided = append(decided, events.FriendshipEnded{By: b.By, To: b.To, At: now})
	}
	if _, open := s.request(b.By); open {
		decided = append(decided, events.FriendRequestWithdrawn{By: b.By, To: b.To, At: now})
	}
	return append(decided, events.PlayerBlocked{By: b.By, To: b.To, At: now}), nil
}
