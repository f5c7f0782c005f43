package projections

import (
	"time"

	"github.com/playcast/playcast/events"
)

// sessionView is sessions, live and past, the queue of those that wait, how
// their picture was, who shares them, and what is kept of their saves.
type sessionView struct {
	sessions    *Table[events.SessionID, sessionRow]
	queue       *Table[queueStep, queueLengthRow]
	qualities   *Table[events.SessionID, qualityRow]
	history     *Table[pictureKey, pictureRow]
	saves       *Table[savesKey, savesRow]
	invitations *Table[events.InvitationID, invitationRow]
	guests      *Table[guestKey, guestRow]
}

var _ View = (*sessionView)(nil)

// sessionRow is a session.
type sessionRow struct {
	ID            events.SessionID    `db:"session_id,key"`
	Player        events.PlayerID     `db:"player_id"`
	Game          events.GameID       `db:"game_id"`
	Title         string              `db:"title"`
	State         events.SessionState `db:"state"`
	RequestedAt   time.Time           `db:"requested_at"`
	QueuedAs      time.Time           `db:"queued_as"`
	RequestedPos  int64               `db:"requested_pos"`
	Priority      int                 `db:"priority"`
	NeededRegion  string              `db:"needs_region"`
	NeededEncoder string              `db:"needs_encoder"`
	NeedsGPU      bool                `db:"needs_gpu"`
	AllocatedAt   time.Time           `db:"allocated_at,null"`
	Worker        events.WorkerID     `db:"worker_id,null"`
	Slot          int                 `db:"slot"`
	ActiveSince   time.Time           `db:"active_since,null"`
	EndedAt       time.Time           `db:"ended_at,null"`
	EndReason     events.EndReason    `db:"end_reason,null"`
	FailureCause  events.FailureCause `db:"failure_cause,null"`
	Width         int                 `db:"width,null"`
	Height        int                 `db:"height,null"`
	FrameRate     int                 `db:"frame_rate,null"`
	Encoder       string              `db:"encoder,null"`
	PictureCause  events.PictureCause `db:"picture_cause,null"`
	PlayedMs      int64               `db:"played_ms"`
	Warnings      JSON                `db:"warnings"`
	Recording     events.RecordingID  `db:"recording_id,null"`
	SavesTrouble  events.SavesTrouble `db:"saves_trouble,null"`
	Position      int64               `db:"position"`
}

func newSessionView() View {
	return &sessionView{
		sessions:    NewTable("session", func(r *sessionRow) events.SessionID { return r.ID }),
		queue:       NewTable("queue_length", func(r *queueLengthRow) queueStep { return queueStep{r.Step, r.Priority} }),
		qualities:   NewTable("session_quality", func(r *qualityRow) events.SessionID { return r.Session }),
		history:     NewTable("picture_history", func(r *pictureRow) pictureKey { return pictureKey{r.Session, r.Position, r.At} }).Monthly("at"),
		saves:       NewTable("save_set", func(r *savesRow) savesKey { return savesKey{r.Player, r.Game} }),
		invitations: NewTable("invitation", func(r *invitationRow) events.InvitationID { return r.ID }),
		guests:      NewTable("guest", func(r *guestRow) guestKey { return guestKey{r.Session, r.Player} }),
	}
}

func (*sessionView) Name() string { return "session" }
func (*sessionView) Version() int { return 1 }

func (v *sessionView) Tables() []Rows {
	return []Rows{v.sessions, v.queue, v.qualities, v.history, v.saves, v.invitations, v.guests}
}

func (*sessionView) Wants() []events.Event {
	return []events.Event{
		events.SessionRequested{}, events.SessionQueued{}, events.SessionAllocated{}, events.SessionLaunched{},
		events.SessionReady{}, events.SessionActivated{}, events.SessionResumed{}, events.SessionPaused{},
		events.SessionInterrupted{}, events.SessionEnding{}, events.SessionEnded{}, events.SessionFailed{},
		events.SessionRecordingStarted{}, events.SessionRecordingStopped{}, events.SavesKept{}, events.SavesTroubled{}, events.PlayerErased{},
		events.SessionWarned{}, events.SessionRoused{}, events.QualityReported{}, events.PictureAdapted{},
		events.InvitationGiven{}, events.InvitationWithdrawn{}, events.GuestJoined{}, events.GuestLeft{},
		events.ControlGiven{}, events.ControlTaken{},
	}
}

func (v *sessionView) Fold(n *Noted) error {
	switch e := n.Event.(type) {
	case events.SessionRequested:
		v.request(e, n)
		return nil
	case events.SessionQueued:
		return v.move(e.Session, n, events.SessionIsQueued, nil)
	case events.SessionAllocated:
		return v.move(e.Session, n, events.SessionIsAllocated, func(r *sessionRow) {
			r.Worker, r.Slot, r.AllocatedAt = e.Worker, e.Slot, e.At
		})
	case events.SessionLaunched:
		return v.move(e.Session, n, events.SessionIsLaunching, nil)
	case events.SessionReady:
		return v.move(e.Session, n, events.SessionIsReady, func(r *sessionRow) {
			r.Width, r.Height, r.FrameRate, r.Encoder = e.Width, e.Height, e.FrameRate, e.Encoder
		})
	case events.SessionActivated:
		return v.move(e.Session, n, events.SessionIsActive, func(r *sessionRow) { r.ActiveSince = e.At })
	case events.SessionResumed:
		return v.move(e.Session, n, events.SessionIsActive, func(r *sessionRow) { r.ActiveSince = e.At })
	case events.SessionPaused:
		return v.rest(e.Session, n, sessionRest{state: events.SessionIsPaused, closed: e.Closed})
	case events.SessionInterrupted:
		return v.rest(e.Session, n, sessionRest{state: events.SessionIsBroken, closed: e.Closed})
	case events.SessionEnding:
		return v.rest(e.Session, n, sessionRest{state: events.SessionIsEnding, closed: e.Closed, reason: e.Reason})
	case events.SessionEnded:
		return v.move(e.Session, n, events.SessionIsEnded, func(r *sessionRow) {
			r.close(e.Closed)
			r.EndedAt, r.EndReason = e.At, e.Reason
		})
	case events.SessionFailed:
		return v.move(e.Session, n, events.SessionIsFailed, func(r *sessionRow) {
			r.close(e.Closed)
			r.EndedAt, r.FailureCause = e.At, e.Cause
		})
	}
	return v.aside(n)
}

// aside folds what changes a session and not its state.
func (v *sessionView) aside(n *Noted) error {
	switch e := n.Event.(type) {
	case events.SessionRecordingStarted:
		return v.change(e.Session, n, func(r *sessionRow) { r.Recording = e.Recording })
	case events.SessionRecordingStopped:
		return v.change(e.Session, n, func(r *sessionRow) { r.Recording = events.RecordingID{} })
	case events.SessionWarned:
		return v.rewarn(e.Session, n, func(_ *sessionRow, all warnings) { all[e.Reason] = warning{Left: e.Left, Ends: e.Ends} })
	case events.SessionRoused:
		return v.rewarn(e.Session, n, func(_ *sessionRow, all warnings) { delete(all, events.EndedIdle) })
	case events.QualityReported:
		return v.measure(e, n)
	case events.PictureAdapted:
		return v.adapt(e, n)
	}
	if err := v.keepSaves(n); err != nil {
		return err
	}
	return v.people(n)
}

// move has a session enter a state.
func (v *sessionView) move(id events.SessionID, n *Noted, to events.SessionState, with func(*sessionRow)) error {
	return v.change(id, n, func(r *sessionRow) {
		v.enter(r, to)
		if with != nil {
			with(r)
		}
	})
}

func (v *sessionView) change(id events.SessionID, n *Noted, with func(*sessionRow)) error {
	return v.sessions.Change(id, func(r *sessionRow) {
		with(r)
		r.Position = n.Position
	})
}

// close ends the segment of play that is open, if one is.
func (r *sessionRow) close(s *events.Segment) {
	r.ActiveSince = time.Time{}
	if s != nil {
		r.PlayedMs += s.Duration().Milliseconds()
	}
}
