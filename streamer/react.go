package streamer

import (
	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/feed"
)

// Handle takes the next message of a feed that began before the worker was
// registered. A message that comes again changes nothing. It never waits for
// a game: slots do their work on goroutines of their own.
func (w *Worker) Handle(msg *message.Message) error {
	d, err := feed.Unpack(msg)
	if err != nil {
		return err
	}
	if d.CaughtUp() {
		return nil
	}
	event, _, err := events.Decode(*d.Event)
	if err != nil {
		return err
	}
	w.react(event)
	return nil
}

func (w *Worker) react(event events.Event) {
	switch e := event.(type) {
	case events.SessionAllocated:
		if e.Worker == w.id {
			w.begin(e)
		}
	case events.SessionPaused:
		w.tell(e.Session, pause{})
	case events.SessionResumed:
		w.tell(e.Session, resume{})
	case events.SessionEnding:
		if s := w.slot(e.Session); s != nil {
			s.stop(e.Reason)
		}
	case events.SessionEnded:
		w.abandon(e.Session)
	case events.SessionFailed:
		w.abandon(e.Session)
	}
}

func (w *Worker) tell(id events.SessionID, r request) {
	if s := w.slot(id); s != nil {
		s.send(r)
	}
}

// abandon frees a session that is over already, whatever it was doing.
func (w *Worker) abandon(id events.SessionID) {
	if s := w.slot(id); s != nil {
		s.stop("")
	}
}
