package friends

import (
	"time"

	"github.com/playcast/playcast/events"
)

// ErrNoRequest refuses an answer to what was not asked.
var ErrNoRequest = &events.Fault{Kind: events.NotFound, Code: "no-friend-request",
	Message: "This player does not ask for your friendship any more. Ask them."}

// Accept agrees to the other's request.
type Accept struct{ Pair }

func (a Accept) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	switch {
	case s.Friends:
		return nil, nil
	case !s.asked(a.To):
		return nil, ErrNoRequest
	}
	return a.formed(now), nil
}
