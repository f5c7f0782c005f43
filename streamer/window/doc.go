// Package window is the window manager of a session's display, which has no
// other: it lets one game fill the picture, whatever it opens.
//
//	game ── asks to map, move, raise, go full screen ──▶ X server
//	                                                        │ redirects to
//	          Manager ◀── events ── ear ◀──────────────────┘
//	             └── where, how large, above whom, with the keyboard ──▶ X server
//
// What it does for whom:
//
//   - The first window fills the screen. One that can't be as large is centred
//     on black; one that wants to be larger gets the screen.
//   - A second window of half the screen or more fills it likewise, over the
//     first; a smaller one, and a dialog, keep their size, in the middle.
//   - The keyboard goes to the highest window that takes it. When that goes, it
//     goes to the next.
//   - Nothing is made an icon, and nothing has a frame or a title.
//   - Windows past the manager (override-redirect) are left alone.
//
// Protocols: ICCCM 2.0, sections 4.1 and 4.2, and of EWMH 1.5 what a game may
// wait for: full screen, the active window, closing, pings.
//
// Clients may be broken or hostile. What they ask is bounded in number, sizes
// are cut to the screen, and no answer of theirs is waited for; a property that
// changes without end is read once for each batch of events. The picture does
// not pass through here: between two wishes of a game nothing is done at all.
package window
