package transport

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/playcast/playcast/streamer/encode"
)

// TestABrowserChangesItsNetwork restarts ICE over another way to the server,
// and then cuts the first.
func TestABrowserChangesItsNetwork(t *testing.T) {
	s := newServer(t, Config{})
	first, second := newLongPath(t, s.Addr(), 0, 0), newLongPath(t, s.Addr(), 0, 0)
	show := newFilm(t, encode.Config{Width: 320, Height: 180, FrameRate: 30, BitRate: 500_000})
	ended, peers := make(chan string, 1), make(chan *Peer, 1)
	var peer atomic.Pointer[Peer]
	browser := newChromium(t, pageOptions{
		offer: func(_, offer string) (string, error) {
			made, answer, err := s.Offer(context.Background(), withoutCandidates(offer), Handlers{
				KeyFrame:     show.encoder.ForceKeyFrame,
				Disconnected: func(cause string, _ time.Duration) { ended <- cause },
			})
			if err != nil {
				return "", err
			}
			peer.Store(made)
			peers <- made
			return by(answer, first.port()), nil
		},
		restart: func(fragment string) (string, error) {
			answer, err := peer.Load().Restart(context.Background(), fragment)
			return by(answer, second.port()), err
		},
	})
	show.cast = append(show.cast, await(t, "peer", peers))
	show.run(t)
	browser.until(t, "player", "a new ICE session", func(s seen) bool { return s.Restarted })
	browser.until(t, "player", "the second way", func(seen) bool { return second.used.Load() > 100 })
	first.isCut.Store(true)
	before := browser.look("player")
	browser.until(t, "player", "2 s more of the film", func(s seen) bool { return s.Frames > before.Frames+60 })
	if len(ended) != 0 {
		t.Errorf("the peer has ended: %s", <-ended)
	}
}
