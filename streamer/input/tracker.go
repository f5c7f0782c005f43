package input

import "math/bits"

// tracker turns messages into what has changed since the last one. It is pure:
// a Hand feeds it and has its actions played.
type tracker struct {
	started bool // sums are those of a message
	resync  bool // the next message's sums are new ground
	barred  bool // keyboard and mouse are passed over
	last    sums
	held    codeSet
	pointer struct{ x, y uint16 }
	placed  bool // pointer is where the X pointer was put
}

// sums are the parts of a message that only ever count on.
type sums struct {
	sequence       uint32
	dx, dy         int32
	wheelX, wheelY int32
	changes        uint32
}

// action is one thing to be played into the display.
type action struct {
	kind  actionKind
	code  Code  // of a press or release
	wheel byte  // instead of the code: an X button that is a direction of the wheel
	x, y  int32 // of a place, 0 to 65535, or of a motion in pixels
}

type actionKind byte

const (
	press actionKind = iota
	release
	place
	move
)

// notch is what the wheel's sum rises by for one click of a wheel's button.
const notch = 120

// maxClicks is how many notches of the wheel one message can turn; what is
// over is dropped, for it is no hand that does that.
const maxClicks = 32

// isNew says whether the message is newer than the last one; an older one is
// stale, and asks for nothing.
func (t *tracker) isNew(m *Message) bool {
	return !t.started || int32(m.Sequence-t.last.sequence) > 0
}

// next appends what a message that is new asks for.
func (t *tracker) next(m *Message, actions []action) []action {
	now := m.sums()
	if t.resync {
		t.last, t.resync = now, false
	}
	actions = t.movePointer(m, actions)
	actions = t.replay(m, actions)
	actions = t.settle(m, actions)
	if !t.barred {
		actions, now.wheelX = turn(actions, t.last.wheelX, m.WheelX, 6, 7)
		actions, now.wheelY = turn(actions, t.last.wheelY, m.WheelY, 4, 5)
	}
	t.last, t.started = now, true
	return actions
}

func (m *Message) sums() sums {
	return sums{m.Sequence, m.DX, m.DY, m.WheelX, m.WheelY, m.Changes}
}

func (t *tracker) movePointer(m *Message, actions []action) []action {
	if t.barred {
		t.placed = false // others move the pointer meanwhile
		return actions
	}
	if m.Mode == Relative {
		dx, dy := m.DX-t.last.dx, m.DY-t.last.dy
		if dx != 0 || dy != 0 {
			t.placed = false
			actions = append(actions, action{kind: move, x: dx, y: dy})
		}
		return actions
	}
	if !t.placed || t.pointer.x != m.X || t.pointer.y != m.Y {
		t.pointer.x, t.pointer.y, t.placed = m.X, m.Y, true
		actions = append(actions, action{kind: place, x: int32(m.X), y: int32(m.Y)})
	}
	return actions
}

// replay plays the changes that earlier, lost messages told of as well.
func (t *tracker) replay(m *Message, actions []action) []action {
	missed := int32(m.Changes - t.last.changes)
	missed = max(0, min(missed, int32(len(m.Recent))))
	for _, change := range m.Recent[len(m.Recent)-int(missed):] {
		if t.passes(change.Code) {
			continue
		}
		// A press of what is held: its release was too long ago. A release of
		// what is not: so was its press, and there is nothing to undo.
		if t.held.has(change.Code) {
			actions = append(actions, action{kind: release, code: change.Code})
			t.held.remove(change.Code)
		}
		if change.Pressed {
			actions = append(actions, action{kind: press, code: change.Code})
			t.held.add(change.Code)
		}
	}
	return actions
}

// settle makes the codes held those of the message, whatever was lost.
func (t *tracker) settle(m *Message, actions []action) []action {
	var want codeSet
	for _, code := range m.Held {
		if !t.passes(code) {
			want.add(code)
		}
	}
	for i := range want {
		for changed := want[i] ^ t.held[i]; changed != 0; changed &= changed - 1 {
			a := action{kind: release, code: Code(64*i + bits.TrailingZeros64(changed))}
			if want.has(a.code) {
				a.kind = press
			}
			actions = append(actions, a)
		}
	}
	t.held = want
	return actions
}

// passes says whether a code is passed over.
func (t *tracker) passes(code Code) bool { return t.barred && code < firstPadCode }

// bar passes over keyboard and mouse from now on, and appends a release for
// what is held of them.
func (t *tracker) bar(actions []action) []action {
	t.barred = true
	return t.releaseBelow(firstPadCode, actions)
}

// unbar has them played again, from where the sender is with its next message.
func (t *tracker) unbar() {
	if t.barred {
		t.barred, t.resync = false, t.started
	}
}

// releaseAll appends a release for everything held. The sender may go on: the
// sums of its next message are taken as they are.
func (t *tracker) releaseAll(actions []action) []action {
	t.resync = t.started
	return t.releaseBelow(maxCode+1, actions)
}

func (t *tracker) releaseBelow(end Code, actions []action) []action {
	for code := Code(1); code < end; code++ {
		if t.held.has(code) {
			actions = append(actions, action{kind: release, code: code})
			t.held.remove(code)
		}
	}
	return actions
}

// turn appends the clicks of one wheel, and returns the sum that they amount
// to: what is less than a notch waits for more.
func turn(actions []action, from, to int32, back, forth byte) ([]action, int32) {
	clicks := (to - from) / notch
	button := forth
	if clicks < 0 {
		button = back
	}
	reached := from + clicks*notch
	for range min(max(clicks, -clicks), maxClicks) {
		actions = append(actions, action{kind: press, wheel: button}, action{kind: release, wheel: button})
	}
	return actions, reached
}

// maxCode is the largest code there is.
const maxCode = firstPadCode + padCodes*MaxPads - 1

// codeSet is a set of codes.
type codeSet [maxCode/64 + 1]uint64

func (s *codeSet) has(c Code) bool { return s[c/64]&(1<<(c%64)) != 0 }
func (s *codeSet) add(c Code)      { s[c/64] |= 1 << (c % 64) }
func (s *codeSet) remove(c Code)   { s[c/64] &^= 1 << (c % 64) }
