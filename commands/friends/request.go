package friends

import (
	"fmt"
	"time"

	"github.com/playcast/playcast/events"
)

// MaxRequests bounds the requests that a player has open at once, hidden or not.
const MaxRequests = 100

// What Request refuses.
var (
	ErrBlocking = &events.Fault{Kind: events.Conflict, Code: "friend-blocked-by-you",
		Message: "You have blocked this player. Unblock them first."}
	ErrTooManyRequests = &events.Fault{Kind: events.TooMany, Code: "too-many-friend-requests",
		Message: fmt.Sprintf("You have asked %d players who have not answered yet. Take a request back, or wait for an answer.", MaxRequests)}
)

// Request asks another player for their friendship. Who has asked already agrees
// with that: the two are friends. One whom the other has blocked is answered as
// if the request was delivered.
type Request struct {
	Pair
	Open int // requests of By's, as the caller has looked them up
}

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
	case !open && r.Open >= MaxRequests:
		return nil, ErrTooManyRequests
	}
	return []events.Event{events.FriendRequested{By: r.By, To: r.To, Hidden: hidden, At: now}}, nil
}
