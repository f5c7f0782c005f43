package input

// PadState is what is done with a pad at a time.
type PadState struct {
	Buttons  uint32 // a bit for each that is down, by its number; triggers count as pulled or not
	Axes     [4]int16
	Triggers [2]uint8
}

// Pads takes what a hand does with its gamepads, by the sender's numbers. It
// may not wait.
type Pads interface {
	// Play has the pad in a state, from which a player saw it go on; it may be
	// the state that it is in. A pad not heard of before has been connected.
	Play(pad int, state PadState)
	// Vanish: the pad has been taken away.
	Vanish(pad int)
}

// padHand is the gamepads of a hand, as last played.
type padHand struct {
	player    Pads // nil: pads are ignored
	connected [MaxPads]bool
	states    [MaxPads]PadState
}

// next plays what a message and the actions made of it do with pads. It
// returns how much that was.
func (p *padHand) next(m *Message, actions []action) (changes int) {
	if p.player == nil {
		return 0
	}
	for pad := range m.Pads {
		switch {
		case m.Pads[pad].Connected:
			changes += p.play(pad, &m.Pads[pad], actions)
		case p.connected[pad]:
			p.connected[pad], p.states[pad] = false, PadState{}
			p.player.Vanish(pad)
			changes++
		}
	}
	return changes
}

// play plays one pad. What happened at once is one state; a button that was
// pressed and released meanwhile is seen to be.
func (p *padHand) play(pad int, now *Pad, actions []action) (changes int) {
	state, first := &p.states[pad], !p.connected[pad]
	before := *state
	p.connected[pad] = true
	state.Axes = now.Axes
	var changed uint32 // since the last state was played
	see := func(bit uint32) {
		if changed&bit != 0 {
			p.player.Play(pad, *state)
			changed, changes = 0, changes+1
		}
		changed |= bit
	}
	for _, a := range actions {
		of, button, ok := a.code.pad()
		if !ok || of != pad {
			continue
		}
		see(1 << button)
		state.press(button, a.kind == press, now)
	}
	for i, value := range now.Triggers {
		if state.Triggers[i] != value {
			see(changed & (1 << (buttonLeftTrigger + i)))
			state.Triggers[i] = value
		}
	}
	if first || *state != before || changed != 0 {
		p.player.Play(pad, *state)
		changes++
	}
	return changes
}

// press changes a button. A trigger is pulled by as much as the message says,
// or whole if it has let go already.
func (s *PadState) press(button int, down bool, now *Pad) {
	bit := uint32(1) << button
	s.Buttons &^= bit
	if down {
		s.Buttons |= bit
	}
	if button != buttonLeftTrigger && button != buttonRightTrigger {
		return
	}
	value := &s.Triggers[button-buttonLeftTrigger]
	*value = now.Triggers[button-buttonLeftTrigger]
	switch pulled := *value >= 128; {
	case down && !pulled:
		*value = 255
	case !down && pulled:
		*value = 0
	}
}

// middle is how far an axis or a trigger of a pad that nobody touches may be from
// where it rests: many are never still.
const (
	middle        = 1 << 13 // a quarter of the way
	middleTrigger = 1 << 6
)

// touched says whether an axis or a trigger of a pad is moved by somebody. The
// buttons are the tracker's.
func (p *padHand) touched() bool {
	for _, s := range p.states {
		for _, axis := range s.Axes {
			if axis >= middle || axis <= -middle {
				return true
			}
		}
		if s.Triggers[0] >= middleTrigger || s.Triggers[1] >= middleTrigger {
			return true
		}
	}
	return false
}

// again plays each pad that is connected, as it is.
func (p *padHand) again() {
	for pad, connected := range p.connected {
		if connected {
			p.player.Play(pad, p.states[pad])
		}
	}
}

// rest has each connected pad as if nobody touched it.
func (p *padHand) rest() {
	for pad, connected := range p.connected {
		if connected {
			p.states[pad] = PadState{}
			p.player.Play(pad, PadState{})
		}
	}
}
