package events_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
)

var poisoned = events.EventReference{
	Event: events.EventID(uuid.MustParse("01970000-0000-7000-8000-000000000004")), Stream: "session-1", Revision: 3, Position: 4711, Type: "SessionPaused",
}

// poisonSamples has one of every event type of what handlers skip.
var poisonSamples = []events.Event{
	events.EventPoisoned{Handler: "streamer_worker-1", Event: poisoned, Cause: "unreadable: event of a newer version", Attempts: 1, At: at},
	events.PoisonReplayAsked{Handler: "streamer_worker-1", Event: poisoned, At: at},
	events.PoisonReplayed{Handler: "streamer_worker-1", Event: poisoned.Event, At: at},
	events.PoisonDropped{Handler: "streamer_worker-1", Event: poisoned.Event, At: at},
}

func TestHandlersHaveStreamsOfPoison(t *testing.T) {
	for _, text := range []string{"mail", "recording-eraser", "streamer_worker-1", strings.Repeat("a", 64) + "_" + strings.Repeat("b", 64)} {
		id, err := events.ParseHandlerID(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		stream := events.PoisonStream(id)
		if back, is := stream.Poison(); !is || back != id || stream.Check() != nil {
			t.Errorf("%s is that of %q, and %v", stream, back, stream.Check())
		}
	}
	for _, text := range []string{"", "_", "mail_", "_anna", "a_b_c", "Mail", "../mail", "mail\x1b[2J", "mail\n", "$all", strings.Repeat("a", 65), strings.Repeat("a", 1<<20)} {
		if id, err := events.ParseHandlerID(text); err == nil || len(err.Error()) > 1000 {
			t.Errorf("%.80q is taken for %.80q, %.80v", text, id, err)
		}
	}
	if _, is := events.Stream("session-poison-mail").Poison(); is {
		t.Error("a stream of another kind has poison")
	}
}
