package transport

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/playcast/playcast/streamer/encode"
)

// TestRepairsSpareABrowserFreezes plays one film to two peers of a browser,
// over 100 ms of round trip and 5 % of loss: one that takes repairs, and one
// for which packets are only sent again.
func TestRepairsSpareABrowserFreezes(t *testing.T) {
	s := newServer(t, Config{})
	show := newFilm(t, encode.Config{Width: 640, Height: 360, FrameRate: 30, BitRate: 1_500_000})
	h := Handlers{KeyFrame: show.encoder.ForceKeyFrame}
	peers := make(chan *Peer, 2)
	browser := newChromium(t, pageOptions{names: []string{"repaired", "resent"}, offer: func(name, offer string) (string, error) {
		if name == "resent" {
			offer = strings.ReplaceAll(offer, "flexfec-03/90000", "x-flexfec/90000")
		}
		peer, answer, err := s.Offer(context.Background(), withoutCandidates(offer), h)
		if err != nil {
			return "", err
		}
		peers <- peer
		return by(answer, newLongPath(t, s.Addr(), 50*time.Millisecond, 0.05).port()), nil
	}})
	for range 2 {
		show.cast = append(show.cast, await(t, "peer", peers))
	}
	show.run(t)

	// What is compared begins when the path is known, and lasts 8 s.
	before := browser.until(t, "repaired", "repairs", func(s seen) bool { return s.Repairs > 20 })
	plain := browser.look("resent")
	after := browser.until(t, "repaired", "8 s of film", func(s seen) bool { return s.Frames >= before.Frames+240 })
	plainAfter := browser.look("resent")
	t.Logf("repaired: %+v", after)
	t.Logf("resent: %+v", plainAfter)
	if plainAfter.Resent == 0 {
		t.Error("nothing was sent again")
	}
	if plainAfter.Repairs != 0 {
		t.Error("repairs went to a client that takes none")
	}
	gaps, plainGaps := after.Gaps-before.Gaps, plainAfter.Gaps-plain.Gaps
	if gaps >= plainGaps {
		t.Errorf("%d gaps with repairs, %d without", gaps, plainGaps)
	}
}
