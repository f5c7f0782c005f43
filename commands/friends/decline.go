package friends

import (
	"time"

	"github.com/playcast/playcast/events"
)

// ErrFriends refuses to take back what has become a friendship.
var ErrFriends = &events.Fault{Kind: events.Conflict, Code: "friends-already",
	Message: "You are friends by now. Remove them if you don't want that."}

// Decline refuses the other's request. They may ask again.
type Decline struct{ Pair }

func (d Decline) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	switch {
	case s.Friends:
		return nil, ErrFriends
	case !s.asked(d.To):
		return nil, nil
	}
	return []events.Event{events.FriendRequestDeclined{By: d.By, To: d.To, At: now}}, nil
}
