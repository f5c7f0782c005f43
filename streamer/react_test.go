package streamer

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/feed"
)

// TestWhatIsReplayedTooLateIsRefused: a game begins for no session that is over,
// and nothing that has been decided since is undone.
func TestWhatIsReplayedTooLateIsRefused(t *testing.T) {
	w := NewWorker("worker-1", Parts{})
	if err := w.Close(t.Context()); err != nil { // it begins no game, and follows its sessions
		t.Fatal(err)
	}
	session, other := events.NewSessionID(), events.NewSessionID()
	position := 0
	handle := func(e events.Event, of events.SessionID, at int, replayed bool) error {
		t.Helper()
		id := events.DeriveEventID(events.NewCommandID(), 0)
		proposed, err := events.Encode(id, e, events.Metadata{})
		if err != nil {
			t.Fatal(err)
		}
		msg := message.NewMessage(id.String(), proposed.Data)
		msg.Metadata = message.Metadata{"stream": string(events.SessionStream(of)), "revision": fmt.Sprint(at), "position": fmt.Sprint(at),
			"time": time.Now().Format(time.RFC3339Nano), "type": proposed.Type, "metadata": string(proposed.Metadata)}
		if replayed {
			msg.Metadata.Set("asked", id.String())
		}
		return w.Handle(msg)
	}
	now := func(e events.Event, of events.SessionID) {
		t.Helper()
		position++
		if err := handle(e, of, position, false); err != nil {
			t.Fatal(err)
		}
	}
	late := func(e events.Event, at int, want error) {
		t.Helper()
		if err := handle(e, session, at, true); !errors.Is(err, want) {
			t.Errorf("%s of %d is answered by %v, want %v", e.EventType(), at, err, want)
		}
	}
	given := events.SessionAllocated{Session: session, Worker: "worker-1"}
	elsewhere := events.SessionAllocated{Session: session, Worker: "worker-2"}
	late(given, 1, feed.ErrOvertaken) // of an earlier run
	late(elsewhere, 1, nil)
	now(given, session)
	late(given, 1, nil)
	now(events.SessionPaused{Session: other}, other)
	now(events.QualityReported{Session: session}, session) // nothing that it reacts to
	late(given, 1, nil)
	now(events.SessionPaused{Session: session}, session)
	now(events.SessionResumed{Session: session}, session)
	late(given, 1, feed.ErrOvertaken)
	late(events.SessionPaused{Session: session}, 4, feed.ErrOvertaken)
	late(events.SessionResumed{Session: session}, 5, nil)
	now(events.SessionFailed{Session: session}, session)
	late(events.SessionResumed{Session: session}, 5, feed.ErrOvertaken)
	if len(w.given) != 0 {
		t.Errorf("it remembers %v", w.given)
	}
}
