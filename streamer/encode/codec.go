package encode

import (
	"fmt"

	"github.com/pion/mediadevices/pkg/codec"
	"github.com/pion/webrtc/v4"
)

// Codec is what pictures are compressed to.
type Codec int

// The codecs. Every browser has H.264; of the others, those that decode them in
// hardware.
const (
	H264 Codec = iota
	H265
	AV1
)

var codecNames = [...]string{H264: "H264", H265: "H265", AV1: "AV1"}

// String is the codec's name in SDP.
func (c Codec) String() string {
	if c < 0 || int(c) >= len(codecNames) {
		return fmt.Sprintf("Codec(%d)", int(c))
	}
	return codecNames[c]
}

// RTP describes the codec as it is negotiated: what every encoder here makes,
// and a level that has 1080p60.
func (c Codec) RTP() webrtc.RTPCodecCapability { return c.rtp().RTPCodecCapability }

func (c Codec) rtp() *codec.RTPCodec {
	const clock = 90000
	var r *codec.RTPCodec
	switch c {
	case H265: // main profile and tier, level 4.1 (RFC 7798, 7.1)
		r = codec.NewRTPH265Codec(clock)
		r.SDPFmtpLine = "profile-id=1;tier-flag=0;level-id=123;tx-mode=SRST"
	case AV1: // main profile, level 4.1 (AV1 RTP payload, 7.2.1)
		r = codec.NewRTPAV1Codec(clock)
		r.SDPFmtpLine = "profile=0;level-idx=9;tier=0"
	default: // constrained baseline, level 4.2 (RFC 6184, 8.1)
		r = codec.NewRTPH264Codec(clock)
		r.SDPFmtpLine = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e02a"
	}
	return r
}

// isKey reports whether decoding can start at an access unit.
func (c Codec) isKey(unit []byte) bool {
	switch c {
	case H265:
		return isKeyH265(unit)
	case AV1:
		return isKeyAV1(unit)
	default:
		return isKeyH264(unit)
	}
}
