package recording

import (
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
)

// closeWithin is how long a worker has to say what became of a recording whose
// session is over.
const closeWithin = time.Minute

// Closing keeps sessions and their recordings in step: a recording that ended of
// itself is over for its session too, and one that nobody has closed when its
// session has been over for a minute was lost with its worker. It is the one
// place where sessions and recordings meet.
//
//	RecordingFinished, RecordingFailed ─▶ session.StopRecording
//	SessionEnded, SessionFailed ─ a minute ─▶ Fail
type Closing struct {
	open     []opened // in the order of their beginning
	recorded map[events.SessionID]events.RecordingID
	ended    []endedAlone
}

type opened struct {
	recording events.RecordingID
	session   events.SessionID
	over      time.Time // when the session was; zero: it is not
	cause     commands.Cause
}

// endedAlone is a recording that ended while its session takes itself for
// recorded.
type endedAlone struct {
	recording events.RecordingID
	session   events.SessionID
	cause     commands.Cause
}

// NewClosing returns the policy before the first event.
func NewClosing() *Closing {
	return &Closing{recorded: map[events.SessionID]events.RecordingID{}}
}

var _ commands.Policy = (*Closing)(nil)

func (*Closing) Name() string { return "recording-closing" }

func (p *Closing) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.SessionRecordingStarted:
		p.recorded[e.Session] = e.Recording
	case events.SessionRecordingStopped:
		p.settle(e.Session)
	case events.SessionEnding:
		p.settle(e.Session)
	case events.SessionEnded:
		p.over(e.Session, e.At, n.Cause)
	case events.SessionFailed:
		p.over(e.Session, e.At, n.Cause)
	case events.RecordingOpened:
		p.begin(e, n.Cause)
	case events.RecordingFinished:
		p.close(e.Recording, n.Cause)
	case events.RecordingFailed:
		p.close(e.Recording, n.Cause)
	}
}

func (p *Closing) Due(now time.Time) []commands.Order {
	var orders []commands.Order
	for _, e := range p.ended {
		orders = append(orders, commands.Issue(session.StopRecording{Session: e.session, Recording: e.recording},
			commands.Because(e.cause, p.Name(), "stop")))
	}
	for _, o := range p.open {
		if !o.over.IsZero() && !now.Before(o.over.Add(closeWithin)) {
			orders = append(orders, commands.Issue(Fail{Recording: o.recording, Cause: events.RecordingWorkerLost},
				commands.Because(o.cause, p.Name(), "close "+o.recording.String())))
		}
	}
	return orders
}

// begin notes a recording. If its session is recorded no more, since the worker
// was late to open it, nothing will come of the session: its minute begins here.
func (p *Closing) begin(e events.RecordingOpened, cause commands.Cause) {
	o := opened{recording: e.Recording, session: e.Session}
	if p.recorded[e.Session] != e.Recording {
		o.over, o.cause = e.At, cause
	}
	p.open = append(p.open, o)
}

// over begins the time in which the session's recordings are to be closed.
func (p *Closing) over(session events.SessionID, at time.Time, cause commands.Cause) {
	p.settle(session)
	for i := range p.open {
		if o := &p.open[i]; o.session == session && o.over.IsZero() {
			o.over, o.cause = at, cause
		}
	}
}

// settle is for a session that does not take itself for recorded any more.
func (p *Closing) settle(session events.SessionID) {
	delete(p.recorded, session)
	p.ended = slices.DeleteFunc(p.ended, func(e endedAlone) bool { return e.session == session })
}

func (p *Closing) close(recording events.RecordingID, cause commands.Cause) {
	i := slices.IndexFunc(p.open, func(o opened) bool { return o.recording == recording })
	if i < 0 {
		return
	}
	session := p.open[i].session
	p.open = slices.Delete(p.open, i, i+1)
	if p.recorded[session] == recording {
		p.ended = append(p.ended, endedAlone{recording: recording, session: session, cause: cause})
	}
}
