package friends

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Remove ends a friendship. Who is no friend is left alone.
type Remove struct{ Pair }

func (r Remove) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := r.check(); err != nil || !s.Friends {
		return nil, err
	}
	return []events.Event{events.FriendshipEnded{By: r.By, To: r.To, At: now}}, nil
}
