//go:build !nolibav

package transport

import (
	"context"
	"testing"

	"github.com/playcast/playcast/streamer/encode"
)

func TestABrowserPlaysAV1(t *testing.T) {
	s := newServer(t, Config{})
	show := newFilm(t, encode.Config{Width: 320, Height: 180, FrameRate: 30, BitRate: 500_000, Codec: encode.AV1, Encoder: "libav-libaom"})
	peers := make(chan *Peer, 1)
	browser := newChromium(t, pageOptions{offer: func(_, offer string) (string, error) {
		peer, answer, err := s.OfferCodec(context.Background(), AV1, offer, Handlers{KeyFrame: show.encoder.ForceKeyFrame})
		if err == nil {
			peers <- peer
		}
		return answer, err
	}})
	show.cast = append(show.cast, await(t, "peer", peers))
	show.run(t)
	got := browser.until(t, "player", "the film", func(s seen) bool { return s.Frames > 30 })
	if got.Codec != "video/AV1" {
		t.Errorf("it plays %s", got.Codec)
	}
}
