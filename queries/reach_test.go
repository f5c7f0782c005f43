package queries_test

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries"
	"github.com/playcast/playcast/schema/schematest"
)

// TestADatabaseThatIsAway: who asks hears of it soon, and at once when it is
// known; and everybody goes on as soon as it is back.
func TestADatabaseThatIsAway(t *testing.T) {
	for _, away := range []struct {
		name string
		by   func(*schematest.Door)
	}{{"refuses", (*schematest.Door).Shut}, {"is silent", (*schematest.Door).Silence}} {
		t.Run(away.name, func(t *testing.T) {
			t.Parallel()
			door, at := schematest.NewDoor(t, postgres.Database(t))
			db, err := queries.Open(t.Context(), at, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(db.Close)
			if _, err := db.WholeLibrary(t.Context()); err != nil {
				t.Fatal(err)
			}
			waits := make(chan error, 1)
			for range 50 { // more than there are connections
				go func() { _, err := db.WholeLibrary(t.Context()); waits <- err }()
			}
			for range 50 {
				if err := <-waits; err != nil {
					t.Fatal(err)
				}
			}
			away.by(door)
			began := time.Now()
			for range 50 {
				go func() { _, err := db.WholeLibrary(t.Context()); waits <- err }()
			}
			for range 50 {
				if err := <-waits; !errors.Is(err, queries.ErrUnavailable) {
					t.Fatalf("got %v", err)
				}
			}
			t.Logf("50 who asked heard of it within %s", time.Since(began))
			for deadline := time.Now().Add(patience); ; {
				began := time.Now()
				if _, err := db.WholeLibrary(t.Context()); time.Since(began) < 100*time.Millisecond && errors.Is(err, queries.ErrUnavailable) {
					break
				}
				if time.Now().After(deadline) {
					t.Fatal("it is not noticed")
				}
			}
			t.Logf("it was noticed after %s", time.Since(began))
			if err := db.Await(t.Context(), queries.ViewSession, 5); !errors.Is(err, queries.ErrUnavailable) {
				t.Errorf("who waits for a position hears %v", err)
			}
			began = time.Now()
			for range 1000 {
				if _, err := db.Session(t.Context(), events.NewSessionID()); !errors.Is(err, queries.ErrUnavailable) {
					t.Fatalf("got %v", err)
				}
			}
			if took := time.Since(began); took > time.Second {
				t.Errorf("1000 questions took %s", took)
			}
			watch := db.Watch()
			defer watch.Close()
			door.Open()
			select {
			case c := <-watch.C:
				if !c.Touches("session-a") {
					t.Errorf("the change is of %+v alone", c)
				}
			case <-time.After(patience):
				t.Fatal("it did not come back")
			}
			for range 50 {
				if _, err := db.WholeLibrary(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
