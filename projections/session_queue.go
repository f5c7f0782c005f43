package projections

import (
	"time"

	"github.com/playcast/playcast/events"
)

// queueLengthRow is how many sessions of a priority wait in a step of the queue.
type queueLengthRow struct {
	Step     time.Time `db:"step,key"`
	Priority int       `db:"priority,key"`
	Waiting  int       `db:"waiting"`
}

type queueStep struct {
	Step     time.Time
	Priority int
}

// stepLength is how much of the queue's order is one step of it. A place in the
// queue is counted over the steps ahead and the sessions of one.
const stepLength = 15 * time.Second

// request has a session wait for a slot.
func (v *sessionView) request(e events.SessionRequested, n *Noted) {
	row := sessionRow{
		ID: e.Session, Player: e.Player, Game: e.Game, Title: e.Title, State: events.SessionIsRequested,
		RequestedAt: e.At, QueuedAs: e.QueuedAs(), RequestedPos: n.Position, Priority: e.Terms.Class(),
		NeededRegion: e.Terms.Needs.Region, NeededEncoder: e.Terms.Needs.Encoder, NeedsGPU: e.Terms.Needs.GPU,
		Warnings: noWarnings, Position: n.Position,
	}
	v.sessions.Add(row)
	v.qualities.Add(qualityRow{Session: e.Session, ToldFrom: n.At, ToldTo: n.At, Position: n.Position})
	v.wait(&row, 1)
}

// enter has a session be in a state. One that has waited and does not any more
// leaves the queue, and the other way round.
func (v *sessionView) enter(r *sessionRow, to events.SessionState) {
	if before := waits(r.State); before != waits(to) {
		if before {
			v.wait(r, -1)
		} else {
			v.wait(r, 1)
		}
	}
	r.State = to
}

func waits(s events.SessionState) bool {
	return s == events.SessionIsRequested || s == events.SessionIsQueued
}

// wait counts a session in the queue, or out of it.
func (v *sessionView) wait(r *sessionRow, more int) {
	key := queueStep{r.QueuedAs.UTC().Truncate(stepLength), r.Priority}
	row, _ := v.queue.Get(key)
	if row.Waiting += more; row.Waiting == 0 {
		v.queue.Delete(key)
		return
	}
	row.Step, row.Priority = key.Step, key.Priority
	v.queue.Put(row)
}
