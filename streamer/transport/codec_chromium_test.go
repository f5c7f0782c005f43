//go:build !nolibav

package transport

import (
	"context"
	"testing"

	"github.com/playcast/playcast/streamer/encode"
)

// A browser plays the codec that the server wants most, wherever that stands in
// the offer, and goes on when the frames are of another one.
func TestABrowserPlaysOneCodecAfterTheOther(t *testing.T) {
	s := newServer(t, Config{})
	cfg := encode.Config{Width: 320, Height: 180, FrameRate: 30, BitRate: 500_000, Codec: encode.AV1, Encoder: "libav-libaom"}
	first := newFilm(t, cfg)
	cfg.Codec, cfg.Encoder = encode.H264, ""
	second := newFilm(t, cfg)
	peers := make(chan *Peer, 1)
	browser := newChromium(t, pageOptions{offer: func(_, offer string) (string, error) {
		peer, answer, err := s.Offer(context.Background(), offer, Handlers{KeyFrame: first.encoder.ForceKeyFrame}, AV1, H264)
		if err == nil {
			peers <- peer
		}
		return answer, err
	}})
	cast := []*Peer{await(t, "peer", peers)}
	if got := cast[0].Codecs(); len(got) != 2 || got[0] != AV1 || got[1] != H264 {
		t.Errorf("it takes %v", got)
	}
	frames := 0
	for _, show := range []*film{first, second, first} {
		show.cast = cast
		show.encoder.ForceKeyFrame()
		stop := show.run(t)
		got := browser.until(t, "player", "the film in "+show.codec.String(), func(s seen) bool {
			return s.Codec == show.codec.mime() && s.Frames > frames+30
		})
		frames = got.Frames
		stop()
	}
	if failed := cast[0].Stats().Sent.Failed; failed != 0 {
		t.Errorf("%d frames could not be sent", failed)
	}
}
