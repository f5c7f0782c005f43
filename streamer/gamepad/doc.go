// Package gamepad makes the pads that a game plays with: up to four a session,
// of the kind that most games know best, a wired pad of the Xbox 360 (USB
// 045e:028e), that appear and vanish while the game runs, and rumble.
//
// # By a library in the game
//
// The kernel makes a device of /dev/uinput only for who may open that, which few
// machines and no container allow; and the device is everybody's. So by default
// the library of preload/ is preloaded into the game, and makes it find devices
// where there are sockets:
//
//	RUN/<session>-pads/     pads.so, the library
//	   └─ input/            in a sandbox /dev/input, else PLAYCAST_INPUT
//	        event0, js0     a socket each, for evdev and for the joystick API
//	        …
//
//	page ─▶ Play ─▶ socket ─▶ the game's read    struct input_event, js_event
//	page ◀─ Rumble ◀─ socket ◀─ the game's write and ioctl
//
// A pad appears when the links to its sockets do, which a game that watches the
// directory is told of by inotify, and vanishes with them. Games that are linked
// statically, or for a processor that the library was not built for (32 bits),
// don't load it, and find no pad. What asks udev for devices finds none either;
// SDL is told not to.
//
// # What games may do
//
// A game may be hostile. It gets 32 descriptors of a pad, and can write what it
// likes into them: whole events of 24 bytes are looked at, 64 in 20 ms, what
// is no order of a pad is ignored, and so is nobody but the game worse off. One
// that does not read misses events, and is told so (SYN_DROPPED) with the whole
// state when it reads again. None can make us wait.
//
// # Who waits for whom
//
// A pad has a goroutine a node, which takes connections, one a connection, which
// takes orders, and one more a connection while that is full. All end when the
// pad is closed. One goroutine a session tells of rumbles.
package gamepad
