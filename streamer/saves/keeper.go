package saves

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/storage"
)

// Config is what a Keeper needs to know. All but the limits and the timing is
// required.
type Config struct {
	Dir    string // of the homes on this worker
	Store  storage.Store
	Worker events.WorkerID
	Keep   int // how many clean versions of a game are kept, and how many put aside
	Limits Limits
	Timing Timing
	Log    *slog.Logger
}

// Timing says how often, and for how long. Zero values are the defaults.
type Timing struct {
	Look    time.Duration // between two looks at a home while its game runs; 1 s
	Rest    time.Duration // how long nothing changes in a home at rest; 1 s
	Capture time.Duration // between two captures of a running game; 10 s
	Store   time.Duration // between two of them that are stored; 1 min
	Within  time.Duration // how long the start and the end of a session wait for something to be stored; 10 s
	Bring   time.Duration // how long the start waits for what is stored; 40 s
	Retry   time.Duration // between two rounds of the queue; 30 s
}

func (t Timing) orDefault() Timing {
	return Timing{
		Look: cmp.Or(t.Look, time.Second), Rest: cmp.Or(t.Rest, time.Second),
		Capture: cmp.Or(t.Capture, 10*time.Second), Store: cmp.Or(t.Store, time.Minute),
		Within: cmp.Or(t.Within, 10*time.Second), Bring: cmp.Or(t.Bring, 40*time.Second), Retry: cmp.Or(t.Retry, 30*time.Second),
	}
}

// recent is how old what is safe may be to be preferred to a home that may be
// torn.
const recent = 3 * time.Minute

// Keeper keeps the homes of a worker.
type Keeper struct {
	cfg    Config
	cancel context.CancelFunc
	done   chan struct{}

	mu     sync.Mutex
	queued string             // the home that the queue has at this moment
	yield  context.CancelFunc // has the queue give it up
}

// Open starts a keeper. Its queue begins with the homes that an earlier run has
// left changed. Call it when no game of that run runs any more. The owner
// closes it; the store stays the owner's.
func Open(cfg Config) (*Keeper, error) {
	if cfg.Dir == "" || cfg.Store == nil || cfg.Worker == "" || cfg.Log == nil {
		return nil, errors.New("saves: a directory, a store, a worker and a log are needed")
	}
	if cfg.Keep < 1 {
		return nil, fmt.Errorf("saves: %d versions can't be kept: at least 1", cfg.Keep)
	}
	var err error
	if cfg.Dir, err = filepath.Abs(cfg.Dir); err != nil {
		return nil, fmt.Errorf("saves: %w", err)
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("saves: %w", err)
	}
	cfg.Timing = cfg.Timing.orDefault()
	ctx, cancel := context.WithCancel(context.Background())
	k := &Keeper{cfg: cfg, cancel: cancel, done: make(chan struct{})}
	go k.run(ctx)
	return k, nil
}

// Close stores what waits, until the context ends: then it waits for the next
// run. No home may be held any more.
func (k *Keeper) Close(ctx context.Context) error {
	k.cancel()
	<-k.done
	if left := k.round(ctx, waitingAnywhere); left > 0 {
		k.cfg.Log.Warn("saves are not stored yet: the next start stores them", "games", left)
	}
	return nil
}

// run is the queue.
func (k *Keeper) run(ctx context.Context) {
	defer close(k.done)
	again := time.NewTicker(k.cfg.Timing.Retry)
	defer again.Stop()
	// At first any home may have changed since it was captured; later only those
	// with sessions do, which capture them.
	for pattern := "*/*"; ; pattern = waitingAnywhere {
		k.round(ctx, pattern)
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
	}
}

// waitingAnywhere finds what waits to be stored.
const waitingAnywhere = "*/*.saves/*.note.json"

// round stores what waits of the homes that the pattern finds, and that nobody
// has, and returns of how many something is left.
func (k *Keeper) round(ctx context.Context, pattern string) (left int) {
	paths, err := filepath.Glob(filepath.Join(k.cfg.Dir, pattern))
	if err != nil {
		k.cfg.Log.Error("look for saves that wait", "error", err)
	}
	homes := map[string]bool{}
	for _, path := range paths {
		path, _, _ = strings.Cut(path, ".saves/")
		if homes[path] {
			continue
		}
		homes[path] = true
		player, err := events.ParsePlayerID(filepath.Base(filepath.Dir(path)))
		if err != nil {
			continue
		}
		game, err := events.ParseGameID(filepath.Base(path)) // no other file's name is one
		if err != nil {
			continue
		}
		if ctx.Err() != nil {
			return left
		}
		if err := k.catchUp(ctx, player, game); err != nil && ctx.Err() == nil {
			left++
			k.cfg.Log.Warn("saves could not be stored", "player", player, "game", game, "error", err)
		}
	}
	return left
}

// catchUp stores what waits of one home, unless somebody has it.
func (k *Keeper) catchUp(ctx context.Context, player events.PlayerID, game events.GameID) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	h, err := k.newHome(player, game)
	if err != nil {
		return err
	}
	k.offer(h.path, cancel)
	defer k.offer("", nil)
	if err := h.hold(0, func() {}); err != nil {
		return nil // a session's: it stores for itself
	}
	defer h.free()
	if err := h.salvage(Auto, h.rested); err != nil {
		return err
	}
	return h.deliver(ctx)
}

// offer says which home the queue has.
func (k *Keeper) offer(path string, cancel context.CancelFunc) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.queued, k.yield = path, cancel
}

// want has the queue give up a home.
func (k *Keeper) want(path string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.queued == path {
		k.yield()
	}
}
