//go:build !nolibav

#include "libav_bridge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <libavcodec/avcodec.h>
#include <libavutil/hwcontext.h>
#include <libavutil/opt.h>

struct libav {
	AVCodecContext *ctx;
	AVFrame *frame;    // what the encoder is given
	AVFrame *nv12;     // the same with its chroma interleaved; NULL for LIBAV_I420
	AVPacket *packet;
	int64_t pts;
	int input, vbv;
};

// The gravest of what libav has said since the last call of ours on this thread,
// and of several as grave the first: that is the reason, and the later ones what
// follows from it.
static _Thread_local char said[LIBAV_WORDS];
static _Thread_local int gravity; // of it: less is graver

static void hear(void *from, int level, const char *format, va_list args)
{
	(void)from;
	if (level >= gravity)
		return;
	gravity = level;
	vsnprintf(said, sizeof said, format, args);
}

static void listen_to_libav(void)
{
	said[0] = 0;
	gravity = AV_LOG_DEBUG;
	av_log_set_callback(hear); // is libav's one and only, whoever sets it
}

// fail writes what has failed and why. The code is libav's, or 0 where the
// failure is not its own.
static int fail(char *words, const char *what, int code)
{
	char text[AV_ERROR_MAX_STRING_SIZE];
	if (code && said[0])
		snprintf(words, LIBAV_WORDS, "%s: %s", what, said);
	else if (code)
		snprintf(words, LIBAV_WORDS, "%s: %s", what, av_make_error_string(text, sizeof text, code));
	else
		snprintf(words, LIBAV_WORDS, "%s", what);
	return -1;
}

int libav_version(void) { return avcodec_version() >> 16; }

static void set_rate(libav *e, int kbit)
{
	AVCodecContext *c = e->ctx;
	c->bit_rate = (int64_t)kbit * 1000;
	if (!e->vbv)
		return;
	c->rc_max_rate = c->bit_rate;
	c->rc_buffer_size = c->bit_rate * e->vbv / 100 * c->framerate.den / c->framerate.num;
}

static void set_options(libav *e, libav_options o)
{
	AVCodecContext *c = e->ctx;
	c->width = o.width;
	c->height = o.height;
	c->framerate = (AVRational){o.frame_rate, 1};
	c->time_base = (AVRational){1, o.frame_rate};
	c->gop_size = c->keyint_min = o.gop;
	c->max_b_frames = 0;
	c->refs = 1;
	c->thread_type = FF_THREAD_SLICE; // threads a frame each would delay them
	c->thread_count = o.threads;
	c->flags |= AV_CODEC_FLAG_LOW_DELAY | AV_CODEC_FLAG_CLOSED_GOP;
	c->pix_fmt = o.input == LIBAV_I420 ? AV_PIX_FMT_YUV420P : AV_PIX_FMT_NV12;
	// BT.709, limited range, as capture makes it.
	c->color_primaries = AVCOL_PRI_BT709;
	c->color_trc = AVCOL_TRC_BT709;
	c->colorspace = AVCOL_SPC_BT709;
	c->color_range = AVCOL_RANGE_MPEG;
	set_rate(e, o.kbit);
}

// open_surfaces makes room on the graphics card.
static int open_surfaces(AVCodecContext *c, char *words)
{
	AVBufferRef *device = NULL;
	AVDictionary *how = NULL;
	av_dict_set(&how, "connection_type", "drm", 0); // not by whatever DISPLAY names
	int rc = av_hwdevice_ctx_create(&device, AV_HWDEVICE_TYPE_VAAPI, NULL, how, 0);
	av_dict_free(&how);
	if (rc < 0)
		return fail(words, "open the graphics card", rc);
	c->hw_frames_ctx = av_hwframe_ctx_alloc(device);
	av_buffer_unref(&device);
	if (!c->hw_frames_ctx)
		return fail(words, "out of memory", 0);
	AVHWFramesContext *frames = (AVHWFramesContext *)c->hw_frames_ctx->data;
	frames->format = c->pix_fmt = AV_PIX_FMT_VAAPI;
	frames->sw_format = AV_PIX_FMT_NV12;
	frames->width = c->width;
	frames->height = c->height;
	frames->initial_pool_size = 4;
	rc = av_hwframe_ctx_init(c->hw_frames_ctx);
	return rc < 0 ? fail(words, "allocate surfaces", rc) : 0;
}

static int open_codec(libav *e, libav_options o, char *words)
{
	const AVCodec *codec = avcodec_find_encoder_by_name(o.name);
	if (!codec)
		return fail(words, "this machine's libavcodec is built without it", 0);
	e->ctx = avcodec_alloc_context3(codec);
	e->frame = av_frame_alloc();
	e->packet = av_packet_alloc();
	if (!e->ctx || !e->frame || !e->packet)
		return fail(words, "out of memory", 0);
	set_options(e, o);
	if (o.input != LIBAV_I420) {
		if (!(e->nv12 = av_frame_alloc()))
			return fail(words, "out of memory", 0);
		e->nv12->format = AV_PIX_FMT_NV12;
		e->nv12->width = o.width;
		e->nv12->height = o.height;
	}
	if (o.input == LIBAV_SURFACE && open_surfaces(e->ctx, words) < 0)
		return -1;
	AVDictionary *settings = NULL; // those that this version does not know are left in it
	int rc = av_dict_parse_string(&settings, o.settings, "=", ":", 0);
	if (rc >= 0)
		rc = avcodec_open2(e->ctx, codec, &settings);
	av_dict_free(&settings);
	return rc < 0 ? fail(words, "open it", rc) : 0;
}

libav *libav_new(libav_options o, char *words)
{
	listen_to_libav();
	libav *e = calloc(1, sizeof *e);
	if (!e) {
		fail(words, "out of memory", 0);
		return NULL;
	}
	e->input = o.input;
	e->vbv = o.vbv;
	if (open_codec(e, o, words) < 0) {
		libav_free(e);
		return NULL;
	}
	return e;
}

static void not_ours(void *opaque, uint8_t *data)
{
	(void)opaque;
	(void)data;
}

static AVBufferRef *lend(const uint8_t *data, int stride, int rows, int width)
{
	return av_buffer_create((uint8_t *)data, stride * (rows - 1) + width, not_ours, NULL, AV_BUFFER_FLAG_READONLY);
}

// borrow makes a frame of the picture where it lies.
static int borrow(libav *e, picture p)
{
	AVFrame *f = e->frame;
	f->format = AV_PIX_FMT_YUV420P;
	f->width = e->ctx->width;
	f->height = e->ctx->height;
	const uint8_t *planes[] = {p.y, p.cb, p.cr};
	for (int i = 0; i < 3; i++) {
		int stride = i ? p.c_stride : p.y_stride, by = i ? 2 : 1;
		f->data[i] = (uint8_t *)planes[i];
		f->linesize[i] = stride;
		if (!(f->buf[i] = lend(planes[i], stride, f->height / by, f->width / by)))
			return AVERROR(ENOMEM);
	}
	return 0;
}

static int interleave(AVFrame *f, picture p)
{
	// What the encoder still holds is left to it.
	int rc = f->buf[0] ? av_frame_make_writable(f) : av_frame_get_buffer(f, 0);
	if (rc < 0)
		return rc;
	for (int y = 0; y < f->height; y++)
		memcpy(f->data[0] + y * f->linesize[0], p.y + y * p.y_stride, f->width);
	for (int y = 0; y < f->height / 2; y++) {
		uint8_t *restrict to = f->data[1] + y * f->linesize[1];
		const uint8_t *restrict cb = p.cb + y * p.c_stride, *restrict cr = p.cr + y * p.c_stride;
		for (int x = 0; x < f->width / 2; x++) {
			to[2 * x] = cb[x];
			to[2 * x + 1] = cr[x];
		}
	}
	return 0;
}

// load fills e->frame with the picture.
static int load(libav *e, picture p)
{
	if (e->input == LIBAV_I420)
		return borrow(e, p);
	int rc = interleave(e->nv12, p);
	if (rc < 0)
		return rc;
	if (e->input == LIBAV_NV12)
		return av_frame_ref(e->frame, e->nv12);
	if ((rc = av_hwframe_get_buffer(e->ctx->hw_frames_ctx, e->frame, 0)) < 0)
		return rc;
	return av_hwframe_transfer_data(e->frame, e->nv12, 0);
}

static int compress(libav *e, int idr, char *words)
{
	AVFrame *f = e->frame;
	f->pts = e->pts++;
	f->pict_type = idr ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
	f->color_primaries = e->ctx->color_primaries;
	f->color_trc = e->ctx->color_trc;
	f->colorspace = e->ctx->colorspace;
	f->color_range = e->ctx->color_range;
	int rc = avcodec_send_frame(e->ctx, f);
	if (rc < 0)
		return fail(words, "take a picture", rc);
	rc = avcodec_receive_packet(e->ctx, e->packet);
	if (rc == AVERROR(EAGAIN))
		return fail(words, "it holds pictures back", 0);
	if (rc < 0)
		return fail(words, "compress a picture", rc);
	if (e->input == LIBAV_I420 && av_buffer_get_ref_count(f->buf[0]) > 1)
		return fail(words, "it holds on to a picture that is not its own", 0);
	return 0;
}

int libav_encode(libav *e, picture p, int idr, uint8_t **out, char *words)
{
	listen_to_libav();
	av_packet_unref(e->packet);
	int rc = load(e, p);
	if (rc < 0)
		fail(words, "load a picture", rc);
	else
		rc = compress(e, idr, words);
	av_frame_unref(e->frame);
	if (rc < 0)
		return -1;
	*out = e->packet->data;
	return e->packet->size;
}

void libav_bitrate(libav *e, int kbit) { set_rate(e, kbit); }

void libav_free(libav *e)
{
	avcodec_free_context(&e->ctx);
	av_frame_free(&e->frame);
	av_frame_free(&e->nv12);
	av_packet_free(&e->packet);
	free(e);
}
