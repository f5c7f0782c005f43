package streamer

import (
	"encoding/json"
	"errors"

	"github.com/playcast/playcast/streamer/keyboard"
)

// errNotGranted refuses what takes the keyboard from who has none.
var errNotGranted = errors.New("the viewer may not use the keyboard")

// keyboard takes which keyboard the player has, and tells the page which one
// the display has now: another one, where it may not be changed.
func (v *viewer) keyboard(said *saidKeyboard) error {
	now, err := v.hand.useLayout(keyboard.Layout{Name: said.Layout, Variant: said.Variant})
	answer, _ := json.Marshal(struct { // of strings only: there is no error
		Type    string `json:"type"`
		Layout  string `json:"layout"`
		Variant string `json:"variant"`
	}{"keyboard", now.Name, now.Variant})
	v.tell(string(answer))
	return err
}

// useLayout has the display take the layout of the viewer's keyboard, and again
// whenever the viewer is given the keyboard. It returns the one that the display
// has now. What anyone holds is released before a change.
func (h *hand) useLayout(layout keyboard.Layout) (now keyboard.Layout, err error) {
	h.controls.mu.Lock()
	defer h.controls.mu.Unlock()
	defer h.controls.watch()()
	if !h.granted.keyboard {
		h.layout = layout
		return h.controls.keyboard.Layout(), nil
	}
	if err = h.controls.load(layout); err == nil {
		h.layout = layout
	}
	return h.controls.keyboard.Layout(), err
}

// load changes the layout. The controls are locked.
func (c *controls) load(layout keyboard.Layout) error {
	if c.keyboard.Layout() == layout {
		return nil
	}
	return errors.Join(c.releaseKeys(), c.keyboard.Load(layout))
}

// lock has the display's locks be as the viewer's.
func (h *hand) lock(locks keyboard.Locks) error {
	h.controls.mu.Lock()
	defer h.controls.mu.Unlock()
	if !h.granted.keyboard {
		return errNotGranted
	}
	defer h.controls.watch()()
	return h.controls.keyboard.Lock(locks)
}
