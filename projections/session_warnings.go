package projections

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"

	"github.com/playcast/playcast/events"
)

// warnings are the ends that a player was warned of, while they are near.
type warnings map[events.EndReason]warning

type warning struct {
	Left events.Seconds `json:"left"` // when it was said
	Ends time.Time      `json:"ends"`
}

var noWarnings = JSON("{}")

// rewarn changes a session with its warnings.
func (v *sessionView) rewarn(id events.SessionID, n *Noted, with func(*sessionRow, warnings)) error {
	var broken error
	err := v.change(id, n, func(r *sessionRow) {
		all := warnings{}
		if len(r.Warnings) > len(noWarnings) {
			broken = json.Unmarshal(r.Warnings, &all)
		}
		before := len(all)
		if with(r, all); broken != nil || before+len(all) == 0 {
			return
		}
		r.Warnings, broken = json.Marshal(all)
	})
	if broken != nil {
		broken = fmt.Errorf("the warnings of session %s: %w", id, broken)
	}
	return cmp.Or(err, broken)
}

// rest is a pause, an interruption or the coming end: the segment of play is
// closed, and what ends play alone is not near any more.
func (v *sessionView) rest(id events.SessionID, n *Noted, in sessionRest) error {
	return v.rewarn(id, n, func(r *sessionRow, all warnings) {
		v.enter(r, in.state)
		r.EndReason = in.reason
		r.close(in.closed)
		delete(all, events.EndedIdle)
		delete(all, events.EndedAllowance)
		delete(all, events.EndedByGuardian)
	})
}

// sessionRest is how play stopped.
type sessionRest struct {
	state  events.SessionState
	closed *events.Segment
	reason events.EndReason // of the coming end
}
