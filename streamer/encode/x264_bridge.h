#include "picture.h"

typedef struct encoder encoder;

typedef struct {
	int width, height, frame_rate, kbit, threads;
} options;

// encoder_new returns NULL where libx264 refuses, with its last words in reason.
encoder *encoder_new(options o, char *reason, int size);

// encoder_encode compresses one picture, as an IDR where asked to, and sets *out
// to the access unit, which is the encoder's until its next call. It returns the
// size, or less than 0 on failure. The picture is not kept.
int encoder_encode(encoder *e, picture p, int idr, uint8_t **out);

// encoder_bitrate changes the rate from the next picture on; 0 is success.
int encoder_bitrate(encoder *e, int kbit);

void encoder_free(encoder *e);
