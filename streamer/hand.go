package streamer

import (
	"errors"
	"slices"
	"time"

	"github.com/playcast/playcast/streamer/input"
	"github.com/playcast/playcast/streamer/keyboard"
)

// hand is one viewer's at the controls: its own messages, and what it holds by
// them. It is safe for concurrent use.
type hand struct {
	controls *controls
	keys     *input.Hand
	tell     func(text string) // the viewer

	pasting pasting // the peer's goroutine owns it

	// guarded by the controls
	granted grant
	layout  keyboard.Layout // of the viewer's keyboard; empty: not known
	give    teller          // texts to the viewer's page; nil: not yet
}

// grant is what a viewer may play.
type grant struct {
	keyboard bool // and the mouse
	pads     int  // how many gamepads, 0 to 4
}

// host is what the viewer who started the session may play.
var host = grant{keyboard: true, pads: 4}

// apply plays one message, as input.Hand.Apply.
func (h *hand) apply(message []byte) (input.Played, error) {
	h.controls.mu.Lock()
	defer h.controls.mu.Unlock()
	if h.controls.paused {
		return input.Played{}, nil
	}
	defer h.controls.watch()()
	played, err := h.keys.Apply(message)
	if played.Touched && h.granted != (grant{}) {
		h.controls.touches.touch(time.Now())
	}
	if err == nil && played.Locks {
		err = h.controls.keyboard.Relock()
	}
	return played, err
}

// allow changes what is granted, and releases what is held of what is not.
func (h *hand) allow(g grant) error {
	h.controls.mu.Lock()
	defer h.controls.mu.Unlock()
	gained := g.keyboard && !h.granted.keyboard
	more := g.pads > h.granted.pads
	h.granted = g
	defer h.controls.watch()()
	h.controls.places.free(h, g.pads)
	if more { // those that wait for a place need no touch to take it
		h.keys.PadsAgain()
	}
	err := h.keys.Allow(g.keyboard)
	if gained && h.layout != (keyboard.Layout{}) {
		err = errors.Join(err, h.controls.load(h.layout))
	}
	return err
}

// close releases all that the hand holds. Nothing is to be applied after it.
func (h *hand) close() error {
	h.controls.mu.Lock()
	defer h.controls.mu.Unlock()
	h.controls.hands = slices.DeleteFunc(h.controls.hands, func(other *hand) bool { return other == h })
	h.granted = grant{}
	h.controls.places.free(h, 0)
	defer h.controls.watch()()
	return h.release()
}

// release releases all that is held. The controls are locked.
func (h *hand) release() error { return h.keys.Release() }
