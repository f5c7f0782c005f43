package saves

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/playcast/playcast/events"
)

// takeWithin is how long a session waits for a home, which another session of
// the player's may just be leaving.
const (
	takeWithin = 5 * time.Second
	takeEvery  = 50 * time.Millisecond
)

// ErrTaken refuses a home that another session has.
var ErrTaken = errors.New("its saves are in use by another session of the same player: end that one first")

// Home is a player's directory for a game, held by one session at a time. Its
// methods are called one after another.
type Home struct {
	path   string
	cfg    Config
	player events.PlayerID
	game   events.GameID
	shelf  shelf
	log    *slog.Logger
	tell   func(Notice)
	told   map[What]bool

	lock     *os.File // the kernel gives it up with the process, too
	desk     *desk
	follower *follower // nil: no game runs
}

// Take brings a player's home for a game here, as it was stored last, and holds
// it for a session. What there is to tell of it goes to tell, here and later,
// from one goroutine at a time. The error wraps ErrTaken if another session has
// it, ErrUnreachable if its saves can't be brought here and no copy is.
func (k *Keeper) Take(ctx context.Context, player events.PlayerID, game events.GameID, tell func(Notice)) (*Home, error) {
	h, err := k.newHome(player, game)
	if err != nil {
		return nil, err
	}
	h.tell = tell
	if err := h.hold(takeWithin, func() { k.want(h.path) }); err != nil {
		return nil, fmt.Errorf("take the saves: %w", err)
	}
	if err := h.prepare(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("bring the saves: %w", err), h.free())
	}
	return h, nil
}

// newHome checks the ids, which become a path.
func (k *Keeper) newHome(player events.PlayerID, game events.GameID) (*Home, error) {
	if _, err := events.ParsePlayerID(string(player)); err != nil {
		return nil, err
	}
	if _, err := events.ParseGameID(string(game)); err != nil {
		return nil, err
	}
	h := &Home{
		path: filepath.Join(k.cfg.Dir, string(player), string(game)), cfg: k.cfg, player: player, game: game,
		shelf: newShelf(k.cfg.Store, player, game, k.cfg.Keep),
		log:   k.cfg.Log.With("player", player, "game", game),
		told:  map[What]bool{},
	}
	h.tell = h.note // while nobody has it who is to be told
	return h, nil
}

// note is for the operator.
func (h *Home) note(n Notice) {
	switch n := n.(type) {
	case Kept:
		h.log.Info("saves are stored", "version", n.Version, "bytes", n.Size, "files", n.Content.Files, "took", n.Took)
	case Trouble:
		h.log.Warn("trouble with saves", "what", n.What, "detail", n.Detail)
	}
}

// Path is the directory.
func (h *Home) Path() string { return h.path }

const lockEnd = ".lock"

// hold takes an exclusive lock, if it gets it in time, and opens the desk. While
// somebody else has it, it asks for it.
func (h *Home) hold(within time.Duration, ask func()) error {
	if err := os.MkdirAll(filepath.Dir(h.path), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(h.path+lockEnd, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	for deadline := time.Now().Add(within); ; time.Sleep(takeEvery) {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			break
		}
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return errors.Join(err, file.Close())
		}
		if time.Now().After(deadline) {
			return errors.Join(ErrTaken, file.Close())
		}
		ask()
	}
	h.lock = file
	if h.desk, err = openDesk(h.path + ".saves"); err != nil {
		return errors.Join(err, h.free())
	}
	return nil
}

// free lets another session have the home.
func (h *Home) free() error { return h.lock.Close() }

// prepare makes the home what the session is to play on with.
func (h *Home) prepare(ctx context.Context) error {
	err := h.salvage(Auto, h.rested)
	if errors.Is(err, ErrTooLarge) {
		err = h.lay(err)
	}
	if err != nil {
		// What can't be captured stays where it is, and is played on with.
		h.say(Trouble{What: NotKept, Detail: err.Error()})
		return h.exist()
	}
	delivering, cancel := context.WithTimeout(ctx, h.cfg.Timing.Within)
	defer cancel()
	if err := h.deliver(delivering); err != nil {
		h.say(Trouble{What: NotStored, Detail: err.Error()})
	}
	bringing, cancel := context.WithTimeout(ctx, h.cfg.Timing.Bring)
	defer cancel()
	if err := h.bring(bringing); err != nil {
		return err
	}
	return h.exist()
}

// lay puts a home that is too large aside, on this worker: no game goes on with
// it, and what is stored does. The one that lies there is removed.
func (h *Home) lay(why error) error {
	place := filepath.Join(h.desk.dir, "too-large")
	if err := errors.Join(removeAll(place), os.Rename(h.path, place)); err != nil {
		return err
	}
	h.say(Trouble{What: NotKept, Detail: fmt.Sprintf("%v: it lies in %s", why, place)})
	return h.desk.note(func(s *state) { *s = state{Base: s.Base, SafeAt: s.SafeAt} })
}

func (h *Home) exist() error { return os.MkdirAll(h.path, 0o700) }

// say tells of trouble, of each kind once: while a game runs, it comes again.
func (h *Home) say(t Trouble) {
	if !h.told[t.What] {
		h.told[t.What] = true
		h.tell(t)
	}
}

// rested says whether a home is what it was when it was last seen at rest.
func (h *Home) rested(s *scan) bool {
	return h.desk.sameBoot() && s.print == h.desk.state.Rest
}

// salvage captures what has changed in the home since it was last safe, as of a
// kind if it is whole. One that is not is put aside, if what goes on instead is
// recent.
func (h *Home) salvage(kind Kind, whole func(*scan) bool) error {
	now, err := look(h.path, h.cfg.Limits)
	if err != nil {
		return err
	}
	known := h.desk.state
	if now.print == emptyPrint || now.print == known.Print || known.Torn {
		return nil
	}
	why := ""
	switch {
	case whole(now):
	case !known.Restless && now.newest.Sub(known.SafeAt) < recent:
		kind, why = Aside, "its game was ended while it changed its files"
	default:
		kind, why = Auto, "its game was ended while it changed its files, and there is nothing recent that is whole"
	}
	if err := h.capture(now, kind, why); err != nil {
		return err
	}
	if kind == Aside {
		h.say(Trouble{What: Torn, Detail: why})
	}
	return nil
}

// capture packs the home, as it was seen, for the store. What is stored late
// counts as of when it was played.
func (h *Home) capture(seen *scan, kind Kind, why string) error {
	at := time.Now()
	n := Note{Player: h.player, Game: h.game, Worker: h.cfg.Worker, Base: h.desk.state.Base, Why: why}
	n.Version = Version{Kind: kind, At: seen.newest.UTC().Truncate(time.Millisecond)}
	if _, err := h.desk.capture(h.path, seen, n, h.cfg.Limits); err != nil {
		return err
	}
	err := h.desk.note(func(s *state) {
		s.Torn = kind == Aside
		if kind != Aside {
			s.Print, s.SafeAt, s.Boot = seen.print, at, h.desk.boot
		}
	})
	return errors.Join(err, h.desk.thin(h.cfg.Keep))
}
