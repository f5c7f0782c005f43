package input

import "slices"

// Hand is what one player does: the messages of one sender, whose numbers and
// sums start at 0 with the first. What it holds is its own; several hands play
// into one display.
type Hand struct {
	in *Injector

	// All that follows is guarded by the injector.
	tracker tracker
	pads    padHand
	message Message  // decoded into, again and again
	actions []action // likewise
}

// Played is what a message came to: nothing, where it was stale, told of no
// change, or of what the hand may not do.
type Played struct {
	Sequence uint32
	Actions  int  // presses, releases, clicks of the wheel, motions, states of pads
	Pressed  bool // a press or a click was among them
	Locks    bool // CapsLock or NumLock went down or up
	Touched  bool // somebody's hands are at it: there were actions of keyboard or mouse, something is held, or a stick is out of its middle
}

// Hand returns a new hand, for a player's channel that opens, which plays its
// gamepads to pads (nil: nowhere). Its Release lets go of what it held; there is nothing else
// to free.
func (in *Injector) Hand(pads Pads) *Hand { return &Hand{in: in, pads: padHand{player: pads}} }

// Apply plays one message, and returns when the X server has taken it. A stale
// message is no error; a malformed one is (ErrMalformed), and nothing of it is
// played. Any other error means that the display is gone.
func (h *Hand) Apply(data []byte) (Played, error) {
	h.in.mu.Lock()
	defer h.in.mu.Unlock()
	if err := h.message.Decode(data); err != nil {
		h.in.stats.Malformed++
		return Played{}, err
	}
	if !h.tracker.isNew(&h.message) {
		h.in.stats.Stale++
		return Played{}, nil
	}
	h.in.stats.Applied++
	h.actions = h.tracker.next(&h.message, h.actions[:0])
	result := Played{
		Sequence: h.message.Sequence,
		Pressed:  slices.ContainsFunc(h.actions, func(a action) bool { return a.kind == press }),
		Locks:    slices.ContainsFunc(h.actions, func(a action) bool { return a.code == CapsLock || a.code == NumLock }),
		Actions:  h.pads.next(&h.message, h.actions), // first, as it waits for nobody
	}
	h.actions = slices.DeleteFunc(h.actions, isPad)
	result.Actions += len(h.actions)
	result.Touched = len(h.actions) > 0 || h.tracker.held != (codeSet{}) || h.pads.touched()
	if err := h.in.play(h.actions); err != nil {
		return Played{}, err
	}
	return result, nil
}

func isPad(a action) bool { return a.code >= firstPadCode }

// Allow says whether keyboard and mouse are played, as they are at first. Where
// they are not, what is held is released; and when they are again, they go on
// from where the sender is with its next message. Of pads the player decides.
func (h *Hand) Allow(keyboard bool) error {
	h.in.mu.Lock()
	defer h.in.mu.Unlock()
	if keyboard {
		h.tracker.unbar()
		return nil
	}
	h.actions = h.tracker.bar(h.actions[:0])
	return h.in.play(h.actions)
}

// PadsAgain has the player hear of each pad that is connected, as it is.
func (h *Hand) PadsAgain() { h.pads.again() }

// ReleaseKeys releases the keys and buttons of keyboard and mouse that the hand
// holds. What its sender still holds then is pressed with its next message.
func (h *Hand) ReleaseKeys() error {
	h.in.mu.Lock()
	defer h.in.mu.Unlock()
	h.actions = h.tracker.releaseBelow(firstPadCode, h.actions[:0])
	return h.in.play(h.actions)
}

// Release releases every key and button that the hand holds, and has its pads
// at rest: for a pause, or a player who is gone. If the same sender goes on, its
// next message counts from where it is.
func (h *Hand) Release() error {
	h.in.mu.Lock()
	defer h.in.mu.Unlock()
	h.pads.rest()
	h.actions = slices.DeleteFunc(h.tracker.releaseAll(h.actions[:0]), isPad)
	return h.in.play(h.actions)
}
