package streamer

import (
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/playcast/playcast/streamer/game"
	"github.com/playcast/playcast/streamer/input"
	"github.com/playcast/playcast/streamer/keyboard"
)

// controls play the players' input into the game, except while it is paused:
// what comes then is dropped, or the game would find it all when it goes on.
//
// Every call waits for the X server. One that takes no input for as long as
// patience is ended, so that nobody waits for ever, for instance because the
// game has grabbed the server and hangs.
type controls struct {
	display  *game.Display
	injector *input.Injector
	keyboard *keyboard.Keyboard
	typist   *typist
	copier   *copier
	deaf     atomic.Bool // the display was ended for want of patience
	touches  *touches

	mu     sync.Mutex // from the look at paused to the end of what follows
	paused bool
	hands  []*hand // that are open
	places places
}

// openControls opens the controls of a display, which are idle after a time
// without a touch. close frees them.
func openControls(display *game.Display, idle time.Duration, log *slog.Logger) (*controls, error) {
	injector, err := input.Open(display.Name(), display.Authority())
	if err != nil {
		return nil, err
	}
	keys, err := keyboard.Open(display.Name(), display.Authority())
	if err != nil {
		injector.Close()
		return nil, err
	}
	c := &controls{display: display, injector: injector, keyboard: keys, touches: newTouches(idle), places: places{log: log}}
	if c.copier, err = openCopier(display, c); err != nil {
		injector.Close()
		keys.Close()
		return nil, err
	}
	c.typist = newTypist(c, log)
	return c, nil
}

// patience is far over what an X server takes, on a busy machine too.
const patience = 5 * time.Second

// errDeaf is why the picture is lost then.
var errDeaf = errors.New("the X server took no input for " + patience.String() + ", and was ended")

// watch ends the display unless it is told in time that all is well.
func (c *controls) watch() (well func() bool) {
	return time.AfterFunc(patience, func() {
		c.deaf.Store(true)
		_ = c.display.Close() // whoever frees the stage hears of the error again
	}).Stop
}

// open gives a new viewer a hand, which plays what it is granted until it is
// closed. What is to be said to the viewer, tell is called with.
func (c *controls) open(g grant, tell func(text string)) *hand {
	c.mu.Lock()
	defer c.mu.Unlock()
	h := &hand{controls: c, granted: g, tell: tell}
	h.keys = c.injector.Hand(handPads{h})
	_ = h.keys.Allow(g.keyboard) // a new hand holds nothing that would have to be released
	c.hands = append(c.hands, h)
	return h
}

// pause releases what is held, and drops what comes.
func (c *controls) pause() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.paused = true
	defer c.watch()()
	var errs []error
	for _, h := range c.hands {
		errs = append(errs, h.release())
	}
	c.calm()
	return errors.Join(errs...)
}

// releaseKeys releases the keys that anyone holds. The controls are locked.
func (c *controls) releaseKeys() error {
	var errs []error
	for _, h := range c.hands {
		errs = append(errs, h.keys.ReleaseKeys())
	}
	return errors.Join(errs...)
}

// resume goes on from where the players' hands are with their next messages.
func (c *controls) resume() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.paused = false
}

// close frees the connections to the display, which has ended.
func (c *controls) close() {
	c.typist.close()
	c.copier.close()
	c.injector.Close()
	c.keyboard.Close()
}
