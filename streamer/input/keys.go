package input

// Code names a key by its place on the keyboard, or a mouse button, as evdev
// does (linux/input-event-codes.h), or a gamepad's button, see PadButton.
type Code uint16

// The mouse buttons.
const (
	ButtonLeft    Code = 272
	ButtonRight   Code = 273
	ButtonMiddle  Code = 274
	ButtonBack    Code = 275
	ButtonForward Code = 276
)

// The keys that lock something.
const (
	CapsLock Code = 58
	NumLock  Code = 69
)

// maxKey is the last key that X can name: its key codes are evdev's plus 8,
// in a byte.
const maxKey Code = 247

// button returns the X number of a mouse button, and 0 for a key: 4 to 7 are
// the wheel.
func (c Code) button() byte {
	switch c {
	case ButtonLeft:
		return 1
	case ButtonMiddle:
		return 2
	case ButtonRight:
		return 3
	case ButtonBack:
		return 8
	case ButtonForward:
		return 9
	}
	return 0
}

func (c Code) valid() bool {
	_, _, ofPad := c.pad()
	return c >= 1 && c <= maxKey || c.button() != 0 || ofPad
}

// KeyCode returns the code of a key by the name that the browser has for it
// in KeyboardEvent.code (W3C UI Events KeyboardEvent code Values), and whether
// there is one.
func KeyCode(name string) (Code, bool) {
	code, ok := keys[name]
	return code, ok
}

var keys = map[string]Code{
	"Escape": 1, "Digit1": 2, "Digit2": 3, "Digit3": 4, "Digit4": 5, "Digit5": 6, "Digit6": 7,
	"Digit7": 8, "Digit8": 9, "Digit9": 10, "Digit0": 11, "Minus": 12, "Equal": 13, "Backspace": 14,

	"Tab": 15, "KeyQ": 16, "KeyW": 17, "KeyE": 18, "KeyR": 19, "KeyT": 20, "KeyY": 21, "KeyU": 22,
	"KeyI": 23, "KeyO": 24, "KeyP": 25, "BracketLeft": 26, "BracketRight": 27, "Enter": 28,

	"ControlLeft": 29, "KeyA": 30, "KeyS": 31, "KeyD": 32, "KeyF": 33, "KeyG": 34, "KeyH": 35,
	"KeyJ": 36, "KeyK": 37, "KeyL": 38, "Semicolon": 39, "Quote": 40, "Backquote": 41,

	"ShiftLeft": 42, "Backslash": 43, "KeyZ": 44, "KeyX": 45, "KeyC": 46, "KeyV": 47, "KeyB": 48,
	"KeyN": 49, "KeyM": 50, "Comma": 51, "Period": 52, "Slash": 53, "ShiftRight": 54,

	"NumpadMultiply": 55, "AltLeft": 56, "Space": 57, "CapsLock": 58,

	"F1": 59, "F2": 60, "F3": 61, "F4": 62, "F5": 63, "F6": 64, "F7": 65, "F8": 66, "F9": 67,
	"F10": 68, "F11": 87, "F12": 88,

	"NumLock": 69, "ScrollLock": 70, "Numpad7": 71, "Numpad8": 72, "Numpad9": 73,
	"NumpadSubtract": 74, "Numpad4": 75, "Numpad5": 76, "Numpad6": 77, "NumpadAdd": 78,
	"Numpad1": 79, "Numpad2": 80, "Numpad3": 81, "Numpad0": 82, "NumpadDecimal": 83,
	"NumpadEnter": 96, "NumpadDivide": 98, "NumpadEqual": 117, "NumpadComma": 121,

	"IntlBackslash": 86, "IntlRo": 89, "IntlYen": 124, "KanaMode": 93, "Convert": 92,
	"NonConvert": 94, "Lang1": 122, "Lang2": 123,

	"ControlRight": 97, "PrintScreen": 99, "AltRight": 100, "Home": 102, "ArrowUp": 103,
	"PageUp": 104, "ArrowLeft": 105, "ArrowRight": 106, "End": 107, "ArrowDown": 108,
	"PageDown": 109, "Insert": 110, "Delete": 111, "Pause": 119, "MetaLeft": 125,
	"MetaRight": 126, "ContextMenu": 127,
}
