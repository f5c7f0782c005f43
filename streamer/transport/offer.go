package transport

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// What a client can get wrong in an offer. Each is wrapped with what was
// found, and each message can be shown to the client as it is.
var (
	ErrNotSDP       = errors.New("the offer is not SDP")
	ErrNoVideo      = errors.New("the offer has no video section that receives")
	ErrNoCodec      = errors.New("the offer's video has nothing of what is sent")
	ErrOfferRefused = errors.New("the offer cannot be answered")
)

const (
	videoClock = 90000
	// defaultProfile is what RFC 6184 section 8.1 infers when an offer names
	// none: Baseline, level 1.
	defaultProfile = "42000a"
)

// offered is what of an offer concerns the answer.
type offered struct {
	video []videoFormat      // the codec that is wanted most comes first; never empty
	fec   webrtc.PayloadType // of FlexFEC-03; 0 where none is taken
	audio webrtc.PayloadType // of stereo Opus; 0 where none is taken
}

// codecs are those of the formats, the one that is wanted most first.
func (o offered) codecs() []Codec {
	var found []Codec
	for _, f := range o.video {
		if !slices.Contains(found, f.codec) {
			found = append(found, f.codec)
		}
	}
	return found
}

// videoFormat is one payload type of a codec in an offer, with the payload
// type of its retransmissions, 0 where none is offered.
type videoFormat struct {
	codec        Codec
	payload, rtx webrtc.PayloadType
	fmtp         string
}

// rank orders formats by what an encoder without B-frames, as ours are, is
// sure to meet: Constrained Baseline, Baseline, Main, then the rest.
func rank(fmtp string) int {
	profile := strings.ToLower(cmp.Or(parameter(fmtp, "profile-level-id"), defaultProfile))
	order := []string{"42e0", "42c0", "4200", "4d"}
	for i, prefix := range order {
		if strings.HasPrefix(profile, prefix) {
			return i
		}
	}
	return len(order)
}

// flexFEC is the payload type of repairs among negotiated codecs, 0 for none.
func flexFEC(codecs []webrtc.RTPCodecParameters) webrtc.PayloadType {
	for _, c := range codecs {
		if strings.EqualFold(c.MimeType, webrtc.MimeTypeFlexFEC03) {
			return c.PayloadType
		}
	}
	return 0
}

// readOffer reads what the first receiving section of each kind can take, and
// of video which of the codecs. Their order counts, and not the offer's.
func readOffer(offer string, codecs []Codec) (offered, error) {
	var desc sdp.SessionDescription
	if !strings.HasPrefix(offer, "v=") {
		return offered{}, fmt.Errorf("%w: it does not begin with v=", ErrNotSDP)
	}
	if err := desc.UnmarshalString(offer); err != nil {
		return offered{}, fmt.Errorf("%w: %w", ErrNotSDP, err)
	}
	if slices.ContainsFunc(desc.MediaDescriptions, crowded) {
		return offered{}, fmt.Errorf("%w: %w", ErrOfferRefused, ErrTooManyCandidates)
	}
	video := receiving(&desc, "video")
	if video == nil {
		return offered{}, ErrNoVideo
	}
	found := offered{fec: named(video, "flexfec-03/90000")}
	for _, codec := range codecs {
		found.video = append(found.video, videoFormats(video, codec)...)
	}
	if len(found.video) == 0 {
		return offered{}, errNone(codecs)
	}
	if audio := receiving(&desc, "audio"); audio != nil {
		found.audio = named(audio, "opus/48000/2") // RFC 7587 section 7: always two channels
	}
	return found, nil
}

// crowded says whether a section has more candidates than one ICE session
// takes: those of one section are used.
func crowded(media *sdp.MediaDescription) bool {
	count := 0
	for _, a := range media.Attributes {
		if a.IsICECandidate() {
			count++
		}
	}
	return count > maxCandidates
}

// receiving is the first section of a kind in which the client takes media.
func receiving(desc *sdp.SessionDescription, kind string) *sdp.MediaDescription {
	for _, m := range desc.MediaDescriptions {
		if m.MediaName.Media == kind && canReceive(m) {
			return m
		}
	}
	return nil
}

// canReceive says whether the client takes media in this section; "sendrecv"
// is what RFC 8866 section 6.7 infers when nothing is said.
func canReceive(media *sdp.MediaDescription) bool {
	_, sendOnly := media.Attribute("sendonly")
	_, inactive := media.Attribute("inactive")
	return media.MediaName.Port.Value != 0 && !sendOnly && !inactive
}

// formats maps a section's payload types, as written, to the encodings' names
// in lower case and to their parameters.
func formats(media *sdp.MediaDescription) (names, fmtps map[string]string) {
	names, fmtps = map[string]string{}, map[string]string{}
	for _, a := range media.Attributes {
		payload, value, _ := strings.Cut(a.Value, " ")
		switch a.Key {
		case "rtpmap":
			names[payload] = strings.ToLower(strings.TrimSpace(value))
		case "fmtp":
			fmtps[payload] = strings.TrimSpace(value)
		}
	}
	return names, fmtps
}

// named is the first payload type of an encoding, 0 where there is none.
func named(media *sdp.MediaDescription, encoding string) webrtc.PayloadType {
	names, _ := formats(media)
	for _, payload := range media.MediaName.Formats {
		if pt, ok := payloadType(payload); ok && names[payload] == encoding {
			return pt
		}
	}
	return 0
}

func videoFormats(media *sdp.MediaDescription, codec Codec) []videoFormat {
	names, fmtps := formats(media)
	rtx := map[string]webrtc.PayloadType{}
	for payload, name := range names {
		if pt, ok := payloadType(payload); ok && name == "rtx/90000" {
			rtx[parameter(fmtps[payload], "apt")] = pt
		}
	}
	encoding := strings.ToLower(codec.String()) + "/90000"
	var found []videoFormat
	for _, payload := range media.MediaName.Formats {
		pt, ok := payloadType(payload)
		if !ok || names[payload] != encoding || !codec.takes(fmtps[payload]) {
			continue
		}
		found = append(found, videoFormat{codec: codec, payload: pt, rtx: rtx[payload], fmtp: fmtps[payload]})
	}
	return found
}

func payloadType(text string) (webrtc.PayloadType, bool) {
	n, err := strconv.ParseUint(text, 10, 7)
	return webrtc.PayloadType(n), err == nil
}

// parameter finds one value in a format's parameter list.
func parameter(fmtp, name string) string {
	for item := range strings.SplitSeq(fmtp, ";") {
		key, value, _ := strings.Cut(strings.TrimSpace(item), "=")
		if strings.EqualFold(key, name) {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
