package saves

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/storage"
)

// roleVariable makes the test program play another: the tests run it again.
const roleVariable = "PLAYCAST_TEST_ROLE"

func TestMain(m *testing.M) {
	roles := map[string]func() error{"worker": runWorker, "game": runGame}
	if role := roles[os.Getenv(roleVariable)]; role != nil {
		if err := role(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

var discard = slog.New(slog.DiscardHandler)

// quick is a timing for tests that change a home themselves.
var quick = Timing{Look: 10 * time.Millisecond, Rest: 30 * time.Millisecond, Capture: 50 * time.Millisecond, Store: 100 * time.Millisecond, Retry: 100 * time.Millisecond, Within: 10 * time.Second}

// bench is a worker's keeper, and what it tells.
type bench struct {
	t      *testing.T
	keeper *Keeper
	dir    string

	mu   sync.Mutex
	told []Notice
}

func openFolder(t *testing.T) storage.Store {
	t.Helper()
	store, err := storage.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

// newBench starts a worker on a store. Its queue does nothing by itself, so
// that a test is not raced by it.
func newBench(t *testing.T, name events.WorkerID, store storage.Store, change ...func(*Config)) *bench {
	t.Helper()
	timing := quick
	timing.Retry = time.Hour
	cfg := Config{
		Dir: filepath.Join(t.TempDir(), string(name)), Store: store, Worker: name, Keep: 3, Timing: timing,
		Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, c := range change {
		c(&cfg)
	}
	b := &bench{t: t, dir: cfg.Dir}
	var err error
	if b.keeper, err = Open(cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.keeper.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
	return b
}

func (b *bench) tell(n Notice) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.told = append(b.told, n)
}

// heard returns what was told since the last time, without what was kept.
func (b *bench) heard() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []string
	for _, n := range b.told {
		if trouble, ok := n.(Trouble); ok {
			all = append(all, string(trouble.What))
		}
	}
	b.told = nil
	return strings.Join(all, " ")
}

func (b *bench) take() *Home {
	b.t.Helper()
	h, err := b.keeper.Take(b.t.Context(), "ann", "doom", b.tell)
	if err != nil {
		b.t.Fatal(err)
	}
	return h
}

func (b *bench) close(h *Home, left bool) {
	b.t.Helper()
	if err := h.Close(left); err != nil {
		b.t.Fatal(err)
	}
}

// play is a session that leaves this in the save.
func (b *bench) play(save string) {
	b.t.Helper()
	h := b.take()
	write(b.t, h, "save.dat", save)
	b.close(h, true)
}

// finds wants the next session to find this in the save.
func (b *bench) finds(save string) {
	b.t.Helper()
	h := b.take()
	defer b.close(h, true)
	if got := read(b.t, h, "save.dat"); got != save {
		b.t.Errorf("the save is %q, want %q", got, save)
	}
}

func write(t *testing.T, h *Home, name, content string) {
	t.Helper()
	path := filepath.Join(h.Path(), name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// read returns a file's content, "" where there is none.
func read(t *testing.T, h *Home, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(h.Path(), name))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(content)
}

// kinds lists the versions that are stored, the latest first.
func kinds(t *testing.T, store storage.Store) string {
	t.Helper()
	c, err := newShelf(store, "ann", "doom", 3).list(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, v := range c.versions {
		all = append(all, fmt.Sprintf("%d %s", v.Number, v.Kind))
	}
	return strings.Join(all, ", ")
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
