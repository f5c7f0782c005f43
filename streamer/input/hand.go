package input

import "slices"

// Hand is what one player does: the messages of one sender, whose numbers and
// sums start at 0 with the first. What it holds is its own; several hands play
// into one display.
type Hand struct {
	in *Injector

	// All that follows is guarded by the injector.
	tracker tracker
	message Message  // decoded into, again and again
	actions []action // likewise
	barred  bool     // keyboard and mouse are not to be played
}

// Played is what a message came to: nothing, where it was stale, told of no
// change, or of what the hand may not do.
type Played struct {
	Sequence uint32
	Actions  int  // presses, releases, clicks of the wheel, motions
	Pressed  bool // a press or a click was among them
}

func played(sequence uint32, actions []action) Played {
	pressed := slices.ContainsFunc(actions, func(a action) bool { return a.kind == press })
	return Played{Sequence: sequence, Actions: len(actions), Pressed: pressed}
}

// Hand returns a new hand, for a player's channel that opens. Its Release lets
// go of what it held; there is nothing else to free.
func (in *Injector) Hand() *Hand { return &Hand{in: in} }

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
	if h.barred {
		h.tracker.skip(&h.message)
		return Played{}, nil
	}
	h.actions = h.tracker.next(&h.message, h.actions[:0])
	result := played(h.message.Sequence, h.actions)
	if err := h.in.play(h.actions); err != nil {
		return Played{}, err
	}
	return result, nil
}

// Allow says whether keyboard and mouse are played, as they are at first. Where
// they are not, what is held is released; and when they are again, they go on
// from where the sender is with its next message.
func (h *Hand) Allow(keyboard bool) error {
	h.in.mu.Lock()
	defer h.in.mu.Unlock()
	h.barred = !keyboard
	if h.barred {
		return h.release()
	}
	return nil
}

// Release releases every key and button that the hand holds: for a pause, or a
// player who is gone. If the same sender goes on, its next message counts from
// where it is.
func (h *Hand) Release() error {
	h.in.mu.Lock()
	defer h.in.mu.Unlock()
	return h.release()
}

func (h *Hand) release() error {
	h.actions = h.tracker.releaseAll(h.actions[:0])
	return h.in.play(h.actions)
}
