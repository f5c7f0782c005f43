package friends

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Unblock lets the other's requests through again, from now on.
type Unblock struct{ Pair }

func (u Unblock) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := u.check(); err != nil || !s.blocks(u.By) {
		return nil, err
	}
	return []events.Event{events.PlayerUnblocked{By: u.By, To: u.To, At: now}}, nil
}
