package streamer

import (
	"strings"
	"testing"

	"github.com/jezek/xgb/xproto"
)

// say sends a text on the control channel.
func (b *browser) say(t *testing.T, text string) {
	t.Helper()
	must(t, b.control.SendText(text))
}

// hears waits until the page is told a text that begins so.
func (b *browser) hears(t *testing.T, beginning string) string {
	t.Helper()
	for {
		if text := soon(t, "word", b.told); strings.HasPrefix(text, beginning) {
			return text
		}
	}
}

// means is what a key means without and with Shift.
func (s *screen) means(t *testing.T, key xproto.Keycode) [2]xproto.Keysym {
	t.Helper()
	reply, err := xproto.GetKeyboardMapping(s.conn, key, 1).Reply()
	must(t, err)
	return [2]xproto.Keysym{reply.Keysyms[0], reply.Keysyms[1]}
}

// Each page that takes over brings its keyboard.
func TestLayout(t *testing.T) {
	const minus = 12 + 8 // ß and ? on a German keyboard
	h := newHouse(t)
	session := h.draw(t, "draws")
	s := h.screen(t, session)
	german := h.join(t, session)
	german.hold(t, "KeyA")
	s.inputs(t, 1)
	german.say(t, `{"type":"keyboard","layout":"de"}`)
	german.hears(t, `{"type":"keyboard","layout":"de","variant":""}`)
	if s.held(t, keyA) {
		t.Error("a key is held across the change")
	}
	if got := s.means(t, minus); got != [2]xproto.Keysym{'ß', '?'} {
		t.Errorf("the key means %x", got)
	}
	german.say(t, `{"type":"keyboard","layout":"de","variant":"'; rm -rf /"}`)
	german.hears(t, `{"type":"keyboard","layout":"de","variant":""}`)
	german.say(t, `{"type":"keyboard","layout":7}`)
	german.say(t, `{"type":"locks","caps":true,"num":true}`)
	eventually(t, "CapsLock is on", func() bool {
		pointer, err := xproto.QueryPointer(s.conn, xproto.Setup(s.conn).DefaultScreen(s.conn).Root).Reply()
		must(t, err)
		return pointer.Mask&(xproto.ModMaskLock|xproto.ModMask2) == xproto.ModMaskLock|xproto.ModMask2
	})

	other := h.join(t, session)
	other.say(t, `{"type":"keyboard","layout":"us","variant":"dvorak"}`)
	other.hears(t, `{"type":"keyboard","layout":"us","variant":"dvorak"}`)
	if got := s.means(t, minus); got != [2]xproto.Keysym{'[', '{'} {
		t.Errorf("the key means %x", got)
	}
}

func TestText(t *testing.T) {
	h := newHouse(t)
	session := h.draw(t, "draws")
	s := h.screen(t, session)
	b := h.join(t, session)
	b.say(t, `{"type":"text","text":"aB😀語"}`)
	s.inputs(t, 5) // and Shift
	for range 3 * maxTexts {
		b.say(t, `{"type":"text","text":"`+strings.Repeat("x", 50)+`"}`)
	}
	eventually(t, "the session goes on", func() bool {
		reading, err := s.read(t)
		return err == nil && reading.Inputs > 5+maxTexts*50
	})
	b.leave() // in the middle of a text
	report[Disconnected](t, h.reports, session)
}
