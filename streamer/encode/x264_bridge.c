//go:build !nox264

#include "x264_bridge.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <x264.h>

struct encoder {
	x264_t *h;
	x264_param_t param;
	int64_t pts;
	char words[256]; // the last error that libx264 has told of
};

static void keep_words(void *private, int level, const char *format, va_list args)
{
	encoder *e = private;
	if (level <= X264_LOG_ERROR)
		vsnprintf(e->words, sizeof e->words, format, args);
}

// The decoder's buffer holds 2.5 frames of the mean size. Without lookahead
// libx264 plans a frame to fit half of what the buffer holds, so that at 1.5
// frames only 70 % of the rate is used, at 2.5 frames 86 %. A frame has then up
// to 1.25 times what was asked for, and a key frame 2.1 times, which the next few
// make good by being smaller. A smaller buffer bounds a key frame closer, but
// takes 2 dB from it a half frame, and leaves slices that are encoded side by
// side so little room that one may come out very coarse.
static void set_rate(x264_param_t *p, int kbit)
{
	p->rc.i_bitrate = kbit;
	p->rc.i_vbv_max_bitrate = kbit;
	p->rc.i_vbv_buffer_size = 5 * kbit * (int)p->i_fps_den / (2 * (int)p->i_fps_num);
	if (p->rc.i_vbv_buffer_size < 1)
		p->rc.i_vbv_buffer_size = 1;
}

static int set_options(x264_param_t *p, options o)
{
	if (x264_param_default_preset(p, "ultrafast", "zerolatency") < 0)
		return -1;
	p->i_csp = X264_CSP_I420;
	p->i_width = o.width;
	p->i_height = o.height;
	p->i_fps_num = o.frame_rate;
	p->i_fps_den = 1;
	p->i_timebase_num = 1;
	p->i_timebase_den = o.frame_rate;
	p->b_vfr_input = 0;
	p->i_threads = o.threads;
	p->b_sliced_threads = 1;
	// Of what ultrafast leaves out, the two that are worth it: on a scene that
	// moves all over, 720p at 6 Mb/s and 1080p at 12, a fifth more of CPU time
	// (4.0 for 3.3 ms, 8.4 for 6.9) buys 2.2 and 2.4 dB. Superfast costs half as
	// much again for less, for its adaptive quantization takes away a decibel.
	p->b_deblocking_filter = 1;
	p->analyse.inter = X264_ANALYSE_PSUB16x16;

	// Key frames only on demand: each costs many times its neighbours.
	p->i_keyint_max = X264_KEYINT_MAX_INFINITE;
	p->i_scenecut_threshold = 0;
	p->b_repeat_headers = 1;
	p->b_annexb = 1;

	p->rc.i_rc_method = X264_RC_ABR;
	// The coarsest that H.264 has. Left to itself libx264 goes beyond, and leaves
	// out what has changed: the lower part of a picture is then the one before.
	p->rc.i_qp_max = 51;
	set_rate(p, o.kbit);

	// BT.709 (code point 1 in all three), limited range, as capture makes it.
	p->vui.i_colorprim = 1;
	p->vui.i_transfer = 1;
	p->vui.i_colmatrix = 1;
	p->vui.b_fullrange = 0;

	// Sets constraint_set1, too: constrained baseline, which every browser has.
	return x264_param_apply_profile(p, "baseline");
}

encoder *encoder_new(options o, char *reason, int size)
{
	encoder *e = calloc(1, sizeof *e);
	if (!e)
		return NULL;
	if (set_options(&e->param, o) == 0) {
		e->param.i_log_level = X264_LOG_ERROR;
		e->param.pf_log = keep_words;
		e->param.p_log_private = e;
		e->h = x264_encoder_open(&e->param);
	}
	if (!e->h) {
		snprintf(reason, size, "%s", e->words);
		free(e);
		return NULL;
	}
	return e;
}

int encoder_encode(encoder *e, picture p, int idr, uint8_t **out)
{
	x264_picture_t in, coded;
	x264_picture_init(&in);
	in.img.i_csp = X264_CSP_I420;
	in.img.i_plane = 3;
	in.img.plane[0] = (uint8_t *)p.y;
	in.img.plane[1] = (uint8_t *)p.cb;
	in.img.plane[2] = (uint8_t *)p.cr;
	in.img.i_stride[0] = p.y_stride;
	in.img.i_stride[1] = in.img.i_stride[2] = p.c_stride;
	in.i_type = idr ? X264_TYPE_IDR : X264_TYPE_AUTO;
	in.i_pts = e->pts++;

	x264_nal_t *nal;
	int nals;
	int size = x264_encoder_encode(e->h, &nal, &nals, &in, &coded);
	if (size > 0)
		*out = nal[0].p_payload; // the payloads of an access unit lie one after the other
	return size;
}

int encoder_bitrate(encoder *e, int kbit)
{
	set_rate(&e->param, kbit);
	return x264_encoder_reconfig(e->h, &e->param);
}

void encoder_free(encoder *e)
{
	x264_encoder_close(e->h);
	free(e);
}
