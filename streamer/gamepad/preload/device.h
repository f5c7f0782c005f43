// The two drivers' answers for a pad.

#ifndef PLAYCAST_DEVICE_H
#define PLAYCAST_DEVICE_H

enum kind { EVENT, JS };

// event_ioctl answers for /dev/input/eventN as the kernel's evdev does
// (linux/input.h); dir is where the pad's state is. It returns what ioctl does,
// or a negative errno.
int event_ioctl(int fd, int pad, const char *dir, unsigned long request, void *argument);

// js_ioctl answers for /dev/input/jsN as joydev does (linux/joystick.h).
int js_ioctl(unsigned long request, void *argument);

#endif
