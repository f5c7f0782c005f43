package main_test

import (
	"strings"
	"testing"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/node"
)

// TestNamedStore runs playcast on an event store of somebody else's.
func TestNamedStore(t *testing.T) {
	t.Parallel() // it waits most of the time
	server, err := node.Open(node.Config{Dir: t.TempDir(), Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	secret := strings.Replace(server.ConnectionString(), "://", "://operator:hidden-word@", 1)
	p := up(t, dataIn(t), append(withGames(t), "--eventstore", secret)...)
	if p.store != server.ConnectionString() {
		t.Errorf("it shows its store as %s, want %s", p.store, server.ConnectionString())
	}
	one := p.signIn("player1")
	id := one.request("saver")
	one.await(id, events.SessionIsReady)
	one.steer(id, "end")
	one.await(id, events.SessionIsEnded)
	if got := types(of(facts(t, p.log()), streamOf(t, id))); got[len(got)-1] != "SessionEnded" {
		t.Errorf("the named store holds %v of the session", got)
	}
	p.stop()
}
