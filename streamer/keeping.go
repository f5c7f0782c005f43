package streamer

import (
	"context"
	"log/slog"
	"sync/atomic"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/saves"
)

// keeping is a session's hold of its player's saves. They are brought here
// while the display starts. A nil one keeps nothing.
type keeping struct {
	out    *outbox
	log    *slog.Logger
	ending atomic.Bool // what is stored from now on is what the session leaves

	taken chan struct{} // closed when home, or err, is there
	home  *saves.Home
	err   error
}

// keep begins to bring the saves; await ends that, and close frees them.
func keep(ctx context.Context, keeper *saves.Keeper, e launchedFor, out *outbox, log *slog.Logger) *keeping {
	if keeper == nil {
		return nil
	}
	k := &keeping{out: out, log: log, taken: make(chan struct{})}
	go func() {
		defer close(k.taken)
		k.home, k.err = keeper.Take(ctx, e.player, e.game, k.hear)
	}()
	return k
}

// launchedFor says whose saves of what.
type launchedFor struct {
	player events.PlayerID
	game   events.GameID
}

// hear reports what there is to tell of the saves. While the game runs, what
// is stored is worth a line in the log.
func (k *keeping) hear(n saves.Notice) {
	switch n := n.(type) {
	case saves.Kept:
		k.log.Info("saves are stored", "version", n.Version, "bytes", n.Size, "files", n.Content.Files, "took", n.Took)
		if k.ending.Load() {
			k.out.put(SavesKept{Version: n.Version.String(), Bytes: n.Size, Files: n.Content.Files, Skipped: n.Content.Skipped, Took: n.Took})
		}
	case saves.Trouble:
		k.log.Warn("trouble with saves", "what", n.What, "detail", n.Detail)
		k.out.put(SavesTroubled{Trouble: events.SavesTrouble(n.What), Detail: n.Detail})
	}
}

// await returns the home, "" where nothing is kept.
func (k *keeping) await() (string, error) {
	if k == nil {
		return "", nil
	}
	<-k.taken
	if k.err != nil {
		return "", k.err
	}
	return k.home.Path(), nil
}

// held says whether there is a home.
func (k *keeping) held() bool {
	if k == nil {
		return false
	}
	<-k.taken
	return k.home != nil
}

// follow has the saves stored while the game runs.
func (k *keeping) follow() {
	if k != nil {
		k.home.Follow()
	}
}

// pause stores them, now that the game is stopped.
func (k *keeping) pause() {
	if k != nil {
		k.home.Pause()
	}
}

func (k *keeping) resume() {
	if k != nil {
		k.home.Resume()
	}
}

// settle comes before the game is ended, if it runs.
func (k *keeping) settle(runs bool) {
	if k.held() {
		k.ending.Store(true)
		k.home.Settle(runs)
	}
}

// close stores what the game has left. It says whether the game left by itself,
// or when it was told.
func (k *keeping) close(left bool) error {
	if !k.held() {
		return nil
	}
	return k.home.Close(left)
}
