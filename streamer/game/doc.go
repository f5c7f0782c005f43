// Package game runs games: it reads the catalog, and gives each session a
// private X display, a sound of its own and the game as a process of its own,
// each in a sandbox.
//
// # What belongs to a session
//
//	Launcher ── one locked thread, from which every process is started
//	   ├─ Display ── RUN/<session>-display/   record.json, Xauthority, x11/: its socket
//	   │     └ bwrap ── Xvfb
//	   ├─ Sound ──── RUN/<session>-sound/     record.json, native: a socket
//	   │     └ bwrap ── pulseaudio, with one sink
//	   └─ Process ── RUN/<session>-game/      record.json, etc/
//	         │       DATA/<player>/<game>/    HOME: saves and settings, kept
//	         │       DATA/<player>/<game>.log what it printed, of the last session
//	         ├ bwrap ── the game, and whatever it starts
//	         └ RUN/<session>-network/  slirp4netns, where the catalog grants it
//
// Start the display and the sound first and close them last. A game that loses
// its display ends by itself, one that loses its sound goes on. Each tells its
// end by Done, each is freed by Close only, and Close of the Launcher closes
// what is left.
//
// # What a game sees
//
// It is in user, PID, mount, network, UTS and cgroup namespaces of its own, has
// no capability, can get none, and can make no further user namespace. Of the
// host it sees the system's programs, a few settings, and what its launch names
// (see [Mount]); its player's home at /home/player; its X server's socket with
// the cookie, and its sound's. /tmp, /dev/shm and what else it can write to are
// in memory and of a bounded size. A game that may use the network has
// slirp4netns make its connections, none to this machine's loopback.
//
// Pictures go between a game and its X server in System V shared memory, which
// any process of the same user can read, in the same IPC namespace. So each X
// server has one of its own, and its game joins it. We capture by memory that
// is passed as a file descriptor, and stay outside. The X server and the sound
// stand in sandboxes too: a game may find a hole in them. The X server keeps the
// host's network, in whose abstract socket we reach it, and a game does not.
//
// What a sandbox does not keep from a game is the kernel, but for a filter of
// system calls (seccomp) that knows no keys, no io_uring, no programs for the
// kernel, and no sockets but local ones and the internet's. It runs as our own
// user, though it believes to be another. Programs of 32 bits do not run.
//
// # What it may take
//
// Memory, processes and processor time are bounded by a cgroup below /playcast,
// for the game, the X server and the sound each. Where none can be made the
// kernel bounds each process (RLIMIT_DATA) and the number of the user's
// (RLIMIT_NPROC). A file of the home is bounded by RLIMIT_FSIZE, the home as a
// whole by a look at it several times a second, which ends the game with
// [ErrStorage]. With [GoFirst] whoever shows the games goes before them, so that
// one which takes all that it gets costs the others no frames.
//
// # Ending everything that a game started
//
// bubblewrap's first process in the sandbox is the first of a PID namespace:
// when it is killed, the kernel kills all that is in there, whatever it is. It is
// killed when the game has ended, by Close after SIGTERM and the grace time, and
// by the kernel when we or bubblewrap outside have ended. Meanwhile bubblewrap
// outside stays unreaped, so that its number can't become another process's.
// A pause freezes the cgroup, or stops all that is in the namespace.
//
// Where there is no sandbox, every process carries a mark in its environment
// that names its directory below RUN, and the end of a game is SIGKILL to
// whatever carries the mark or is in the game's session, again and again until
// there is none. A game that wipes its environment and leaves its session gets
// away: there the mark keeps order, and is no jail. [Launcher.Isolation] says
// what there is.
//
// # When playcast itself is killed
//
// The kernel kills our direct children with us (PR_SET_PDEATHSIG), and theirs
// with them in the same way. It ties that to the thread that started them, hence
// the locked thread. What it can't end, because it is frozen or has no sandbox,
// is found by the next start: each directory below RUN has a record of who made
// it, written before the process starts, and [Sweep] clears those whose maker is
// gone, with their cgroups. Processes are named by number, start time and boot,
// so that a number used again harms nobody.
package game
