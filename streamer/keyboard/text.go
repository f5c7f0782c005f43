package keyboard

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
	"unicode"

	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"
)

// patience is how long a client may take for a key until its meaning changes.
const patience = 2 * time.Second

// typing is how characters are typed in the present layout.
type typing struct {
	ready  bool
	keys   map[xproto.Keysym]stroke // of the layout
	shift  byte                     // key codes of the modifiers
	level3 byte                     // 0: the layout has none
	spare  []binding                // keys that no page presses
}

// stroke is a key, and the modifiers that it takes.
type stroke struct {
	code byte
	level
}

// level is one of the meanings of a key.
type level struct{ shift, level3 bool }

// binding is a key that no page presses, and what it means for a while.
type binding struct {
	code  byte
	plain []xproto.Keysym // what it means in the layout
	sym   xproto.Keysym   // 0: that
	used  time.Time
}

// firstSpare is the first X key code that no page presses: those from there on
// are of multimedia keyboards.
const firstSpare = 136

// Keysyms that are named here (X11/keysymdef.h).
const (
	symBackSpace = 0xff08
	symTab       = 0xff09
	symReturn    = 0xff0d
	symShift     = 0xffe1
	symLevel3    = 0xfe03
	symUnicode   = 0x01000000 // plus the code point, from U+0100 on
)

// keysym is what a character is to X; false for one that is not typed.
func keysym(c rune) (xproto.Keysym, bool) {
	switch {
	case c == '\n' || c == '\r':
		return symReturn, true
	case c == '\t':
		return symTab, true
	case c == '\b':
		return symBackSpace, true
	case unicode.IsControl(c) || c == unicode.ReplacementChar:
		return 0, false
	case c < 0x100:
		return xproto.Keysym(c), true
	}
	return symUnicode + xproto.Keysym(c), true
}

// burst is how many characters are typed at one go.
const burst = 32

// Type types characters from the beginning of a text, and returns how many it
// has typed and what to wait for until the next: the X server has taken them,
// and the keyboard is as it was. Nothing may be held. What can't be typed, a
// control character, counts as typed.
func (k *Keyboard) Type(text []rune) (typed int, wait time.Duration, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if typed, wait, err = k.typeSome(text[:min(len(text), burst)]); err != nil {
		return 0, 0, fmt.Errorf("type text: %w", err)
	}
	return typed, wait, nil
}

func (k *Keyboard) typeSome(text []rune) (typed int, wait time.Duration, err error) {
	if !k.typing.ready {
		if err := k.readMap(); err != nil {
			return 0, 0, err
		}
	}
	var strokes []stroke
	now := time.Now()
	for _, c := range text {
		if sym, ok := keysym(c); ok {
			var key stroke
			if key, wait, err = k.find(sym, now); err != nil {
				return 0, 0, err
			}
			if wait > 0 {
				break
			}
			strokes = append(strokes, key)
		}
		typed++
	}
	return typed, wait, k.strike(strokes)
}

// find returns how to type a character. Where no key can be had for it yet, it
// says for how long.
func (k *Keyboard) find(sym xproto.Keysym, now time.Time) (key stroke, wait time.Duration, err error) {
	if key, ok := k.typing.keys[sym]; ok {
		return key, 0, nil
	}
	spare := k.typing.spare
	at := slices.IndexFunc(spare, func(b binding) bool { return b.sym == sym })
	if at < 0 {
		for i := range spare {
			if at < 0 || spare[i].used.Before(spare[at].used) {
				at = i
			}
		}
		if at < 0 {
			return stroke{}, 0, errNoSpare
		}
		if wait = patience - now.Sub(spare[at].used); wait > 0 {
			return stroke{}, wait, nil
		}
		if err := k.bind(spare[at].code, []xproto.Keysym{sym, sym}); err != nil { // with Shift too
			return stroke{}, 0, err
		}
	}
	spare[at].sym, spare[at].used = sym, now
	return stroke{code: spare[at].code}, 0, nil
}

var errNoSpare = errors.New("the keyboard map has no key to spare")

// bind changes what a key means.
func (k *Keyboard) bind(code byte, syms []xproto.Keysym) error {
	return xproto.ChangeKeyboardMappingChecked(k.conn, 1, xproto.Keycode(code), byte(len(syms)), syms).Check()
}

// Forget undoes what Type has bound. Text must not follow sooner than patience.
func (k *Keyboard) Forget() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := range k.typing.spare {
		b := &k.typing.spare[i]
		if b.sym == 0 {
			continue
		}
		if err := k.bind(b.code, b.plain); err != nil {
			return fmt.Errorf("give a key its meaning back: %w", err)
		}
		b.sym = 0
	}
	return nil
}

// strike presses and releases keys, with no lock on but NumLock.
func (k *Keyboard) strike(strokes []stroke) (err error) {
	if len(strokes) == 0 {
		return nil
	}
	pointer, err := xproto.QueryPointer(k.conn, k.root).Reply()
	if err != nil {
		return err
	}
	if caps := byte(pointer.Mask & capsLock); caps != 0 {
		if err := k.xkb.lock(caps, 0); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, k.xkb.lock(caps, caps)) }()
	}
	for _, s := range strokes {
		k.press(s)
	}
	// The server takes requests in their order, so this comes after all keys.
	_, err = xproto.GetInputFocus(k.conn).Reply()
	return err
}

func (k *Keyboard) press(s stroke) {
	var held []byte
	if s.shift {
		held = append(held, k.typing.shift)
	}
	if s.level3 {
		held = append(held, k.typing.level3)
	}
	held = append(held, s.code)
	for _, code := range held {
		xtest.FakeInput(k.conn, xproto.KeyPress, code, 0, k.root, 0, 0, 0)
	}
	slices.Reverse(held)
	for _, code := range held {
		xtest.FakeInput(k.conn, xproto.KeyRelease, code, 0, k.root, 0, 0, 0)
	}
}

// readMap learns what the keys of the present layout mean.
func (k *Keyboard) readMap() error {
	setup := xproto.Setup(k.conn)
	first, last := int(setup.MinKeycode), int(setup.MaxKeycode)
	reply, err := xproto.GetKeyboardMapping(k.conn, setup.MinKeycode, byte(last-first+1)).Reply()
	if err != nil {
		return err
	}
	modifiers, err := xproto.GetModifierMapping(k.conn).Reply()
	if err != nil {
		return err
	}
	k.typing = typing{ready: true, keys: map[xproto.Keysym]stroke{}}
	width := int(reply.KeysymsPerKeycode)
	for code := first; code <= last; code++ {
		syms := reply.Keysyms[(code-first)*width:][:width]
		switch {
		case code < firstSpare:
			k.typing.learn(byte(code), syms)
		case !slices.Contains(modifiers.Keycodes, xproto.Keycode(code)):
			k.typing.spare = append(k.typing.spare, binding{code: byte(code), plain: syms})
		}
	}
	if k.typing.level3 == 0 {
		maps.DeleteFunc(k.typing.keys, func(_ xproto.Keysym, s stroke) bool { return s.level3 })
	}
	return nil
}

// levels are the meanings of a key, the simplest first, and columns where a map
// holds them: there are two of a second group in between, which we have not
// (XKEYBOARD, 17.1).
var (
	levels  = []level{{}, {shift: true}, {level3: true}, {shift: true, level3: true}}
	columns = []int{0, 1, 4, 5}
)

// learn takes what a key means. The simplest way to a character counts.
func (t *typing) learn(code byte, syms []xproto.Keysym) {
	switch {
	case len(syms) == 0:
		return
	case syms[0] == symShift && t.shift == 0:
		t.shift = code
	case syms[0] == symLevel3 && t.level3 == 0:
		t.level3 = code
	}
	for rank, column := range columns {
		if column >= len(syms) || syms[column] == 0 {
			continue
		}
		if known, ok := t.keys[syms[column]]; !ok || slices.Index(levels, known.level) > rank {
			t.keys[syms[column]] = stroke{code, levels[rank]}
		}
	}
}
