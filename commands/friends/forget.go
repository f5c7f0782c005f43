package friends

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Forget ends what By has with the other: friendship, requests, their own block.
// A policy issues it for who is erased. The other's block stays: who comes back
// as the same player is not past it.
type Forget struct{ Pair }

func (f Forget) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	decided := f.ending(s, now)
	if _, open := s.request(f.To); open {
		decided = append(decided, events.FriendRequestDeclined{By: f.By, To: f.To, At: now})
	}
	if s.blocks(f.By) {
		decided = append(decided, events.PlayerUnblocked{By: f.By, To: f.To, At: now})
	}
	return decided, nil
}
