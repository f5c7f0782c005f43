package gateway

import (
	"context"
	"time"

	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/gateway/internal/api"
	"github.com/playcast/playcast/queries"
)

// paceOf is how many slots that were given last a wait is estimated by.
const paceOf = 32

// foretell adds what is to come to a session's body: about how long it waits,
// and the end that was warned of and comes first.
func (g *Gateway) foretell(ctx context.Context, s queries.Session, body *api.Session, now time.Time) error {
	for _, w := range s.Warnings {
		if w.Ends.After(now) { // else it did not end, by a limit that was changed
			body.Warning = &api.EndWarning{Reason: filled(string(w.Reason)), LeftS: int64(w.Left), EndsAt: w.Ends}
			break
		}
	}
	if s.Place == 0 {
		return nil
	}
	pace, err := g.queries.Pace(ctx, paceOf)
	if err != nil {
		return err
	}
	if wait := session.Pace(pace).Wait(int(s.Place), now); wait > 0 {
		body.QueueWaitMs = pointer(wait.Milliseconds())
	}
	return nil
}

// withoutReasons keeps from guests what a host's plan or guardian has to do with
// the end of a session.
func withoutReasons(body api.Session) api.Session {
	if body.Warning != nil {
		body.Warning = &api.EndWarning{LeftS: body.Warning.LeftS, EndsAt: body.Warning.EndsAt}
	}
	if value(body.EndReason, "") == string(events.EndedByGuardian) {
		body.EndReason = nil
	}
	return body
}
