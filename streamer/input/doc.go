// Package input takes a player's keyboard, mouse and gamepads from the browser,
// and plays them into an X display; pads go to whoever makes some of them.
//
// # Messages
//
// The browser sends them on the data channel "input" (unordered,
// maxRetransmits 0). Any of them may be lost, doubled or late, so each holds
// the whole state and none depends on another. All numbers are little-endian:
//
//	offset size
//	0      1    version: 2
//	1      1    pointer mode: 0 absolute, 1 relative
//	2      4    sequence number: 1 for the first message, then one more for each
//	6      2    x of the pointer, 0 (left edge) to 65535 (right edge of the picture)
//	8      2    y of the pointer, 0 (top) to 65535 (bottom)
//	10     4    dx: the sum of all motion to the right in pixels, signed
//	14     4    dy: the sum of all motion downwards in pixels, signed
//	18     4    wheel x: the sum of all turns to the right, 120 a notch, signed
//	22     4    wheel y: the sum of all turns downwards, 120 a notch, signed
//	26     4    changes: how many presses and releases there have been
//	30     1    H: how many keys and buttons are held, 0 to 100
//	31     1    R: how many recent changes follow: the smaller of changes and 8
//	32     1    which gamepads are connected: bits 0 to 3; P of them
//	33     2·H  the codes that are held, ascending, none twice
//	…      2·R  the last R changes, oldest first: the code, plus 32768 for a press
//	…      10·P each pad that is connected: four axes of 2 bytes, signed (left x,
//	            left y, right x, right y; right and down are positive), and the
//	            left and the right trigger, 0 to 255
//
// A message has exactly 33+2·H+2·R+10·P bytes: 55 for a pad in play. Sums and counters start at 0 when
// the channel opens and wrap around at 32 bits, the sequence number too.
//
// A code is an evdev code (linux/input-event-codes.h). For a key it names the
// place on the keyboard, like KeyboardEvent.code does: [KeyCode] translates,
// and testdata/keys.json holds the same table. Buttons are codes as well:
// 272 left, 273 right, 274 middle, 275 back, 276 forward. So are the buttons of
// pads: 512 + 32 · pad + button, by the numbers of the W3C's standard gamepad (0
// to 16; 6 and 7 are the triggers, which are down from half of their way on).
// What keeps a tap of a key from being lost keeps one of a pad so. A button can
// only be held while its pad is connected. Held codes and changes agree: who
// applies all changes from the start gets the codes held.
//
// In absolute mode x and y count, and the motion sums are only remembered; in
// relative mode (the page has locked the pointer) the motion sums count, and x
// and y are ignored. The wheel counts in both.
//
// # What the sender does
//
// It sends at once when a key or button changes or the wheel turns (one
// message a change; a held key that repeats, KeyboardEvent.repeat, is no
// change), and motion as it comes, at most once a millisecond or so. Pads are
// looked at again and again; what one look finds changed is one message. When it
// has sent nothing for 20 ms, 60 ms and 180 ms since the last change, it sends
// the same state again under the next sequence number, and every 500 ms while
// anything is held: that repairs what was lost. When the page loses the
// focus, it records a release for each held code and sends.
//
// # What the receiver does
//
// A message whose sequence number is not newer than the last one applied is
// stale and ignored (serial number arithmetic, RFC 1982). Of a newer one it
// applies, in this order: axes and triggers; the pointer's place or motion; the changes that it
// has not seen, as far as the message holds them, so that a tap is lost only
// if eight more changes go by before a message gets through; whatever the
// codes held still differ in; the wheel. Within an [Injector] calls are applied one after
// another, and what a call applied has reached the X server, in order, before
// anything of the next.
//
// testdata/messages.json holds messages as hexadecimal, with their meaning.
package input
