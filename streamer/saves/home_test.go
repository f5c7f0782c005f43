package saves

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/playcast/playcast/streamer/storage"
)

// TestSavesAreThereOnAnotherWorker plays on two workers in turn.
func TestSavesAreThereOnAnotherWorker(t *testing.T) {
	store := openFolder(t)
	a, b := newBench(t, "a", store), newBench(t, "b", store)
	a.play("one")
	b.finds("one")
	b.play("two")
	a.finds("two")
	a.play("three")
	b.finds("three")
	if said := a.heard() + b.heard(); said != "" {
		t.Errorf("there was trouble: %s", said)
	}
	if got := kinds(t, store); got != "3 clean, 2 clean, 1 clean" {
		t.Errorf("stored is %s", got)
	}
}

// TestWhatIsKept plays more often than versions are kept, and without a change.
func TestWhatIsKept(t *testing.T) {
	store := openFolder(t)
	a := newBench(t, "a", store)
	for _, save := range []string{"1", "2", "3", "3", "4", "5"} {
		a.play(save)
		a.finds(save)
	}
	if got := kinds(t, store); !strings.HasPrefix(got, "6 clean, 5 clean, 4 clean") || strings.Contains(got, "3 ") {
		t.Errorf("stored is %s", got)
	}
	objects, err := store.List(t.Context(), "")
	if err != nil || len(objects) != 6 {
		t.Errorf("the store has %v, %v; want three archives with their notes", objects, err)
	}
}

// TestAHomeIsOneSessionsAtATime takes a home twice.
func TestAHomeIsOneSessionsAtATime(t *testing.T) {
	a := newBench(t, "a", openFolder(t))
	h := a.take()
	if _, err := a.keeper.Take(t.Context(), "ann", "doom", a.tell); !errors.Is(err, ErrTaken) {
		t.Errorf("taken twice: %v", err)
	}
	other, err := a.keeper.Take(t.Context(), "bob", "doom", a.tell)
	if err != nil {
		t.Fatal(err)
	}
	a.close(other, true)
	a.close(h, true)
	a.close(a.take(), true)
}

// TestARunningGameIsStored while it runs, when it has come to rest.
func TestARunningGameIsStored(t *testing.T) {
	store := openFolder(t)
	a, b := newBench(t, "a", store), newBench(t, "b", store)
	h := a.take()
	h.Follow()
	write(t, h, "save.dat", "while it runs")
	eventually(t, "an automatic version", func() bool { return strings.HasPrefix(kinds(t, store), "1 auto") })
	b.finds("while it runs")
	write(t, h, "save.dat", "at its end")
	a.close(h, true)
	if got := kinds(t, store); got != "2 clean" {
		t.Errorf("stored is %s, want the clean one alone", got)
	}
	b.finds("at its end")
}

// TestTheFirstSessionIsKilledWhileItSaves: the next begins anew.
func TestTheFirstSessionIsKilledWhileItSaves(t *testing.T) {
	store := openFolder(t)
	a := newBench(t, "a", store)
	h := a.take()
	write(t, h, "save.dat", "half of")
	a.close(h, false)
	a.finds("")
	if got := kinds(t, store); got != "0 aside" {
		t.Errorf("stored is %s", got)
	}
	a.play("whole")
	a.finds("whole")
}

// TestHomesOfBefore, which nothing is known of, are taken as they are.
func TestHomesOfBefore(t *testing.T) {
	store := openFolder(t)
	dir := t.TempDir()
	home := filepath.Join(dir, "ann", "doom")
	try(t, os.MkdirAll(home, 0o700), os.WriteFile(filepath.Join(home, "save.dat"), []byte("old"), 0o600))
	a := newBench(t, "a", store, func(c *Config) { c.Dir = dir })
	eventually(t, "the queue to store them", func() bool { return kinds(t, store) == "1 auto" })
	newBench(t, "b", store).finds("old")
	a.finds("old")
}

// awaitRest waits until it is noted that the home is at rest with a change.
func awaitRest(t *testing.T, h *Home) {
	t.Helper()
	eventually(t, "the home to rest", func() bool {
		var noted state
		data, err := os.ReadFile(filepath.Join(h.path+".saves", stateFile))
		return err == nil && json.Unmarshal(data, &noted) == nil && noted.Rest != "" && noted.Rest != noted.Print
	})
}

// TestAPauseStores at once, though the next capture is far off.
func TestAPauseStores(t *testing.T) {
	store := openFolder(t)
	a := newBench(t, "a", store, func(c *Config) { c.Timing.Capture, c.Timing.Store = 1<<40, 1<<40 })
	h := a.take()
	h.Follow()
	write(t, h, "save.dat", "paused")
	awaitRest(t, h)
	h.Pause()
	eventually(t, "an automatic version", func() bool { return kinds(t, store) == "1 auto" })
	h.Resume()
	a.close(h, true)
}

// TestAGameThatIsKilledWhileItSaves leaves something torn, which is put aside.
func TestAGameThatIsKilledWhileItSaves(t *testing.T) {
	store := openFolder(t)
	a := newBench(t, "a", store)
	a.play("whole")
	h := a.take()
	write(t, h, "save.dat", "half of")
	a.close(h, false)
	if said := a.heard(); said != string(Torn) {
		t.Errorf("it told %q", said)
	}
	a.finds("whole")
	if got := kinds(t, store); got != "1 aside, 1 clean" {
		t.Errorf("stored is %s", got)
	}
	newBench(t, "b", store).finds("whole")
}

// TestAGameThatIsKilledAtRest has its saves.
func TestAGameThatIsKilledAtRest(t *testing.T) {
	store := openFolder(t)
	a := newBench(t, "a", store, func(c *Config) { c.Timing.Capture, c.Timing.Store = 1<<40, 1<<40 })
	a.play("before")
	h := a.take()
	h.Follow()
	write(t, h, "save.dat", "at rest")
	h.Settle(true)
	a.close(h, false)
	a.finds("at rest")
}

// TestAGameThatNeverRests has nothing that is surely whole: what it leaves last
// is taken.
func TestAGameThatNeverRests(t *testing.T) {
	store := openFolder(t)
	a := newBench(t, "a", store, func(c *Config) { c.Timing.Rest = 300 * time.Millisecond })
	a.play("before")
	h := a.take()
	h.Follow()
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for n := 0; ; n++ {
			if err := os.WriteFile(filepath.Join(h.Path(), "log"), fmt.Append(nil, n), 0o600); err != nil {
				t.Error(err)
			}
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	end := sync.OnceFunc(func() { close(stop); <-stopped })
	defer end()
	eventually(t, "an automatic version", func() bool { return strings.Contains(kinds(t, store), "auto") })
	write(t, h, "save.dat", "the last")
	h.Settle(true)
	end()
	a.close(h, false)
	a.finds("the last")
}

// TestTwoWorkersAtOnce play the same game of the same player.
func TestTwoWorkersAtOnce(t *testing.T) {
	store := openFolder(t)
	a, b := newBench(t, "a", store), newBench(t, "b", store)
	a.play("one")
	onA, onB := a.take(), b.take()
	write(t, onA, "save.dat", "on a")
	a.close(onA, true)
	write(t, onB, "save.dat", "on b, later")
	b.close(onB, true)
	if said := b.heard(); said != string(Diverged) {
		t.Errorf("it told %q", said)
	}
	if got := kinds(t, store); got != "3 clean, 2 clean, 2 aside, 1 clean" && got != "3 clean, 2 aside, 2 clean, 1 clean" {
		t.Errorf("stored is %s, want what a had kept aside too", got)
	}
	a.finds("on b, later")
	b.finds("on b, later")
}

// frail is a store that can't be reached when it is down.
type frail struct {
	storage.Store
	down atomic.Bool
}

var errDown = errors.New("no route to host")

func (f *frail) Put(ctx context.Context, key string, content io.Reader) error {
	if f.down.Load() {
		return errDown
	}
	return f.Store.Put(ctx, key, content)
}

func (f *frail) Open(ctx context.Context, key string) (io.ReadSeekCloser, storage.Object, error) {
	if f.down.Load() {
		return nil, storage.Object{}, errDown
	}
	return f.Store.Open(ctx, key)
}

func (f *frail) List(ctx context.Context, prefix string) ([]storage.Object, error) {
	if f.down.Load() {
		return nil, errDown
	}
	return f.Store.List(ctx, prefix)
}

// TestTheStoreIsAway for several sessions, and back.
func TestTheStoreIsAway(t *testing.T) {
	store := &frail{Store: openFolder(t)}
	a, b := newBench(t, "a", store), newBench(t, "b", store)
	a.play("one")
	store.down.Store(true)
	if _, err := b.keeper.Take(t.Context(), "ann", "doom", b.tell); !errors.Is(err, ErrUnreachable) || !errors.Is(err, errDown) {
		t.Errorf("a game began from nothing: %v", err)
	}
	a.play("two") // from its own copy
	if said := a.heard(); said != string(Behind)+" "+string(NotStored) {
		t.Errorf("it told %q", said)
	}
	a.play("three")
	a.finds("three")
	store.down.Store(false)
	a.heard()
	if left := a.keeper.round(t.Context(), waitingAnywhere); left != 0 {
		t.Errorf("the queue has left %d", left)
	}
	b.finds("three")
	if said := a.heard() + b.heard(); said != "" {
		t.Errorf("there was trouble: %s", said)
	}
}

// TestTheStoreIsAwayWhileAnotherPlays: what is stored late does not take the
// place of what was played later.
func TestTheStoreIsAwayWhileAnotherPlays(t *testing.T) {
	folder := openFolder(t)
	store := &frail{Store: folder}
	a, b := newBench(t, "a", store), newBench(t, "b", folder)
	a.play("one")
	store.down.Store(true)
	a.play("two, not stored")
	b.play("three")
	store.down.Store(false)
	a.finds("three")
	if said := a.heard(); !strings.Contains(said, string(Diverged)) {
		t.Errorf("it told %q", said)
	}
	if got := kinds(t, store); !strings.Contains(got, "aside") {
		t.Errorf("stored is %s", got)
	}
}

// TestDamageInTheStore has the version before go on.
func TestDamageInTheStore(t *testing.T) {
	dir := t.TempDir()
	store, err := storage.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	a := newBench(t, "a", store)
	damage := func(change func(path string) error) {
		t.Helper()
		c, err := newShelf(store, "ann", "doom", 3).list(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := change(filepath.Join(dir, archiveKey("players/ann/doom/", c.versions[0]))); err != nil {
			t.Fatal(err)
		}
	}
	for name, change := range map[string]func(string) error{
		"a missing archive": os.Remove,
		"half an archive":   func(path string) error { return os.Truncate(path, 20) },
		"a flipped bit": func(path string) error {
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			data[len(data)/2] ^= 1
			return os.WriteFile(path, data, 0o600)
		},
		"something else": func(path string) error { return os.WriteFile(path, []byte("hello"), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			a.play("before " + name)
			a.play("after")
			damage(change)
			b := newBench(t, "b", store)
			b.finds("before " + name)
			if said := b.heard(); said != string(Damaged) {
				t.Errorf("it told %q", said)
			}
			b.play("goes on")
			newBench(t, "c", store).finds("goes on")
		})
	}
	archives, err := filepath.Glob(filepath.Join(dir, "players/ann/doom/*"+archiveEnd))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range archives { // none is left
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := newBench(t, "d", store).keeper.Take(t.Context(), "ann", "doom", a.tell); !errors.Is(err, errDamaged) {
		t.Errorf("a game began from nothing: %v", err)
	}
}
