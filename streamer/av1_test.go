//go:build !nolibav

package streamer

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/pion/webrtc/v4"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/encode"
)

// newAV1House is a worker that wants AV1 most, as one with the hardware for it.
func newAV1House(t *testing.T) *house {
	t.Helper()
	h := newHouse(t)
	h.worker.parts.Encoders = []encode.Support{{Name: "libav-libaom", Codec: encode.AV1}, {Codec: encode.H264}}
	return h
}

// expects waits for the frames to be of a codec, from a key frame on.
func (b *browser) expects(t *testing.T, codec string) {
	t.Helper()
	first := b.frame(t)
	if !first.key || first.codec != codec {
		t.Errorf("the first frame is %+v, want a key frame of %s", first, codec)
	}
	if next := b.frame(t); next.codec != codec {
		t.Errorf("the next frame is of %s", next.codec)
	}
}

// Each page has the codec that the worker wants most of those it takes.
func TestCodecFollowsThePage(t *testing.T) {
	h := newAV1House(t)
	session := h.allocate(t, "draws")
	report[Launched](t, h.reports, session)
	plain := report[Drawing](t, h.reports, session).Encoder
	if plain == "" || plain == "libav-libaom" {
		t.Errorf("before anybody comes the encoder is %q", plain)
	}
	adapts := func(encoder string) {
		t.Helper()
		for {
			next := h.reports.next(t)
			switch got := next.report.(type) {
			case Adapted:
				if got.Picture.Encoder != encoder || got.Picture.Cause != events.PictureOtherCodec {
					t.Errorf("reported is %+v", got)
				}
				return
			case Connected, Disconnected:
			default:
				t.Errorf("reported is %+v", got)
			}
		}
	}
	h.knock(t, session, webrtc.MimeTypeH264, webrtc.MimeTypeAV1).expects(t, webrtc.MimeTypeAV1)
	adapts("libav-libaom")
	h.knock(t, session, webrtc.MimeTypeH264).expects(t, webrtc.MimeTypeH264)
	adapts(plain)
	h.knock(t, session, webrtc.MimeTypeAV1).expects(t, webrtc.MimeTypeAV1)
	adapts("libav-libaom")
}

// A page that takes nothing of what the worker makes is told what that is.
func TestPageWithoutTheCodecs(t *testing.T) {
	h := newAV1House(t)
	h.worker.parts.Encoders = h.worker.parts.Encoders[:1]
	session := h.draw(t, "draws")
	_, _, err := h.worker.Connect(t.Context(), session, asHost, newBrowser(t).offer(t))
	if !errors.Is(err, ErrOffer) || !strings.Contains(err.Error(), "AV1") {
		t.Errorf("got %v", err)
	}
	h.join(t, session, webrtc.MimeTypeAV1).expects(t, webrtc.MimeTypeAV1)
}

// failingIn is an encoder's Next that fails for one codec after its first frames.
func failingIn(codec encode.Codec, after int) func(*encode.Encoder) (encode.AccessUnit, error) {
	return func(e *encode.Encoder) (encode.AccessUnit, error) {
		if e.Codec() == codec {
			if after--; after < 0 {
				return encode.AccessUnit{}, fmt.Errorf("%w: %s: the card fell off the bus", encode.ErrFailed, e.Name())
			}
		}
		return e.Next()
	}
}

// When all encoders of a codec have failed, the picture goes on in another one
// that the page takes, and whoever comes later is not offered the first.
func TestCodecFails(t *testing.T) {
	h := newAV1House(t)
	session := h.draw(t, "draws")
	h.worker.slot(session).stage.picture.encoding.pull = failingIn(encode.AV1, 2)
	b := h.join(t, session, webrtc.MimeTypeAV1, webrtc.MimeTypeH264)
	b.expects(t, webrtc.MimeTypeAV1)
	b.expects(t, webrtc.MimeTypeH264)
	for _, want := range []struct {
		encoder string
		cause   events.PictureCause
	}{
		{"libav-libaom", events.PictureOtherCodec},
		{"libav-libaom", events.PictureEncoderFailed}, // it is opened anew
		{"", events.PictureEncoderFailed},             // that of H.264
	} {
		got := report[Adapted](t, h.reports, session).Picture
		if got.Cause != want.cause || want.encoder != "" && got.Encoder != want.encoder || want.encoder == "" && got.Encoder == "libav-libaom" {
			t.Errorf("reported is %+v, want %+v", got, want)
		}
	}
	if _, _, err := h.worker.Connect(t.Context(), session, asHost, newBrowser(t, webrtc.MimeTypeAV1).offer(t)); !errors.Is(err, ErrOffer) {
		t.Errorf("AV1 is still offered: %v", err)
	}
	h.knock(t, session, webrtc.MimeTypeAV1, webrtc.MimeTypeH264).expects(t, webrtc.MimeTypeH264)
}

// A page that takes only a codec that can't be made any more has no picture.
func TestOnlyCodecFails(t *testing.T) {
	h := newAV1House(t)
	session := h.draw(t, "draws")
	h.worker.slot(session).stage.picture.encoding.pull = failingIn(encode.AV1, 2)
	h.join(t, session, webrtc.MimeTypeAV1).expects(t, webrtc.MimeTypeAV1)
	for range 2 {
		report[Adapted](t, h.reports, session)
	}
	h.over(t, session, Broken{Cause: events.FailedPicture, Detail: errNoCodec.Error()})
}
