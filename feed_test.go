package main_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/poison"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/esdb"
)

// TestFeedPoison does with what handlers have skipped as an operator does: with
// what a worker can't read, and with what a handler that this test plays sends.
func TestFeedPoison(t *testing.T) {
	t.Parallel() // it waits most of the time
	data := dataIn(t)
	feed := func(arguments ...string) []string {
		return append([]string{"feed", "--data", data, "poison"}, arguments...)
	}
	refused(t, feed("list"), []string{"no playcast has run on " + data, "--data", "--eventstore"})
	p := up(t, data, append(withGames(t), "--role", "node,streamer", "--worker-secret", sharedSecret, "--worker", "w")...)
	if out := ran(t, feed("list")...); out != "nothing is skipped\n" {
		t.Errorf("at first the list is %q", out)
	}

	foreign := events.Proposed{ID: events.EventID(uuid.New()), Type: "SessionAllocated", Data: []byte(`{}`), Metadata: []byte(`{"schemaVersion":99}`)}
	store, err := esdb.Open(p.store)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if _, err := store.Append(t.Context(), "session-x\n", events.AnyRevision(), []events.Proposed{foreign}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the worker to skip what it can't read", func() (bool, any) {
		out := ran(t, feed("list")...)
		return strings.Contains(out, "streamer_w  "+foreign.ID.String()+`  SessionAllocated  session-x\n@0`), out
	})
	replay := refused(t, feed("replay", "streamer_w", "--all"), []string{"1 event not handled"})
	if line := replay.line(); line != foreign.ID.String()+" has failed again: unreadable: event of a newer version" {
		t.Errorf("the replay says %q", line)
	}
	var listed []struct {
		events.EventReference
		Attempts int
		Asked    bool
	}
	if err := json.Unmarshal([]byte(ran(t, feed("list", "streamer_w", "--json")...)), &listed); err != nil || len(listed) != 1 ||
		listed[0].Type != foreign.Type || listed[0].Attempts != 2 || listed[0].Asked {
		t.Errorf("as JSON the list is %+v, %v", listed, err)
	}
	if out := ran(t, feed("drop", "streamer_w", foreign.ID.String())...); out != foreign.ID.String()+" is dropped\n" {
		t.Errorf("the drop says %q", out)
	}
	refused(t, feed("drop", "streamer_w", foreign.ID.String()), []string{foreign.ID.String(), "feed poison list"})
	refused(t, feed("replay", "streamer_w", "--all"), []string{"nothing is held", "streamer_w"})

	handler := commands.NewHandler(store, time.Now)
	skipped := events.EventReference{Event: events.EventID(uuid.New()), Stream: "session-y", Type: "Teleported\x1b[2J"}
	act := func(command commands.Command[poison.State]) {
		t.Helper()
		if _, err := handler.Do(t.Context(), commands.Issue(command, commands.By("system:test"))); err != nil {
			t.Fatal(err)
		}
	}
	act(poison.Keep{Handler: "mail", Event: skipped, Cause: "error: *url.Error", Attempts: 5})
	if out := ran(t, feed("list", "mail")...); !strings.Contains(out, `  Teleported\x1b[2J  session-y@0`) {
		t.Errorf("the list of one handler is %q", out)
	}
	refused(t, feed("replay", "mail", skipped.Event.String(), "--wait", "100ms"), []string{"1 event not answered for by mail within 100ms"})
	asking := launch(t, feed("replay", "mail", skipped.Event.String())...)
	eventually(t, "the replay to be asked", func() (bool, any) {
		asked := 0
		for recorded, err := range store.Read(t.Context(), "poison-mail", 0) {
			if err != nil {
				t.Fatal(err)
			}
			if recorded.Type == "PoisonReplayAsked" {
				asked++
			}
		}
		return asked == 2, asked
	})
	act(poison.Settle{Handler: "mail", Event: skipped.Event})
	if line := asking.line(); line != skipped.Event.String()+" is handled" || asking.exit() != 0 {
		t.Errorf("the replay says %q", line)
	}

	refused(t, feed("list", "nobody"), []string{`"nobody"`, "feed poison list"})
	refused(t, feed("drop", "../mail\x1b[2J", "--all"), []string{`"../mail\x1b[2J"`})
	refused(t, feed("replay", "mail"), []string{"--all"})
	refused(t, feed("replay", "mail", "all"), []string{"UUID"})
	p.stop()
	refused(t, feed("list"), []string{"no playcast runs on " + data})
}
