package keyboard

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"golang.org/x/time/rate"

	"github.com/playcast/playcast/streamer/xconn"
)

// Keyboard is the keyboard of one X display. Its methods may be called from
// several goroutines.
type Keyboard struct {
	conn  *xgb.Conn
	root  xproto.Window
	xkb   xkb
	known Layouts
	drain sync.WaitGroup

	mu     sync.Mutex
	loads  *rate.Limiter
	layout Layout
	locks  Locks // as last set
	told   bool  // locks were set
	typing typing
}

// Locks are the keys that stay down, so to say.
type Locks struct{ Caps, Num bool }

// Open connects to a display, with the cookie from the file authority. The
// layout is what the X server has begun with. Close frees it.
func Open(display, authority string) (*Keyboard, error) {
	known, err := Installed()
	if err != nil {
		return nil, err
	}
	conn, err := xconn.Dial(display, authority, xconn.Keyboard, xconn.Test)
	if err != nil {
		return nil, fmt.Errorf("open the keyboard: %w", err)
	}
	k := &Keyboard{
		conn: conn, root: xproto.Setup(conn).DefaultScreen(conn).Root, xkb: newXKB(conn), known: known,
		loads: rate.NewLimiter(rate.Every(loadEvery), loadBurst),
	}
	k.drain.Go(k.dropEvents)
	return k, nil
}

// dropEvents takes the events that every client gets unasked, and ends with the
// connection.
func (k *Keyboard) dropEvents() {
	for {
		event, err := k.conn.WaitForEvent()
		if event == nil && err == nil {
			return
		}
	}
}

// Close ends the connection. It may be called again; the rest returns errors
// after it.
func (k *Keyboard) Close() {
	k.conn.Close()
	k.drain.Wait()
}

// How often a layout may be loaded: nothing of the display goes on meanwhile.
const (
	loadEvery = 2 * time.Second
	loadBurst = 5
)

// ErrTooOften: layouts were changed too often of late.
var ErrTooOften = errors.New("the keyboard layout is changed too often: try again in some seconds")

// Load makes the keys mean what is printed on the player's, on a keyboard of 105
// keys, and returns when that is so for every key that comes. What is held must
// be released before. Errors: ErrUnknown, ErrTooOften, or the display's.
func (k *Keyboard) Load(layout Layout) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, ok := k.known[layout]; !ok {
		return ErrUnknown
	}
	if layout == k.layout {
		return nil
	}
	if !k.loads.Allow() {
		return ErrTooOften
	}
	symbols := "pc+" + layout.String() + "+inet(evdev)"
	if err := k.xkb.load("evdev+aliases(qwerty)", "complete", "complete", symbols); err != nil {
		return fmt.Errorf("keyboard layout %s: %w", layout, err)
	}
	k.layout, k.typing = layout, typing{}
	return nil
}

// Layout is the one that was loaded last; empty: none yet.
func (k *Keyboard) Layout() Layout {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.layout
}

// The modifiers of X that CapsLock and NumLock lock.
const (
	capsLock = xproto.ModMaskLock
	numLock  = xproto.ModMask2
)

// Lock has the locks as they are at the player's.
func (k *Keyboard) Lock(locks Locks) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.locks, k.told = locks, true
	return k.lock(locks)
}

// Relock sets again what Lock has set, after a key that may have changed it.
func (k *Keyboard) Relock() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.told {
		return nil
	}
	return k.lock(k.locks)
}

func (k *Keyboard) lock(locks Locks) error {
	var locked byte
	if locks.Caps {
		locked |= capsLock
	}
	if locks.Num {
		locked |= numLock
	}
	return k.xkb.lock(capsLock|numLock, locked)
}
