package streamer

import (
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"
)

const (
	// maxTexts is how many texts may wait for the typist. When they do, the next
	// is refused.
	maxTexts = 16
	// typingEnds is how long after a text the keys that it took mean again what
	// they did.
	typingEnds = 10 * time.Second
)

// typist types texts into the game, one after another, on a goroutine of its
// own: a text may have to wait for keys to spare. In between what is played goes
// on.
type typist struct {
	controls *controls
	log      *slog.Logger
	texts    chan text
	quit     chan struct{}
	life     sync.WaitGroup
}

// text is what somebody wants typed.
type text struct {
	hand *hand
	rest []rune
}

func newTypist(c *controls, log *slog.Logger) *typist {
	t := &typist{controls: c, log: log, texts: make(chan text, maxTexts), quit: make(chan struct{})}
	t.life.Go(t.run)
	return t
}

// close ends the typing, in the middle of a text.
func (t *typist) close() {
	close(t.quit)
	t.life.Wait()
}

var errManyTexts = errors.New("too many texts wait to be typed")

// typeText leaves a text for the typist.
func (h *hand) typeText(typed string) error {
	select {
	case h.controls.typist.texts <- text{h, []rune(typed)}:
		return nil
	default:
		return errManyTexts
	}
}

func (t *typist) run() {
	idle := time.NewTimer(typingEnds)
	defer idle.Stop()
	for {
		var err error
		select {
		case next := <-t.texts:
			err = t.typeAll(next)
			idle.Reset(typingEnds)
		case <-idle.C:
			err = t.controls.forget()
		case <-t.quit:
			return
		}
		if err != nil { // the display ends, or has ended
			t.log.Debug("text was not typed", "error", err)
		}
	}
}

func (t *typist) typeAll(next text) error {
	for len(next.rest) > 0 {
		typed, wait, err := next.hand.typeSome(next.rest)
		if err != nil {
			return err
		}
		next.rest = next.rest[typed:]
		select {
		case <-time.After(wait):
		case <-t.quit:
			return nil
		}
	}
	return nil
}

// typeSome types the beginning of a text, as keyboard.Type does. Who may not
// type, or not now, types it all without a key.
func (h *hand) typeSome(text []rune) (typed int, wait time.Duration, err error) {
	c := h.controls
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.paused || !h.granted.keyboard || !slices.Contains(c.hands, h) {
		return len(text), 0, nil
	}
	defer c.watch()()
	c.touches.touch(time.Now())
	if err := c.releaseKeys(); err != nil {
		return 0, 0, err
	}
	return c.keyboard.Type(text)
}

func (c *controls) forget() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.watch()()
	return c.keyboard.Forget()
}
