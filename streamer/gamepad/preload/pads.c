// The gamepads of a playcast session, for a game that it is preloaded into.
//
// A node of /dev/input, eventN or jsN, is here a socket. This library has the
// game find a character device in it: opening connects, stat tells of a device,
// ioctl answers as the kernel's drivers evdev and joydev do for an Xbox 360 pad.
// What is read are whole events, so that read, poll and epoll need no help but
// for the end, which is ENODEV for a device. Nothing is kept about descriptors.
//
// Where /dev/input is not the session's own directory, PLAYCAST_INPUT names it,
// and whatever is looked up below /dev/input is looked up there.

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "device.h"
#include "pads.h"

#if !__GLIBC_PREREQ(2, 33)
#error "the C library is too old: glibc 2.33 or later is wanted, as of Debian 12 or Ubuntu 22.04"
#endif

#define EXPORT __attribute__((visibility("default")))

// NEXT is the function of that name that would be called without us.
#define NEXT(name) \
	({ \
		static __typeof__(&name) next; \
		if (!next) next = (__typeof__(next))dlsym(RTLD_NEXT, #name); \
		next; \
	})

enum { INPUT_MAJOR = 13, FIRST_EVENT_MINOR = 64 };

static const char devices[] = "/dev/input";

// directory is where the session's nodes are.
static const char *directory(void) {
	static const char *dir;
	if (!dir) {
		const char *named = getenv("PLAYCAST_INPUT");
		dir = named && *named ? named : devices;
	}
	return dir;
}

struct path {
	char text[PATH_MAX];
};

// placed returns where a path of the game's leads.
static const char *placed(const char *path, struct path *buffer) {
	size_t length = sizeof devices - 1;
	const char *dir = directory();
	if (!path || dir == devices || strncmp(path, devices, length) || (path[length] && path[length] != '/')) return path;
	int n = snprintf(buffer->text, sizeof buffer->text, "%s%s", dir, path + length);
	return n < (int)sizeof buffer->text ? buffer->text : path;
}

// numbered says whether a name is the prefix with the number of a pad, and
// returns the number, else -1.
static int numbered(const char *name, const char *prefix) {
	size_t length = strlen(prefix);
	if (strncmp(name, prefix, length)) return -1;
	char digit = name[length];
	return digit >= '0' && digit < '0' + PADS && !name[length + 1] ? digit - '0' : -1;
}

// node says whether a name is that of a node.
static bool node(const char *path, enum kind *kind, int *pad) {
	const char *name = strrchr(path, '/');
	name = name ? name + 1 : path;
	*kind = EVENT;
	if ((*pad = numbered(name, "event")) >= 0) return true;
	*kind = JS;
	return (*pad = numbered(name, "js")) >= 0;
}

// connected says whether a descriptor is one of a pad. It leaves errno alone.
static bool connected(int fd, enum kind *kind, int *pad) {
	struct sockaddr_un peer = {0};
	socklen_t length = sizeof peer - 1; // so that the path has an end
	int before = errno;
	int failed = getpeername(fd, (struct sockaddr *)&peer, &length);
	errno = before;
	if (failed || peer.sun_family != AF_UNIX) return false;
	const char *name = strrchr(peer.sun_path, '/');
	if (!name++) return false;
	*kind = EVENT;
	if ((*pad = numbered(name, BOUND_EVENT)) >= 0) return true;
	*kind = JS;
	return (*pad = numbered(name, BOUND_JS)) >= 0;
}

// join connects to the node at a path, whose directory may be too deep for an
// address.
static int join(const char *path, int flags) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int dir = -1;
	if (strlen(path) < sizeof address.sun_path) {
		strcpy(address.sun_path, path);
	} else {
		const char *name = strrchr(path, '/');
		struct path parent;
		snprintf(parent.text, sizeof parent.text, "%.*s", (int)(name - path), path);
		if ((dir = NEXT(open)(parent.text, O_PATH | O_CLOEXEC)) < 0) return -1;
		snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d%s", dir, name);
	}
	int fd = socket(AF_UNIX, SOCK_STREAM | (flags & O_CLOEXEC ? SOCK_CLOEXEC : 0), 0);
	// A worker that does not answer must not hold up the game for ever. Its first
	// byte says that from now on every change is told.
	struct timeval patience = {.tv_sec = 1}, none = {0};
	char welcome;
	int failed = fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) ||
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) ||
		connect(fd, (struct sockaddr *)&address, sizeof address) || recv(fd, &welcome, 1, 0) != 1 ||
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &none, sizeof none) ||
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &none, sizeof none) ||
		(flags & O_NONBLOCK && fcntl(fd, F_SETFL, O_NONBLOCK));
	if (dir >= 0) close(dir);
	if (!failed) return fd;
	if (fd >= 0) close(fd);
	errno = ENODEV; // as for a device that has just been taken away
	return -1;
}

// opened is what comes of opening: a socket can't be opened, which is ENXIO.
static int opened(int fd, int at, const char *path, int flags) {
	enum kind kind;
	int pad;
	struct path full;
	if (fd >= 0 || errno != ENXIO || !node(path, &kind, &pad)) return fd;
	if (*path == '/' || at == AT_FDCWD) return join(path, flags);
	snprintf(full.text, sizeof full.text, "/proc/self/fd/%d/%s", at, path);
	return join(full.text, flags);
}

// MODE is the third argument of open, where there is one.
#define MODE(flags) \
	({ \
		mode_t mode = 0; \
		if ((flags) & (O_CREAT | O_TMPFILE)) { \
			va_list args; \
			va_start(args, flags); \
			mode = va_arg(args, mode_t); \
			va_end(args); \
		} \
		mode; \
	})

#define OPEN(name) \
	EXPORT int name(const char *path, int flags, ...) { \
		struct path buffer; \
		path = placed(path, &buffer); \
		return opened(NEXT(name)(path, flags, MODE(flags)), AT_FDCWD, path, flags); \
	}
#define OPENAT(name) \
	EXPORT int name(int at, const char *path, int flags, ...) { \
		struct path buffer; \
		path = placed(path, &buffer); \
		return opened(NEXT(name)(at, path, flags, MODE(flags)), at, path, flags); \
	}
// What a compiler calls instead that checks the arguments (_FORTIFY_SOURCE).
#define CHECKED_OPEN(name) \
	int name(const char *path, int flags); \
	EXPORT int name(const char *path, int flags) { \
		struct path buffer; \
		path = placed(path, &buffer); \
		return opened(NEXT(name)(path, flags), AT_FDCWD, path, flags); \
	}
#define CHECKED_OPENAT(name) \
	int name(int at, const char *path, int flags); \
	EXPORT int name(int at, const char *path, int flags) { \
		struct path buffer; \
		path = placed(path, &buffer); \
		return opened(NEXT(name)(at, path, flags), at, path, flags); \
	}

OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)
CHECKED_OPEN(__open_2)
CHECKED_OPEN(__open64_2)
CHECKED_OPENAT(__openat_2)
CHECKED_OPENAT(__openat64_2)

EXPORT ssize_t read(int fd, void *buffer, size_t size) {
	enum kind kind;
	int pad;
	ssize_t n = NEXT(read)(fd, buffer, size);
	if (n != 0 || size == 0 || !connected(fd, &kind, &pad)) return n;
	errno = ENODEV;
	return -1;
}

ssize_t __read_chk(int fd, void *buffer, size_t size, size_t limit);
EXPORT ssize_t __read_chk(int fd, void *buffer, size_t size, size_t limit) {
	if (size > limit) abort();
	return read(fd, buffer, size);
}

EXPORT int ioctl(int fd, unsigned long request, ...) {
	va_list args;
	va_start(args, request);
	void *argument = va_arg(args, void *);
	va_end(args);
	enum kind kind;
	int pad;
	unsigned type = _IOC_TYPE(request);
	if ((type != 'E' && type != 'j') || !connected(fd, &kind, &pad)) return NEXT(ioctl)(fd, request, argument);
	int n = kind == EVENT ? event_ioctl(fd, pad, directory(), request, argument) : js_ioctl(request, argument);
	if (n >= 0) return n;
	errno = -n;
	return -1;
}

// number is that of a device of the kind.
static dev_t number(enum kind kind, int pad) {
	return makedev(INPUT_MAJOR, kind == EVENT ? FIRST_EVENT_MINOR + pad : pad);
}

// present has a socket that is a node look like the device.
#define present(status, is_node) \
	({ \
		enum kind kind; \
		int pad; \
		if (S_ISSOCK((status)->st_mode) && (is_node)) { \
			(status)->st_mode = S_IFCHR | ((status)->st_mode & ~S_IFMT); \
			(status)->st_rdev = number(kind, pad); \
		} \
		0; \
	})

#define STAT(name, type) \
	EXPORT int name(const char *path, struct type *status) { \
		struct path buffer; \
		path = placed(path, &buffer); \
		return NEXT(name)(path, status) ?: present(status, node(path, &kind, &pad)); \
	}
#define FSTAT(name, type) \
	EXPORT int name(int fd, struct type *status) { \
		return NEXT(name)(fd, status) ?: present(status, connected(fd, &kind, &pad)); \
	}
#define FSTATAT(name, type) \
	EXPORT int name(int at, const char *path, struct type *status, int flags) { \
		struct path buffer; \
		path = placed(path, &buffer); \
		return NEXT(name)(at, path, status, flags) ?: \
			present(status, *path ? node(path, &kind, &pad) : connected(at, &kind, &pad)); \
	}

STAT(stat, stat)
STAT(stat64, stat64)
STAT(lstat, stat)
STAT(lstat64, stat64)
FSTAT(fstat, stat)
FSTAT(fstat64, stat64)
FSTATAT(fstatat, stat)
FSTATAT(fstatat64, stat64)

// What programs call that were built with a glibc before 2.33.
#define OLD_STAT(name, now, type) \
	int name(int version, const char *path, struct type *status); \
	EXPORT int name(int version, const char *path, struct type *status) { \
		(void)version; \
		return now(path, status); \
	}
#define OLD_FSTAT(name, now, type) \
	int name(int version, int fd, struct type *status); \
	EXPORT int name(int version, int fd, struct type *status) { \
		(void)version; \
		return now(fd, status); \
	}
#define OLD_FSTATAT(name, now, type) \
	int name(int version, int at, const char *path, struct type *status, int flags); \
	EXPORT int name(int version, int at, const char *path, struct type *status, int flags) { \
		(void)version; \
		return now(at, path, status, flags); \
	}

OLD_STAT(__xstat, stat, stat)
OLD_STAT(__xstat64, stat64, stat64)
OLD_STAT(__lxstat, lstat, stat)
OLD_STAT(__lxstat64, lstat64, stat64)
OLD_FSTAT(__fxstat, fstat, stat)
OLD_FSTAT(__fxstat64, fstat64, stat64)
OLD_FSTATAT(__fxstatat, fstatat, stat)
OLD_FSTATAT(__fxstatat64, fstatat64, stat64)

EXPORT int statx(int at, const char *restrict path, int flags, unsigned mask, struct statx *restrict status) {
	struct path buffer;
	enum kind kind;
	int pad;
	path = placed(path, &buffer);
	int failed = NEXT(statx)(at, path, flags, mask, status);
	if (failed || !S_ISSOCK(status->stx_mode)) return failed;
	if (!(path && *path ? node(path, &kind, &pad) : connected(at, &kind, &pad))) return 0;
	status->stx_mode = S_IFCHR | (status->stx_mode & ~S_IFMT);
	status->stx_rdev_major = major(number(kind, pad));
	status->stx_rdev_minor = minor(number(kind, pad));
	return 0;
}

// The rest only has to look in the right place.

EXPORT int access(const char *path, int mode) {
	struct path buffer;
	return NEXT(access)(placed(path, &buffer), mode);
}

EXPORT int faccessat(int at, const char *path, int mode, int flags) {
	struct path buffer;
	return NEXT(faccessat)(at, placed(path, &buffer), mode, flags);
}

EXPORT DIR *opendir(const char *path) {
	struct path buffer;
	return NEXT(opendir)(placed(path, &buffer));
}

EXPORT int scandir(const char *path, struct dirent ***list, int (*wanted)(const struct dirent *),
	int (*compare)(const struct dirent **, const struct dirent **)) {
	struct path buffer;
	return NEXT(scandir)(placed(path, &buffer), list, wanted, compare);
}

EXPORT int scandir64(const char *path, struct dirent64 ***list, int (*wanted)(const struct dirent64 *),
	int (*compare)(const struct dirent64 **, const struct dirent64 **)) {
	struct path buffer;
	return NEXT(scandir64)(placed(path, &buffer), list, wanted, compare);
}

EXPORT int inotify_add_watch(int fd, const char *path, uint32_t mask) {
	struct path buffer;
	return NEXT(inotify_add_watch)(fd, placed(path, &buffer), mask);
}
