//go:build !nolibav

package encode

// #include "libav_bridge.h"
import "C"

import (
	"math"

	"github.com/pion/mediadevices/pkg/codec"
)

// libavOptions is how an encoder of libavcodec is used.
type libavOptions struct {
	name     string
	settings []string // "key=value:key=value"; the first that the encoder takes
	input    int
	vbv      int // the decoder's buffer, in percent of a frame; 0 leaves it to the encoder
	gop      int // pictures between key frames that nobody has asked for
}

// Counts of pictures that are as good as no end, as far as encoders take them.
const (
	endless      = 1 << 30
	endlessShort = math.MaxInt16
)

// hardwareCandidates are the encoders of graphics cards. None of them holds a
// picture back, looks ahead or keeps pictures in flight.
func hardwareCandidates() []candidate {
	var all []candidate
	for _, c := range []struct {
		codec                   Codec
		prefix, profile, vaapis string
	}{
		{H264, "h264", "profile=baseline:coder=cavlc:", "profile=constrained_baseline:coder=cavlc:sei=0:"},
		{H265, "hevc", "profile=main:", "profile=main:sei=0:"},
		{AV1, "av1", "", ""},
	} {
		nvenc := libavOptions{
			name: c.prefix + "_nvenc", input: C.LIBAV_I420, vbv: 100, gop: math.MaxInt32,
			settings: []string{c.profile + "preset=p1:tune=ull:rc=cbr:multipass=qres:delay=0:zerolatency=1:" +
				"rc-lookahead=0:no-scenecut=1:forced-idr=1:b_ref_mode=disabled"},
		}
		qsv := c.profile + "preset=veryfast:async_depth=1:look_ahead=0:forced_idr=1:low_delay_brc=1:" +
			"scenario=remotegaming:recovery_point_sei=0:pic_timing_sei=0:max_dec_frame_buffering=1:low_power="
		vaapi := c.vaapis + "rc_mode=CBR:async_depth=1:low_power="
		all = append(all,
			// Each change of the bit rate has libavcodec reset NVENC with a key frame.
			hardware(c.codec, nvenc, rateWithKeyFrame),
			hardware(c.codec, libavOptions{
				name: c.prefix + "_qsv", input: C.LIBAV_NV12, vbv: 100, gop: endlessShort,
				settings: []string{qsv + "1", qsv + "0"},
			}, qsvRate()),
			hardware(c.codec, libavOptions{
				name: c.prefix + "_vaapi", input: C.LIBAV_SURFACE, vbv: 100, gop: endlessShort,
				settings: []string{vaapi + "1", vaapi + "0"},
			}, rateByReopening),
		)
	}
	return all
}

// qsvRate: since version 60 libavcodec has Quick Sync follow the bit rate.
func qsvRate() rateChange {
	if C.libav_version() < 60 {
		return rateByReopening
	}
	return rateWithKeyFrame
}

func hardware(made Codec, options libavOptions, rate rateChange) candidate {
	c := software(options.name, made, options, rate)
	c.hardware = true
	return c
}

func software(name string, made Codec, options libavOptions, rate rateChange) candidate {
	return candidate{name: name, codec: made, rate: rate, builder: func(bitRate int) codec.VideoEncoderBuilder {
		return &libavBuilder{libavOptions: options, codec: made, bitRate: bitRate}
	}}
}

// libavCandidates are libavcodec's encoders in software: its libx264 where ours
// is not built in, and for H.265 and AV1, which cost too much for a game beside
// them, what is taken only by name.
func libavCandidates() []candidate {
	// For qpmax see x264_bridge.c.
	x264 := software("libav-libx264", H264, libavOptions{
		name: "libx264", input: C.LIBAV_I420, vbv: 250, gop: endless,
		settings: []string{`preset=ultrafast:tune=zerolatency:profile=baseline:forced-idr=1:` +
			`x264-params=scenecut=0\:no-deblock=0\:partitions=p8x8\:qpmax=51`},
	}, rateAtOnce)
	x265 := software("libav-libx265", H265, libavOptions{
		name: "libx265", input: C.LIBAV_I420, vbv: 200, gop: endless,
		settings: []string{`preset=ultrafast:tune=zerolatency:forced-idr=1:` +
			`x265-params=scenecut=0\:repeat-headers=1\:frame-threads=1\:pools=none\:log-level=none`},
	}, rateByReopening)
	// Not libsvtav1, which holds pictures back.
	av1 := software("libav-libaom", AV1, libavOptions{
		name: "libaom-av1", input: C.LIBAV_I420, vbv: 200, gop: endless,
		settings: []string{"usage=realtime:cpu-used=8:lag-in-frames=0:row-mt=1:aq-mode=3:enable-cdef=1:" +
			"enable-global-motion=0:enable-obmc=0"},
	}, rateByReopening)
	x265.byName, av1.byName = true, true
	return []candidate{x264, x265, av1}
}
