package main_test

import (
	"cmp"
	"slices"
	"time"

	"github.com/playcast/playcast/events"
)

// foldOf computes the read models from the log, with no look at how the
// projections do it: what the rows are to be, written a second time.
func foldOf(all []fact) models {
	f := fold{games: map[events.GameID]*gameRow{}, sessions: map[events.SessionID]*sessionRow{}, accounts: map[events.PlayerID]*accountRow{},
		guests: map[string]*guestRow{}, invited: map[events.InvitationID]*invitationRow{},
		workers: map[events.WorkerID]*workerRow{}, recordings: map[events.RecordingID]*recordingRow{}}
	for _, fact := range all {
		f.game(fact)
		f.session(fact)
		f.account(fact)
		f.people(fact)
		f.worker(fact)
		f.recording(fact)
	}
	slices.SortFunc(f.playtime, func(a, b playtimeRow) int {
		return cmp.Or(cmp.Compare(a.SessionID, b.SessionID), cmp.Compare(a.Segment, b.Segment))
	})
	return models{
		Games:    sorted(f.games, func(r gameRow) string { return r.GameID }),
		Sessions: sorted(f.sessions, func(r sessionRow) string { return r.SessionID }),
		Accounts: sorted(f.accounts, func(r accountRow) string { return r.PlayerID }),
		Playtime: f.playtime,
		Pictures: f.pictures,
		Guests:   sorted(f.guests, func(r guestRow) string { return r.SessionID + r.PlayerID }),
		Invited:  sorted(f.invited, func(r invitationRow) string { return r.InvitationID }),
		Workers:  sorted(f.workers, func(r workerRow) string { return r.WorkerID }),

		Recordings: sorted(f.recordings, func(r recordingRow) string { return r.RecordingID }),
		Clips:      f.clipRows(),
	}
}

func sorted[K comparable, R any](rows map[K]*R, key func(R) string) []R {
	list := make([]R, 0, len(rows))
	for _, row := range rows {
		list = append(list, *row)
	}
	slices.SortFunc(list, func(a, b R) int { return cmp.Compare(key(a), key(b)) })
	return list
}

type fold struct {
	games    map[events.GameID]*gameRow
	sessions map[events.SessionID]*sessionRow
	accounts map[events.PlayerID]*accountRow
	playtime []playtimeRow
	pictures []pictureRow
	guests   map[string]*guestRow
	invited  map[events.InvitationID]*invitationRow
	workers  map[events.WorkerID]*workerRow

	recordings map[events.RecordingID]*recordingRow
	clips      []clipRow
}

func (f *fold) game(n fact) {
	published := func(g events.Game) {
		row := &gameRow{
			GameID: string(g.ID), Title: g.Title, Description: g.Description, Genre: g.Genre, Art: g.Art,
			Width: g.Width, Height: g.Height, FrameRate: g.FrameRate, Players: max(g.Players, 1), Published: true, Position: int64(n.Position),
		}
		for _, input := range g.Inputs {
			row.Inputs = append(row.Inputs, string(input))
		}
		if old := f.games[g.ID]; old != nil && old.Published {
			row.Reason = old.Reason
		}
		f.games[g.ID] = row
	}
	switch e := n.event.(type) {
	case events.GamePublished:
		published(e.Game)
	case events.GameChanged:
		published(e.Game)
	case events.GameWithdrawn:
		row := f.games[e.Game]
		row.Published, row.Position = false, int64(n.Position)
	case events.GameBecameUnavailable:
		row := f.games[e.Game]
		row.Reason, row.Position = e.Reason, int64(n.Position)
	case events.GameBecameAvailable:
		row := f.games[e.Game]
		row.Reason, row.Position = "", int64(n.Position)
	}
}

func (f *fold) session(n fact) {
	to := func(id events.SessionID, state events.SessionState, closed *events.Segment) *sessionRow {
		row := f.sessions[id]
		row.State, row.Position = string(state), int64(n.Position)
		row.ActiveSince = nil
		if closed != nil {
			row.PlayedMs += closed.To.Sub(closed.From).Milliseconds()
		}
		return row
	}
	rest := func(id events.SessionID, state events.SessionState, closed *events.Segment) *sessionRow {
		row := to(id, state, closed)
		delete(row.Warnings, events.EndedIdle) // what ends play alone is not near any more
		delete(row.Warnings, events.EndedAllowance)
		return row
	}
	switch e := n.event.(type) {
	case events.SessionRequested:
		f.sessions[e.Session] = &sessionRow{
			SessionID: e.Session.String(), PlayerID: string(e.Player), GameID: string(e.Game), Title: e.Title,
			State: "requested", RequestedAt: e.At, RequestedPos: int64(n.Position), Position: int64(n.Position),
			QueuedAs: e.At.Add(-time.Duration(e.Terms.Priority) * 2 * time.Minute), Warnings: map[events.EndReason]warned{},
		}
	case events.SessionQueued:
		to(e.Session, "queued", nil)
	case events.SessionAllocated:
		row := to(e.Session, "allocated", nil)
		row.WorkerID, row.Slot, row.AllocatedAt = pointer(string(e.Worker)), pointer(e.Slot), pointer(e.At)
	case events.SessionLaunched:
		to(e.Session, "launching", nil)
	case events.SessionReady:
		row := to(e.Session, "ready", nil)
		row.Width, row.Height, row.FrameRate, row.Encoder = pointer(e.Width), pointer(e.Height), pointer(e.FrameRate), pointer(e.Encoder)
	case events.SessionActivated:
		to(e.Session, "active", nil).ActiveSince = pointer(e.At)
	case events.SessionResumed:
		to(e.Session, "active", nil).ActiveSince = pointer(e.At)
	case events.SessionPaused:
		rest(e.Session, "paused", e.Closed)
	case events.SessionInterrupted:
		rest(e.Session, "interrupted", e.Closed)
	case events.SessionEnding:
		rest(e.Session, "ending", e.Closed).EndReason = pointer(string(e.Reason))
	case events.SessionEnded:
		row := to(e.Session, "ended", e.Closed)
		row.EndReason, row.EndedAt = pointer(string(e.Reason)), pointer(e.At)
	case events.SessionFailed:
		row := to(e.Session, "failed", e.Closed)
		row.FailureCause, row.EndedAt = pointer(string(e.Cause)), pointer(e.At)
	case events.QualityReported:
		row := f.sessions[e.Session]
		row.Quality, row.Position = pointer(e.Quality), int64(n.Position)
		f.pictures = append(f.pictures, pictureRow{
			SessionID: e.Session.String(), Position: int64(n.Position), BeganAt: e.From, EndedAt: e.To, Quality: pointer(e.Quality),
		})
	case events.SessionRecordingStarted:
		row := f.sessions[e.Session]
		row.RecordingID, row.Position = pointer(e.Recording.String()), int64(n.Position)
	case events.SessionRecordingStopped:
		row := f.sessions[e.Session]
		row.RecordingID, row.Position = nil, int64(n.Position)
	case events.SessionWarned:
		row := f.sessions[e.Session]
		row.Warnings[e.Reason], row.Position = warned{Left: e.Left, Ends: e.Ends}, int64(n.Position)
	case events.SessionRoused:
		row := f.sessions[e.Session]
		delete(row.Warnings, events.EndedIdle)
		row.Position = int64(n.Position)
	case events.SavesTroubled:
		row := f.sessions[e.Session]
		row.SavesTrouble, row.Position = pointer(string(e.Trouble)), int64(n.Position)
	case events.PictureAdapted:
		row := f.sessions[e.Session]
		row.Width, row.Height, row.FrameRate, row.Encoder = pointer(e.Width), pointer(e.Height), pointer(e.FrameRate), pointer(e.Encoder)
		row.PictureCause, row.Position = pointer(string(e.Cause)), int64(n.Position)
		f.pictures = append(f.pictures, pictureRow{
			SessionID: e.Session.String(), Position: int64(n.Position), BeganAt: e.At, EndedAt: e.At, Picture: pointer(e),
		})
	}
}

func (f *fold) account(n fact) {
	switch e := n.event.(type) {
	case events.AccountOpened:
		f.accounts[e.Player] = &accountRow{PlayerID: string(e.Player), OpenedAt: e.At, Position: int64(n.Position)}
	case events.PlaytimeMetered:
		f.accounts[e.Player].Position = int64(n.Position)
		f.playtime = append(f.playtime, playtimeRow{
			SessionID: e.Session.String(), PlayerID: string(e.Player), GameID: string(e.Game), Segment: e.Segment.Number,
			BeganAt: e.Segment.From, EndedAt: e.Segment.To, PlayedMs: e.Segment.To.Sub(e.Segment.From).Milliseconds(),
		})
	}
}

func (f *fold) people(n fact) {
	touch := func(id events.SessionID) { f.sessions[id].Position = int64(n.Position) }
	seat := func(id events.SessionID, player events.PlayerID) string { return id.String() + string(player) }
	switch e := n.event.(type) {
	case events.InvitationGiven:
		f.invited[e.Invitation] = &invitationRow{
			InvitationID: e.Invitation.String(), SessionID: e.Session.String(), Kind: string(e.Kind), CodeHash: e.CodeHash[:], GivenAt: e.At,
		}
		touch(e.Session)
	case events.InvitationWithdrawn:
		delete(f.invited, e.Invitation)
		touch(e.Session)
	case events.GuestJoined:
		f.guests[seat(e.Session, e.Player)] = &guestRow{
			SessionID: e.Session.String(), PlayerID: string(e.Player), InvitationID: e.Invitation.String(), JoinedAt: e.At,
		}
		touch(e.Session)
	case events.GuestLeft:
		delete(f.guests, seat(e.Session, e.Player))
		touch(e.Session)
	case events.ControlGiven:
		row := f.guests[seat(e.Session, e.Player)]
		row.Keyboard, row.Pads = e.Keyboard, e.Pads
		touch(e.Session)
	case events.ControlTaken:
		row := f.guests[seat(e.Session, e.Player)]
		row.Keyboard, row.Pads = e.Keyboard, e.Pads
		touch(e.Session)
	}
}

func (f *fold) worker(n fact) {
	to := func(id events.WorkerID, change func(*workerRow)) {
		change(f.workers[id])
		f.workers[id].Position = int64(n.Position)
	}
	switch e := n.event.(type) {
	case events.WorkerRegistered:
		row := &workerRow{
			WorkerID: string(e.Worker), Incarnation: e.Incarnation, State: "running", Address: e.Address,
			Slots: e.Slots, Encoders: e.Encoders, RegisteredAt: e.At, Position: int64(n.Position),
		}
		for _, game := range e.Games {
			row.Games = append(row.Games, string(game))
		}
		f.workers[e.Worker] = row
	case events.WorkerDraining:
		to(e.Worker, func(r *workerRow) { r.State = "draining" })
	case events.WorkerResumed:
		to(e.Worker, func(r *workerRow) { r.State = "running" })
	case events.WorkerLost:
		to(e.Worker, func(r *workerRow) { r.State, r.Held = "lost", 0 })
	case events.WorkerStopped:
		to(e.Worker, func(r *workerRow) { r.State, r.Held = "stopped", 0 })
	case events.SlotReserved:
		to(e.Worker, func(r *workerRow) { r.Held++ })
	case events.SlotReleased:
		to(e.Worker, func(r *workerRow) { r.Held-- })
	}
}

func pointer[T any](value T) *T { return &value }
