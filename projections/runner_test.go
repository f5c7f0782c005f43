package projections

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/feed"
	"github.com/playcast/playcast/events/memstore"
	"github.com/playcast/playcast/schema/schematest"
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

// TestEachEventCountsOnce: by two runners, whose connections end at any time,
// whether what they have sent has come to the server or not.
func TestEachEventCountsOnce(t *testing.T) {
	counts := func(v *scripted, _ events.Game, at time.Time) error {
		key := thingKey{"x", 0, at}
		if _, there := v.things.Get(key); !there {
			v.things.Add(thing{Place: "x", At: at, Kind: "x", N: 100, Tags: []string{}})
		}
		return v.things.Change(key, func(r *thing) { r.N++ })
	}
	r, pool := scriptedRunner(t, counts)
	door, through := schematest.NewDoor(t, pool.Config().ConnString())
	far, err := Open(t.Context(), through)
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	store := memstore.New(time.Now)
	fan := feed.NewFan(store, false)
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	defer group.Wait()
	defer cancel()
	for range 2 {
		one := newRunner(far, &scripted{things: newThings(), fold: counts}, r.g, r.log)
		group.Go(func() {
			if err := one.run(ctx, fan, func() {}); err != nil {
				t.Error(err)
			}
		})
	}
	const all = 300
	for i := range all {
		say(t, store, events.Game{Width: i})
		if i%10 == 0 {
			time.Sleep(time.Duration(i) * 20 * time.Microsecond) // for the cut to be elsewhere each time
			door.Shut()
			door.Open()
		}
	}
	deadline := time.Now().Add(20 * time.Second)
	for {
		var position, n int
		if err := pool.QueryRow(ctx, "SELECT position, coalesce((SELECT n - 100 FROM read_thing_1.thing), 0) FROM read.generation WHERE view = 'thing'").Scan(&position, &n); err != nil {
			t.Fatal(err)
		}
		if n != position {
			t.Fatalf("at %d it has counted %d", position, n)
		}
		if position == all {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("it has come to %d only", position)
		}
		time.Sleep(2 * time.Millisecond) // between looks at the condition
	}
}

// TestWhatAViewHasStoppedAtIsKept: though the database was away when it stopped,
// and not where another runner has gone on.
func TestWhatAViewHasStoppedAtIsKept(t *testing.T) {
	r, pool := scriptedRunner(t, adds)
	door, through := schematest.NewDoor(t, pool.Config().ConnString())
	far, err := Open(t.Context(), through)
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	away := newRunner(far, r.view, r.g, r.log)
	at := &stopped{at: &feed.Event{Recorded: events.Recorded{Type: "GamePublished", Stream: "game-x"}}, err: errNoRow}
	door.Shut()
	kept := make(chan error, 1)
	go func() { kept <- away.record(t.Context(), at) }()
	select {
	case err := <-kept:
		t.Fatalf("kept nowhere: %v", err)
	case <-time.After(100 * time.Millisecond): // in which the database is away
	}
	door.Open()
	if err := <-kept; err != nil {
		t.Fatal(err)
	}
	failed := func() (failed *string) {
		t.Helper()
		if err := pool.QueryRow(t.Context(), "SELECT failed FROM read.generation WHERE view = 'thing'").Scan(&failed); err != nil {
			t.Fatal(err)
		}
		return failed
	}
	if at := failed(); at == nil || *at != "GamePublished of game-x@0" {
		t.Errorf("it has stopped at %v", at)
	}
	if err := r.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.commit(t.Context(), step{reached: 1}); err != nil {
		t.Fatal(err)
	}
	if err := away.record(t.Context(), at); err != nil || failed() != nil {
		t.Errorf("another one has gone on, and it has stopped: %v", err)
	}
}
