package main_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/playcast/playcast/events"
)

// TestEvents looks at the log of a running playcast as an operator does.
func TestEvents(t *testing.T) {
	t.Parallel() // it waits most of the time
	data := dataIn(t)
	refused(t, []string{"events", "--data", data, "show", "game-saver"}, []string{"no playcast has run on " + data, "--data", "--eventstore"})
	p := up(t, data, withGames(t)...)

	tail := launch(t, "events", "--data", data, "tail", "--all")
	for seen := ""; !strings.Contains(seen, "GameBecameUnavailable"); {
		seen = tail.line() // what was there before
	}
	one := p.signIn("player1")
	id := one.request("saver")
	for _, what := range []string{"SessionRequested", "SlotReserved", "SessionAllocated", "SessionLaunched", "SessionReady"} {
		for {
			line := tail.line()
			if strings.Contains(line, "  "+what+"  ") {
				if !strings.Contains(line, id) {
					t.Errorf("the tail has %q, which is not of the session %s", line, id)
				}
				break
			}
		}
	}
	tail.signal(syscall.SIGINT)
	if code := tail.exit(); code != 0 {
		t.Errorf("the interrupted tail ended with %d: %s", code, tail.stderr.tail(5))
	}

	one.await(id, events.SessionIsReady)
	one.steer(id, "end")
	one.await(id, events.SessionIsEnded)
	stream := streamOf(t, id)
	show := launch(t, "events", "--eventstore", p.store, "show", string(stream))
	for revision, f := range of(facts(t, p.log()), stream) {
		line := show.line()
		for _, part := range []string{fmt.Sprintf("  %s@%d  %s  ", stream, revision, f.Type), string(f.Data), "by " + string(f.meta.Actor), f.meta.Causation} {
			if !strings.Contains(line, part) {
				t.Errorf("line %d of the stream is %q, which has no %q", revision, line, part)
			}
		}
	}
	if code := show.exit(); code != 0 {
		t.Errorf("show ended with %d: %s", code, show.stderr.tail(5))
	}
	refused(t, []string{"events", "--data", data, "show", "session-of-nobody"}, []string{`there is no stream "session-of-nobody"`})
	refused(t, []string{"events", "--data", data, "show"}, []string{"<stream>", "--help"})
	refused(t, []string{"events", "--eventstore", "nonsense", "show", "game-saver"}, []string{"connection string"})
	p.stop()
	refused(t, []string{"events", "--data", data, "show", string(stream)}, []string{"no playcast runs on " + data, "--eventstore"})
}
