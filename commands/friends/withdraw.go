package friends

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Withdraw takes one's own request back, hidden or not.
type Withdraw struct{ Pair }

func (w Withdraw) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := w.check(); err != nil {
		return nil, err
	}
	if s.Friends {
		return nil, ErrFriends
	}
	if _, open := s.request(w.By); !open {
		return nil, nil
	}
	return []events.Event{events.FriendRequestWithdrawn{By: w.By, To: w.To, At: now}}, nil
}
