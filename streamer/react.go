package streamer

import (
	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/feed"
)

// Handle takes the next message of a feed that began before the worker was
// registered. A message that comes again changes nothing, also when its session
// is over. One that is replayed counts unless its session is over or has gone on:
// then the error is feed.ErrOvertaken. Handle never waits for a game: slots do
// their work on goroutines of their own. It has one caller at a time.
func (w *Worker) Handle(msg *message.Message) error {
	d, err := feed.Unpack(msg)
	if err != nil {
		return err
	}
	if d.CaughtUp() || !w.concerns(*d.Event) && !feed.Replayed(msg) {
		return nil
	}
	event, _, err := events.Decode(*d.Event)
	if err != nil {
		return err
	}
	if feed.Replayed(msg) {
		return w.reactAgain(event, *d.Event)
	}
	if d.Position > w.seen {
		w.take(event, *d.Event)
	}
	return nil
}

// concerns says whether an event may be of a session that this worker is to play.
// No other is read: what others can't read either is not this worker's to skip.
func (w *Worker) concerns(recorded events.Recorded) bool {
	_, ours := w.given[recorded.Stream]
	return ours || recorded.Type == events.SessionAllocated{}.EventType()
}

// take reacts to an event in its turn, and notes how far the sessions have come
// that this worker is to play. One that fails comes again.
func (w *Worker) take(event events.Event, recorded events.Recorded) {
	switch e := event.(type) {
	case events.SessionAllocated:
		if e.Worker == w.id {
			w.given[recorded.Stream] = recorded.Position
		}
	case events.SessionEnded, events.SessionFailed:
		delete(w.given, recorded.Stream)
	}
	_, ours := w.given[recorded.Stream]
	if w.react(event) && ours {
		w.given[recorded.Stream] = recorded.Position
	}
	w.seen = recorded.Position
}

// reactAgain is react out of the log's order.
func (w *Worker) reactAgain(event events.Event, recorded events.Recorded) error {
	if e, begins := event.(events.SessionAllocated); begins && e.Worker != w.id {
		return nil
	}
	last, ours := w.given[recorded.Stream]
	if !ours || recorded.Position < last {
		return feed.ErrOvertaken
	}
	w.react(event)
	return nil
}

// react says whether the event is one that the worker reacts to.
func (w *Worker) react(event events.Event) bool {
	switch e := event.(type) {
	case events.SessionAllocated:
		if e.Worker == w.id {
			w.begin(e)
		}
	case events.SessionPaused:
		w.order(e.Session, pause{})
	case events.SessionResumed:
		w.order(e.Session, resume{})
	case events.SessionRecordingStarted:
		w.record(e.Session, e.Recording)
	case events.SessionRecordingStopped:
		w.record(e.Session, events.RecordingID{})
	case events.SessionEnding:
		w.stop(e.Session, e.Reason)
	case events.SessionEnded:
		w.stop(e.Session, "") // it is over already, whatever the slot is doing
	case events.SessionFailed:
		w.stop(e.Session, "") // it is over already, whatever the slot is doing
	case events.GuestJoined:
		w.seat(e.Session, e)
	case events.GuestLeft:
		w.seat(e.Session, e)
	case events.ControlGiven:
		w.seat(e.Session, e)
	case events.ControlTaken:
		w.seat(e.Session, e)
	case events.InvitationWithdrawn:
		w.seat(e.Session, e)
	default:
		return false
	}
	return true
}

func (w *Worker) order(id events.SessionID, r request) {
	if s := w.slot(id); s != nil {
		s.order(r)
	}
}

// record has a session recorded, or not any more.
func (w *Worker) record(id events.SessionID, recording events.RecordingID) {
	if s := w.slot(id); s != nil {
		s.recording.wish(recording)
	}
}

func (w *Worker) stop(id events.SessionID, reason events.EndReason) {
	if s := w.slot(id); s != nil {
		s.stop(reason)
	}
}

// seat notes what the log says of a session's people.
func (w *Worker) seat(id events.SessionID, e events.Event) {
	if s := w.slot(id); s != nil {
		s.seats.people.note(e)
	}
}
