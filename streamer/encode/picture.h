#include <stdint.h>

#ifndef PLAYCAST_PICTURE_H
#define PLAYCAST_PICTURE_H

// A picture, 4:2:0, that stays its owner's: whoever takes it keeps nothing of it
// beyond the call.
typedef struct {
	const uint8_t *y, *cb, *cr;
	int y_stride, c_stride; // in bytes
} picture;

#endif
