package main_test

import (
	"strings"
	"syscall"
	"testing"
)

// TestDatabaseLost ends the private database under a running playcast, which
// can't go on, says so, and has lost nothing at the next start.
func TestDatabaseLost(t *testing.T) {
	data := dataIn(t)
	p := up(t, data, withGames(t)...)
	before := len(p.log())
	for _, r := range processesOf(data) {
		if strings.Contains(r.command, "bin/postgres") {
			if err := syscall.Kill(r.pid, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}
	}
	if code := p.exit(); code != 1 || !p.stderr.has("playcast: the private PostgreSQL has ended") {
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
