package projections

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/feed"
	"github.com/playcast/playcast/events/memstore"
)

// TestKeysAreWhatTheDatabaseKeeps: a key with what no column keeps finds its row
// again, from memory and from the database.
func TestKeysAreWhatTheDatabaseKeeps(t *testing.T) {
	changes := func(v *scripted, said events.Game, at time.Time) error {
		if said.Genre == "add" {
			return adds(v, said, at)
		}
		return v.things.Change(thingKey{said.Title, said.Width, at}, func(r *thing) { r.N++ })
	}
	r, pool := scriptedRunner(t, changes)
	store := memstore.New(time.Now)
	say(t, store, events.Game{Title: "a\x00b", Genre: "add"}, events.Game{Title: "a\x00b"})
	if err := runUntil(t, r, store, "SELECT count(*) = 1 FROM read_thing_1.thing WHERE n = 1"); err != nil {
		t.Fatal(err)
	}
	say(t, store, events.Game{Title: "a\x00b"}) // for a runner that has to load it
	if err := runUntil(t, anotherRunner(t, pool, changes), store, "SELECT count(*) = 1 FROM read_thing_1.thing WHERE n = 2"); err != nil {
		t.Fatal(err)
	}
}

// TestAnotherGenerationOfTheSameNumber: a runner that is level with one that was
// made anew behind its back, of the same number, leaves it alone.
func TestAnotherGenerationOfTheSameNumber(t *testing.T) {
	r, pool := scriptedRunner(t, adds)
	store := memstore.New(time.Now)
	say(t, store, events.Game{Width: 1})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := r.start(ctx); err != nil {
		t.Fatal(err)
	}
	first := anotherRunner(t, pool, adds)
	if err := runUntil(t, first, store, "SELECT position = 1 FROM read.generation WHERE view = 'thing'"); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(ctx, "DELETE FROM read.generation WHERE view = 'thing'; DROP SCHEMA read_thing_1 CASCADE;"+scriptedTable); err != nil {
		t.Fatal(err)
	}
	if err := runUntil(t, anotherRunner(t, pool, adds), store, "SELECT position = 1 FROM read.generation WHERE view = 'thing'"); err != nil {
		t.Fatal(err)
	}
	if _, err := first.write(ctx, step{after: 1, reached: 2}); !errors.Is(err, errMoved) {
		t.Errorf("it moves the other one: %v", err)
	}
	if err := first.start(ctx); !errors.Is(err, errGone) {
		t.Errorf("it takes the other one for its own: %v", err)
	}
}

// TestABuilderNamesTheEventAtFault: though it writes what came of many at once.
func TestABuilderNamesTheEventAtFault(t *testing.T) {
	r, _ := scriptedRunner(t, adds)
	store := memstore.New(time.Now)
	for i := range 100 {
		say(t, store, events.Game{Width: i})
	}
	say(t, store, events.Game{Width: 500, Height: 7}, events.Game{Width: 1000})
	b := &builder{runner: r, heap: heaped}
	if err := b.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.read(feed.NewFan(store, true))
	defer func() { b.from.Close() }()
	err := b.reach(t.Context(), 102)
	if !errors.Is(err, ErrStopped) || !strings.Contains(err.Error(), "GamePublished of game-x@100") || b.after != 100 {
		t.Errorf("at %d: %v", b.after, err)
	}
}

// TestManyKeysOfAnySizeAreTold: in notifications that the server takes.
func TestManyKeysOfAnySizeAreTold(t *testing.T) {
	r, _ := scriptedRunner(t, adds)
	if err := r.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	var told []events.Stream
	for i := range 300 {
		told = append(told, events.Stream(fmt.Sprintf("account-%d-%s", i, strings.Repeat("<é", 100))))
	}
	if err := r.commit(t.Context(), step{reached: 1, told: told}); err != nil {
		t.Fatal(err)
	}
	if err := r.commit(t.Context(), step{reached: 2, told: []events.Stream{events.Stream(strings.Repeat("x", 9000))}}); err != nil {
		t.Fatal(err)
	}
}
