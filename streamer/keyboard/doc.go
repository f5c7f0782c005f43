// Package keyboard gives an X display the keyboard of its player: the layout,
// the locks, and text that no key of it has.
//
// # Layouts
//
// The page sends physical keys, so that what a key means is the X server's to
// say. [Keyboard.Load] has it compile the player's layout (XKEYBOARD's
// GetKbdByName), which takes some 30 ms, and every client of the display is told.
// A page names layouts as XKB does. Nothing of what it says reaches the X server
// but names that stand in xkb-data's own list.
//
// # Text
//
// [Keyboard.Type] types characters, also those that the layout has not. A
// character of the layout is typed by its key, with Shift and AltGr as it needs.
// Any other is bound to a key that no page presses, of which there are some
// hundred, and stays there: a client that is told of a changed map fetches it when
// it comes to its next key, so that a key which meant something else meanwhile
// would come out wrong in one that is slow. When all are bound, the one that was
// used longest ago is bound anew, no sooner than patience after its last use. All
// of it is undone when another layout is loaded, or by [Keyboard.Forget].
package keyboard
