package friends

import (
	"time"

	"github.com/playcast/playcast/events"
)

// ErrBlocking refuses a request to somebody whom the player has blocked.
var ErrBlocking = &events.Fault{Kind: events.Conflict, Code: "friend-blocked-by-you",
	Message: "You have blocked this player. Unblock them first."}

// Request asks another player for their friendship. Who has asked already agrees
// with that: the two are friends. One whom the other has blocked is answered as
// if the request was delivered.
type Request struct{ Pair }

func (r Request) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	if s.blocks(r.By) {
		return nil, ErrBlocking
	}
	hidden := s.blocks(r.To)
	own, open := s.request(r.By)
	_, crossing := s.request(r.To)
	switch {
	case s.Friends, open && own.Hidden == hidden:
		return nil, nil
	case !hidden && crossing:
		return r.formed(now), nil
	}
	return []events.Event{events.FriendRequested{By: r.By, To: r.To, Hidden: hidden, At: now}}, nil
}
