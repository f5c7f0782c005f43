package main_test

import (
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/esdb"
)

// TestDatabaseLost kills the private database under a running playcast, which
// starts it again and goes on meanwhile; one that ends again and again it gives up,
// says so, and has lost nothing at the next start.
func TestDatabaseLost(t *testing.T) {
	t.Parallel() // it waits most of the time
	data := dataIn(t)
	p := up(t, data, withGames(t)...)
	before := len(p.log())
	kill := func() {
		for _, r := range processesOf(data) {
			if strings.Contains(r.command, "bin/postgres") {
				if err := syscall.Kill(r.pid, syscall.SIGKILL); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	one := p.signIn("player1")
	for range 3 {
		kill()
		var done accepted
		one.must(http.StatusCreated, one.do(http.MethodPost, one.url+"/v1/sessions", map[string]any{"game": "saver"}), &done)
		one.must(http.StatusOK, one.do(http.MethodPost, one.url+"/v1/sessions/"+done.Session+"/end", nil), &done)
		eventually(t, "the read side to be back", func() (bool, any) {
			r := one.do(http.MethodGet, one.url+"/v1/sessions/"+done.Session+"?position="+done.Position, nil)
			return r.StatusCode == http.StatusOK, r
		})
	}
	kill()
	if code := p.exit(); code != 1 || !p.stderr.has("playcast: the private PostgreSQL has ended again and again") {
		t.Errorf("it ended with %d and said %s, want 1 and why", code, p.stderr.tail(5))
	}
	nothingLeft(t, data)

	p = up(t, data, withGames(t)...)
	if after := len(p.log()); after <= before {
		t.Errorf("the log holds %d events, and held %d", after, before)
	}
	p.signIn("player1")
	p.stop()
}

// TestNewerLog: a log that a newer playcast has gone on with can't be read to
// its end. A start on it fails, with the name of the event.
func TestNewerLog(t *testing.T) {
	t.Parallel() // it waits most of the time
	data := dataIn(t)
	p := up(t, data, withGames(t)...)
	store, err := esdb.Open(p.store)
	if err != nil {
		t.Fatal(err)
	}
	newer := events.Proposed{ID: events.DeriveEventID(events.NewCommandID(), 0), Type: "GamePublished",
		Data: []byte(`{"cartridge":"gold"}`), Metadata: []byte(`{"schemaVersion":99}`)}
	if _, err := store.Append(t.Context(), "game-gold", events.NoStream(), []events.Proposed{newer}); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "everything that folds the log to say which event stops it", func() (bool, any) {
		said := map[string]bool{}
		for line := range strings.Lines(p.stderr.tail(1_000_000)) {
			for _, part := range []string{"policies", "projections"} {
				if strings.Contains(line, `"part":"`+part+`"`) && strings.Contains(line, "GamePublished of game-gold@0") && strings.Contains(line, "version 99") {
					said[part] = true
				}
			}
		}
		return len(said) == 2, said
	})
	p.stop()
	start := []string{"up", "--data", data, "--listen", freeAddress(t), "--media-port", "0", "--store-port", "0"}
	refused(t, append(start, withGames(t)...),
		[]string{"GamePublished of game-gold@0", "version 99", "newer playcast"})
	nothingLeft(t, data)
}
