package clipboard

import (
	"encoding/binary"
	"slices"
	"time"

	"github.com/jezek/xgb/xproto"
)

// own is the text that we offer.
type own struct {
	text    string
	since   xproto.Timestamp
	pending []offer // whose time the server is to say
	sending map[target]*sending
}

// target is where a client wants something to be put.
type target struct {
	window   xproto.Window
	property xproto.Atom
}

// sending is a text on its way to a client in parts.
type sending struct {
	rest            []byte
	kind            xproto.Atom
	deadline, until time.Time // of the next step, and of all
}

// begin asks for the server's time, as a selection is owned from a time on.
func (c *Clipboard) begin(o offer) {
	c.own.pending = append(c.own.pending, o)
	xproto.ChangeProperty(c.conn, xproto.PropModeReplace, c.window, c.atoms.stamp, xproto.AtomInteger, 32, 0, nil)
}

// take owns the selections from a time on.
func (c *Clipboard) take(now xproto.Timestamp) {
	for _, o := range c.own.pending {
		c.own.text, c.own.since = o.text, now
		var err error
		for _, selection := range []xproto.Atom{c.atoms.primary, c.atoms.clipboard} {
			xproto.SetSelectionOwner(c.conn, c.window, selection, now)
		}
		owner, err := xproto.GetSelectionOwner(c.conn, c.atoms.clipboard).Reply()
		if err == nil && owner.Owner != c.window {
			err = errTaken
		}
		o.taken <- err
	}
	c.own.pending = nil
}

// answer gives a client what it asks for, or refuses.
func (c *Clipboard) answer(e xproto.SelectionRequestEvent) {
	to := target{e.Requestor, e.Property}
	if to.property == 0 {
		to.property = e.Target // as clients before the ICCCM have it
	}
	if !c.put(to, e.Target) {
		to.property = 0
	}
	notify := xproto.SelectionNotifyEvent{
		Time: e.Time, Requestor: e.Requestor, Selection: e.Selection, Target: e.Target, Property: to.property,
	}
	xproto.SendEvent(c.conn, false, e.Requestor, 0, string(notify.Bytes()))
}

// put puts the text, or what there is to say of it, into a property; false: there
// is nothing of that kind.
func (c *Clipboard) put(to target, kind xproto.Atom) bool {
	a := c.atoms
	switch kind {
	case a.targets:
		kinds := []xproto.Atom{a.targets, a.timestamp, a.utf8, a.plainUTF8, a.plain, a.text, xproto.AtomString}
		c.change(to, xproto.AtomAtom, 32, words(kinds...))
	case a.timestamp:
		c.change(to, xproto.AtomInteger, 32, words(c.own.since))
	case a.utf8, a.plainUTF8, a.plain:
		return c.send(to, kind, []byte(c.own.text))
	case a.text:
		return c.send(to, a.utf8, []byte(c.own.text))
	case xproto.AtomString:
		return c.send(to, kind, latin(c.own.text))
	default:
		return false
	}
	return true
}

func (c *Clipboard) change(to target, kind xproto.Atom, format byte, data []byte) {
	xproto.ChangeProperty(c.conn, xproto.PropModeReplace, to.window, to.property, kind, format,
		uint32(len(data)/(int(format)/8)), data)
}

// send puts a text into a property, or its first word where it goes in parts.
func (c *Clipboard) send(to target, kind xproto.Atom, text []byte) bool {
	if len(text) <= part {
		c.change(to, kind, 8, text)
		return true
	}
	if _, again := c.own.sending[to]; !again && len(c.own.sending) == transfers {
		return false
	}
	now := time.Now()
	c.own.sending[to] = &sending{rest: text, kind: kind, deadline: now.Add(step), until: now.Add(whole)}
	c.listen(to.window, xproto.EventMaskPropertyChange)
	c.change(to, c.atoms.incr, 32, words(uint32(len(text))))
	return true
}

// sendPart goes on when a client has taken a part. The last one is empty.
func (c *Clipboard) sendPart(to target) {
	s := c.own.sending[to]
	if s == nil {
		return
	}
	next := s.rest[:min(part, len(s.rest))]
	s.rest = s.rest[len(next):]
	c.change(to, s.kind, 8, next)
	s.deadline = earlier(time.Now().Add(step), s.until)
	if len(next) == 0 {
		c.drop(to)
	}
}

// drop forgets a transfer.
func (c *Clipboard) drop(to target) {
	delete(c.own.sending, to)
	for other := range c.own.sending {
		if other.window == to.window {
			return
		}
	}
	c.listen(to.window, xproto.EventMaskNoEvent)
}

// listen says which events of another client's window we want. It may have gone.
func (c *Clipboard) listen(window xproto.Window, events uint32) {
	xproto.ChangeWindowAttributes(c.conn, window, xproto.CwEventMask, []uint32{events})
}

// expire gives up on who has not gone on in time.
func (c *Clipboard) expire(now time.Time) {
	c.own.pending = slices.DeleteFunc(c.own.pending, func(o offer) bool {
		late := !now.Before(o.deadline)
		if late {
			o.taken <- errLate
		}
		return late
	})
	for to, s := range c.own.sending {
		if !now.Before(s.deadline) {
			c.drop(to)
		}
	}
	if c.ask.underway() && !now.Before(c.ask.deadline) {
		c.ask.done()
	}
}

// words are numbers as a property of 32 bits has them.
func words[T ~uint32](numbers ...T) []byte {
	var data []byte
	for _, n := range numbers {
		data = binary.LittleEndian.AppendUint32(data, uint32(n))
	}
	return data
}

// latin is a text in ISO 8859-1, with a question mark for what that has not.
func latin(text string) []byte {
	var data []byte
	for _, c := range text {
		if c > 0xff {
			c = '?'
		}
		data = append(data, byte(c))
	}
	return data
}
