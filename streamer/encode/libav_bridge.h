#include "picture.h"

typedef struct libav libav;

// How an encoder takes its pictures.
enum {
	LIBAV_I420,   // as they are
	LIBAV_NV12,   // with their chroma interleaved
	LIBAV_SURFACE // likewise, and copied to the graphics card
};

typedef struct {
	const char *name;     // of the encoder
	const char *settings; // its own: "key=value:key=value"
	int input;
	int width, height, frame_rate, kbit;
	int vbv; // the decoder's buffer, in percent of a frame; 0 leaves it to the encoder
	int gop; // pictures between key frames that nobody has asked for
	int threads;
} libav_options;

// The reason of a failure, for words that are a string of LIBAV_WORDS bytes.
enum { LIBAV_WORDS = 512 };

// libav_version is libavcodec's major one.
int libav_version(void);

// libav_new returns NULL where the encoder is not there or refuses.
libav *libav_new(libav_options o, char *words);

// libav_encode compresses one picture, as an IDR where asked to, and sets *out
// to the access unit, which is the encoder's until its next call. It returns the
// size, or less than 0 on failure.
int libav_encode(libav *e, picture p, int idr, uint8_t **out, char *words);

// libav_bitrate changes the rate from the next picture on.
void libav_bitrate(libav *e, int kbit);

void libav_free(libav *e);
