// What the library and the worker (../*.go) have to agree on.

#ifndef PLAYCAST_PADS_H
#define PLAYCAST_PADS_H

#include <stdint.h>

// A node of /dev/input is a unix socket on which the worker listens, bound under
// a hidden name and then linked to its own. The kernel tells the name at which a
// socket was bound to who is connected to it, so that a descriptor tells what it
// is, however it came to a process: by dup, fork, exec or over a socket.
#define BOUND_EVENT ".playcast-event"
#define BOUND_JS ".playcast-js"

// The state of each pad is a file beside the sockets.
#define STATE_FILE ".playcast-state"

enum { PADS = 4, AXES = 8, BUTTONS = 11, EFFECTS = 16 };

// state is what a pad does now: the axes in the order of axis_codes, and a bit
// for each button in the order of button_codes.
struct state {
	int32_t axes[AXES];
	uint32_t buttons;
};

// The worker writes a byte when it has taken a connection, and then struct
// input_event or struct js_event. It reads struct
// input_event as well: those that the game writes (EV_FF), and these of ours,
// which stand for an ioctl and carry what it says in place of the time.
enum {
	TELL_UPLOAD = 0xff01, // code: the effect's id; struct effect
	TELL_ERASE = 0xff02,  // code: the effect's id
	TELL_CLOCK = 0xff03,  // value: clockid_t of the time in what the worker writes
};

struct effect {
	uint16_t strong, weak;  // 0 to 65535
	uint16_t length, delay; // in ms; length 0: until it is stopped
	uint16_t unused[4];
};

#endif
