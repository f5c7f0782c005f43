#define _GNU_SOURCE
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <linux/joystick.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pads.h"

// What the kernel's driver xpad says of a wired pad of the Xbox 360.
static const struct input_id identity = {.bustype = BUS_USB, .vendor = 0x045e, .product = 0x028e, .version = 0x0110};
static const char name[] = "Microsoft X-Box 360 pad";

static const uint8_t axis_codes[AXES] = {ABS_X, ABS_Y, ABS_Z, ABS_RX, ABS_RY, ABS_RZ, ABS_HAT0X, ABS_HAT0Y};
static const uint16_t button_codes[BUTTONS] = {BTN_A, BTN_B, BTN_X, BTN_Y, BTN_TL, BTN_TR, BTN_SELECT, BTN_START, BTN_MODE,
	BTN_THUMBL, BTN_THUMBR};
// A rumble can play what is periodic, as the kernel's ff-memless has it.
static const uint16_t effect_codes[] = {FF_RUMBLE, FF_PERIODIC, FF_SQUARE, FF_TRIANGLE, FF_SINE, FF_GAIN};
static const uint16_t event_types[] = {EV_SYN, EV_KEY, EV_ABS, EV_FF};

enum { JS_DRIVER_VERSION = 0x020100 };

// limits are an axis's without its value.
static struct input_absinfo limits(unsigned axis) {
	switch (axis_codes[axis]) {
	case ABS_Z:
	case ABS_RZ:
		return (struct input_absinfo){.minimum = 0, .maximum = 255};
	case ABS_HAT0X:
	case ABS_HAT0Y:
		return (struct input_absinfo){.minimum = -1, .maximum = 1};
	default:
		return (struct input_absinfo){.minimum = -32768, .maximum = 32767, .fuzz = 16, .flat = 128};
	}
}

// give copies as much as the game has room for, and returns how much.
static int give(void *room, size_t size, const void *data, size_t length) {
	size_t n = size < length ? size : length;
	memcpy(room, data, n);
	return (int)n;
}

struct bits {
	uint8_t bytes[KEY_CNT / 8];
};

static void set(struct bits *bits, unsigned bit) { bits->bytes[bit / 8] |= 1 << bit % 8; }

static struct state read_state(const char *dir, int pad) {
	struct state state = {0};
	char *path;
	if (asprintf(&path, "%s/" STATE_FILE "%d", dir, pad) < 0) return state;
	// Past our own open and read, which look for pads.
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	free(path);
	if (fd < 0) return state; // the pad has gone: it is at rest
	if (pread(fd, &state, sizeof state, 0) != sizeof state) state = (struct state){0};
	close(fd);
	return state;
}

// tell sends the worker what it is to know. The socket may be one that does not
// wait, and the worker may be gone.
static int tell(int fd, unsigned type, unsigned code, int value, const struct effect *effect) {
	struct input_event event = {.type = type, .code = code, .value = value};
	if (effect) memcpy(&event, effect, sizeof *effect);
	return send(fd, &event, sizeof event, MSG_NOSIGNAL) == sizeof event ? 0 : -ENODEV;
}

_Static_assert(sizeof(struct effect) == offsetof(struct input_event, type), "an effect takes the place of the time");

static uint16_t loudness(int level) {
	level = abs(level) * 2;
	return level > UINT16_MAX ? UINT16_MAX : level;
}

// upload has the worker know an effect. There are ids enough for a game that
// erases what it plays no more; one that does not loses the oldest.
static int upload(int fd, struct ff_effect *game) {
	static atomic_uint next;
	struct effect effect = {.length = game->replay.length, .delay = game->replay.delay};
	switch (game->type) {
	case FF_RUMBLE:
		effect.strong = game->u.rumble.strong_magnitude;
		effect.weak = game->u.rumble.weak_magnitude;
		break;
	case FF_PERIODIC:
		effect.strong = effect.weak = loudness(game->u.periodic.magnitude);
		break;
	default:
		return -EINVAL;
	}
	if (game->id >= EFFECTS || game->id < -1) return -EINVAL;
	if (game->id == -1) game->id = (int16_t)(next++ % EFFECTS);
	return tell(fd, TELL_UPLOAD, game->id, 0, &effect);
}

static int event_bits(unsigned type, void *room, size_t size) {
	struct bits bits = {0};
	switch (type) {
	case 0: // which types there are
		for (unsigned i = 0; i < sizeof event_types / sizeof *event_types; i++) set(&bits, event_types[i]);
		break;
	case EV_KEY:
		for (unsigned i = 0; i < BUTTONS; i++) set(&bits, button_codes[i]);
		break;
	case EV_ABS:
		for (unsigned i = 0; i < AXES; i++) set(&bits, axis_codes[i]);
		break;
	case EV_FF:
		for (unsigned i = 0; i < sizeof effect_codes / sizeof *effect_codes; i++) set(&bits, effect_codes[i]);
		break;
	}
	return give(room, size, &bits, sizeof bits);
}

static int event_axis(int pad, const char *dir, unsigned code, void *room, size_t size) {
	for (unsigned i = 0; i < AXES; i++) {
		if (axis_codes[i] != code) continue;
		struct input_absinfo info = limits(i);
		info.value = read_state(dir, pad).axes[i];
		give(room, size, &info, sizeof info);
		return 0;
	}
	return -EINVAL;
}

static int event_keys(int pad, const char *dir, void *room, size_t size) {
	struct bits bits = {0};
	struct state state = read_state(dir, pad);
	for (unsigned i = 0; i < BUTTONS; i++)
		if (state.buttons & 1u << i) set(&bits, button_codes[i]);
	return give(room, size, &bits, sizeof bits);
}

static int event_text(int pad, unsigned what, void *room, size_t size) {
	char text[64];
	switch (what) {
	case _IOC_NR(EVIOCGNAME(0)): return give(room, size, name, sizeof name);
	case _IOC_NR(EVIOCGPHYS(0)):
		return give(room, size, text, 1 + snprintf(text, sizeof text, "usb-playcast-%d/input0", pad + 1));
	default: return -ENOENT; // it has no serial number
	}
}

int event_ioctl(int fd, int pad, const char *dir, unsigned long request, void *argument) {
	unsigned number = _IOC_NR(request);
	size_t size = _IOC_SIZE(request);
	struct bits none = {0};
	if (_IOC_TYPE(request) != 'E') return -EINVAL;
	switch (request) {
	case EVIOCGVERSION: return *(int *)argument = EV_VERSION, 0;
	case EVIOCGID: return *(struct input_id *)argument = identity, 0;
	case EVIOCGEFFECTS: return *(int *)argument = EFFECTS, 0;
	case EVIOCSFF: return upload(fd, argument);
	case EVIOCRMFF: return tell(fd, TELL_ERASE, (unsigned)(uintptr_t)argument, 0, NULL);
	case EVIOCSCLOCKID: return tell(fd, TELL_CLOCK, 0, *(int *)argument, NULL);
	case EVIOCGRAB:
	case EVIOCREVOKE: return 0; // nobody else reads it
	}
	if (_IOC_DIR(request) != _IOC_READ) return -EINVAL;
	if (number >= _IOC_NR(EVIOCGABS(0)) && number < _IOC_NR(EVIOCGABS(ABS_CNT)))
		return event_axis(pad, dir, number - _IOC_NR(EVIOCGABS(0)), argument, size);
	if (number >= _IOC_NR(EVIOCGBIT(0, 0)) && number < _IOC_NR(EVIOCGBIT(EV_CNT, 0)))
		return event_bits(number - _IOC_NR(EVIOCGBIT(0, 0)), argument, size);
	switch (number) {
	case _IOC_NR(EVIOCGNAME(0)):
	case _IOC_NR(EVIOCGPHYS(0)):
	case _IOC_NR(EVIOCGUNIQ(0)): return event_text(pad, number, argument, size);
	case _IOC_NR(EVIOCGKEY(0)): return event_keys(pad, dir, argument, size);
	case _IOC_NR(EVIOCGPROP(0)):
	case _IOC_NR(EVIOCGLED(0)):
	case _IOC_NR(EVIOCGSND(0)):
	case _IOC_NR(EVIOCGSW(0)): return give(argument, size, &none, sizeof none);
	}
	return -EINVAL;
}

int js_ioctl(unsigned long request, void *argument) {
	uint8_t axes[ABS_CNT] = {0};
	size_t size = _IOC_SIZE(request);
	if (_IOC_TYPE(request) != 'j' || _IOC_DIR(request) != _IOC_READ) return -EINVAL;
	switch (_IOC_NR(request)) {
	case _IOC_NR(JSIOCGVERSION): return *(uint32_t *)argument = JS_DRIVER_VERSION, 0;
	case _IOC_NR(JSIOCGAXES): return *(uint8_t *)argument = AXES, 0;
	case _IOC_NR(JSIOCGBUTTONS): return *(uint8_t *)argument = BUTTONS, 0;
	case _IOC_NR(JSIOCGNAME(0)): return give(argument, size, name, sizeof name);
	case _IOC_NR(JSIOCGAXMAP):
		memcpy(axes, axis_codes, sizeof axis_codes);
		return give(argument, size, axes, sizeof axes);
	case _IOC_NR(JSIOCGBTNMAP): return give(argument, size, button_codes, sizeof button_codes);
	case _IOC_NR(JSIOCGCORR): return memset(argument, 0, AXES * sizeof(struct js_corr)), 0;
	}
	return -EINVAL;
}
