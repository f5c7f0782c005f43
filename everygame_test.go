//go:build !nolibav

package main_test

import (
	"encoding/json"
	"strconv"
	"testing"
	"time"

	"github.com/playcast/playcast/bench/sessions"
	"github.com/playcast/playcast/streamer/game"
)

// TestEveryGame plays sessions in a row over all games that are installed here,
// one of each, and 300 with `make soak`: all start, and none leaves anything
// behind.
func TestEveryGame(t *testing.T) {
	count := len(installed(t))
	within := 3 * time.Minute
	if long(t, 0) > 0 {
		count, within = 300, 2*time.Hour
	}
	p := launch(t, "bench", "sessions", "--json", "--sessions", strconv.Itoa(count))
	var figures sessions.Figures
	select {
	case line, more := <-p.lines:
		if !more {
			t.Fatalf("the bench has ended: %s", p.stderr.tail(20))
		}
		if err := json.Unmarshal([]byte(line), &figures); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
	case <-time.After(within):
		t.Fatalf("no figures in %s: %s", within, p.stderr.tail(20))
	}
	if code := p.exit(); code != 0 || figures.Total.Sessions != count || figures.Total.Failed != 0 || len(figures.Left) > 0 {
		t.Errorf("it ended with %d: %+v", code, figures)
	}
	for _, g := range append(figures.Games, figures.Total) {
		t.Logf("%s: ready after %.0f ms (p50), %.0f (p95), the first frame after %.0f, %.0f", g.ID, g.ReadyP50, g.ReadyP95, g.FrameP50, g.FrameP95)
	}
}

// installed are the bundled games that can be played here: Freedoom, the lab,
// and of others those that deploy/setup.sh brings for the tests at least.
func installed(t *testing.T) (ids []string) {
	t.Helper()
	catalog, err := game.Load("")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range catalog {
		if err := entry.Installed(); err != nil {
			t.Logf("%s: %v", entry.ID, err)
			continue
		}
		ids = append(ids, string(entry.ID))
	}
	if len(ids) < 7 {
		t.Errorf("only %v are installed: deploy/setup.sh test", ids)
	}
	return ids
}
