// Package game runs games: it reads the catalog, and gives each session a
// private X display, a sound of its own and the game as a process of its own.
//
// # What belongs to a session
//
//	Launcher ── one locked thread, from which every process is started
//	   ├─ Display ── RUN/<session>-display/   record.json, Xauthority
//	   │     └ Xvfb
//	   ├─ Sound ──── RUN/<session>-sound/     record.json, native: a socket
//	   │     └ pulseaudio, with one sink
//	   └─ Process ── RUN/<session>-game/      record.json, tmp/, runtime/
//	         │       DATA/<player>/<game>/    HOME: saves and settings, kept
//	         │       DATA/<player>/<game>.log what it printed, of the last session
//	         └ the game, and whatever it starts
//
// Start the display and the sound first and close them last. A game that loses
// its display ends by itself, one that loses its sound goes on. Each tells its
// end by Done, each is freed by Close only, and Close of the Launcher closes
// what is left.
//
// # Ending everything that a game started
//
// A game runs in a session and process group of its own, but what it starts
// may leave both. So every process carries a mark in its environment that names
// its directory below RUN, and the end of a game is: SIGTERM to the group,
// SIGKILL after the grace time, then SIGKILL to whatever still carries the
// mark or is in the game's session, again and again until there is none.
// Meanwhile the game itself stays unreaped, so that its number can't become
// another process's. Being the subreaper (prctl) would find descendants too,
// but it is set for the whole process, and would bring us every orphan of
// PostgreSQL; PID namespaces are not permitted everywhere. What a game can do
// about it is to wipe the mark from its environment and to leave its session:
// the mark keeps order, it is no jail.
//
// # When playcast itself is killed
//
// The kernel kills our direct children with us (PR_SET_PDEATHSIG). It ties
// that to the thread that started them, hence the locked thread. Their own
// children, and the sockets of X, are found by the next start: each directory
// below RUN has a record of who made it, written before the process starts,
// and [Sweep] clears those whose maker is gone. Processes are named by number,
// start time and boot, so that a number used again harms nobody.
package game
