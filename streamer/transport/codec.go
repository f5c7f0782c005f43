package transport

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v4"
)

// Codec is what a frame is compressed to.
type Codec int

// The codecs. Frames are in Annex B form, those of AV1 temporal units in the
// low-overhead format (section 5.2 of its specification).
const (
	H264 Codec = iota
	H265
	AV1
)

func (c Codec) mime() string {
	switch c {
	case H265:
		return webrtc.MimeTypeH265
	case AV1:
		return webrtc.MimeTypeAV1
	}
	return webrtc.MimeTypeH264
}

// codecCount is how many codecs there are.
const codecCount = 3

// String is the codec's name in SDP.
func (c Codec) String() string { return strings.TrimPrefix(c.mime(), "video/") }

// condition is what takes asks for beyond the name, for who is refused.
func (c Codec) condition() string {
	switch c {
	case H265:
		return c.String() + " of the main profile"
	case AV1:
		return c.String() + " of profile 0"
	}
	return c.String() + " with packetization-mode=1"
}

// takes says whether a format of an offer is one that is sent.
func (c Codec) takes(fmtp string) bool {
	switch c {
	case H265: // the main profile, which is inferred (RFC 7798 section 7.1)
		return strings.TrimLeft(parameter(fmtp, "profile-id"), "1") == ""
	case AV1: // likewise
		return strings.TrimLeft(parameter(fmtp, "profile"), "0") == ""
	}
	return parameter(fmtp, "packetization-mode") == "1"
}

// rank orders formats by how sure the encoders are to meet them.
func (c Codec) rank(fmtp string) int {
	if c == H264 {
		return rank(fmtp)
	}
	return 0
}

// best is the first of the lowest rank.
func (c Codec) best(among []webrtc.RTPCodecParameters) (best webrtc.RTPCodecParameters, ok bool) {
	for _, p := range among {
		if strings.EqualFold(p.MimeType, c.mime()) && (!ok || c.rank(p.SDPFmtpLine) < c.rank(best.SDPFmtpLine)) {
			best, ok = p, true
		}
	}
	return best, ok
}

// picture says whether a frame holds a coded picture, and whether decoding can
// begin with it.
func (c Codec) picture(unit []byte) (found, key bool) {
	switch c {
	case H265:
		return pictureH265(unit)
	case AV1:
		return pictureAV1(unit)
	}
	return picture(unit)
}

// splitter cuts frames into RTP payloads. It hands them to emit in order, the
// last with last set; a payload is valid until emit returns. An error of emit
// ends the split.
type splitter interface {
	split(unit []byte, emit func(payload []byte, last bool) error) error
}

var (
	_ splitter = (*packetizer)(nil)
	_ splitter = librarySplitter{}
)

func (c Codec) splitter() splitter {
	switch c {
	case H265:
		return librarySplitter{&codecs.H265Payloader{}}
	case AV1:
		return librarySplitter{&codecs.AV1Payloader{}}
	}
	return newPacketizer()
}

// librarySplitter is for the codecs that few clients have: it allocates.
type librarySplitter struct{ rtp.Payloader }

func (l librarySplitter) split(unit []byte, emit func(payload []byte, last bool) error) error {
	payloads := l.Payload(maxPayload, unit)
	for i, payload := range payloads {
		if err := emit(payload, i == len(payloads)-1); err != nil {
			return err
		}
	}
	return nil
}

// pictureH265 looks for slices, and for those that refer to nothing before
// them (ITU-T H.265, table 7-1).
func pictureH265(annexB []byte) (found, key bool) {
	for nal, rest := nextNAL(annexB); nal != nil; nal, rest = nextNAL(rest) {
		if t := nal[0] >> 1 & 0x3f; t < 32 {
			return true, t >= 16 && t <= 23
		}
	}
	return false, false
}

// Types of the open bitstream units of AV1 (section 6.2.2).
const (
	obuSequence    = 1
	obuFrameHeader = 3
	obuFrame       = 6
)

// pictureAV1 looks for a frame, and for a sequence header before it: an
// encoder puts one before each key frame and nowhere else.
func pictureAV1(unit []byte) (found, key bool) {
	for len(unit) > 0 {
		header := unit[0]
		switch header >> 3 & 0xf {
		case obuSequence:
			key = true
		case obuFrame, obuFrameHeader:
			return true, key
		}
		skip := 1
		if header&0b100 != 0 { // an extension
			skip++
		}
		if header&0b10 == 0 || len(unit) < skip {
			return false, false // to the end, and no frame
		}
		size, n := binary.Uvarint(unit[skip:]) // leb128 is the same
		if n <= 0 || size > uint64(len(unit)-skip-n) {
			return false, false
		}
		unit = unit[skip+n+int(size):]
	}
	return false, false
}

// errNone is for an offer that has none of the codecs.
func errNone(codecs []Codec) error {
	conditions := make([]string, len(codecs))
	for i, c := range codecs {
		conditions[i] = c.condition()
	}
	return fmt.Errorf("%w: %s", ErrNoCodec, strings.Join(conditions, ", or "))
}
