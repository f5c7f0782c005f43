package projections

import (
	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
)

// playNotice tells of sessions and recordings. Their events name the player only
// at the beginning, so that a row says whose each is until its end.
func (v *notificationView) playNotice(n *Noted) (told notice, of bool) {
	switch e := n.Event.(type) {
	case events.SessionRequested:
		v.subjects.Put(subjectRow{Subject: uuid.UUID(e.Session), Player: e.Player, Title: e.Title})
	case events.SessionEnded:
		return v.over(uuid.UUID(e.Session), string(e.Reason), !expected(e.Reason))
	case events.SessionFailed:
		return v.over(uuid.UUID(e.Session), string(e.Cause), true)
	case events.SavesTroubled:
		return v.of(uuid.UUID(e.Session), string(e.Trouble), lasting(e.Trouble))
	case events.RecordingOpened:
		v.subjects.Put(subjectRow{Subject: uuid.UUID(e.Recording), Player: e.Player, Title: e.Title})
	case events.RecordingFinished:
		full := e.Reason == events.RecordingFullLength || e.Reason == events.RecordingFullSize
		return v.of(uuid.UUID(e.Recording), string(e.Reason), full)
	case events.RecordingFailed:
		return v.of(uuid.UUID(e.Recording), string(e.Cause), true)
	case events.RecordingDeleted:
		return v.over(uuid.UUID(e.Recording), string(e.Reason), e.Reason == events.DeletedByAge || e.Reason == events.DeletedForSpace)
	}
	return notice{}, false
}

// of is a notice to whose a session or recording is; false where it is not to
// be told, or not known whose it is.
func (v *notificationView) of(subject uuid.UUID, reason string, tell bool) (notice, bool) {
	if !tell {
		return notice{}, false
	}
	row, known := v.subjects.Get(subject)
	return notice{to: row.Player, about: subject, title: row.Title, reason: reason}, known
}

// over is of for the last time.
func (v *notificationView) over(subject uuid.UUID, reason string, tell bool) (notice, bool) {
	told, of := v.of(subject, reason, tell)
	v.subjects.Delete(subject)
	return told, of
}

// expected are the ends of a session that its player has brought about.
func expected(reason events.EndReason) bool {
	return reason == events.EndedByPlayer || reason == events.EndedByGame || reason == events.EndedErased
}

// lasting is trouble with saves that does not pass by itself.
func lasting(trouble events.SavesTrouble) bool {
	return trouble != events.SavesBehind && trouble != events.SavesNotStored
}
