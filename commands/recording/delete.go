package recording

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Delete takes a recording and its clips from everybody: for its player, or for
// a policy.
type Delete struct {
	Recording events.RecordingID
	By        events.PlayerID // empty: a policy
	Reason    events.Disposal
}

func (c Delete) Target() events.Stream { return events.RecordingStream(c.Recording) }

func (c Delete) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.owned(c.By); err != nil {
		return nil, err
	}
	return []events.Event{events.RecordingDeleted{Recording: c.Recording, Reason: c.Reason, At: now}}, nil
}
