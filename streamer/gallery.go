package streamer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/adapt"
	"github.com/playcast/playcast/streamer/capture"
	"github.com/playcast/playcast/streamer/encode"
)

// gallery is a second, smaller picture of the display, made once for all who
// watch and for guests whose path does not carry the players'. It is open while
// there are any. Its shape follows the narrowest of their paths, within bounds;
// who has even less is sent its key frames alone. Where the players' encoder has
// no time to spare, the gallery makes its least picture. So nobody in it costs
// the players a bit, a key frame or a step.
//
//	display ─▶ picture ─▶ audience ─▶ viewers
//	              └──── adaptation ◀── crowd: the narrowest of their paths
type gallery struct {
	picture    *picture
	players    *encoding // whose encoder comes first
	crowd      *crowd
	adaptation *adaptation
	quit       chan struct{}
	running    sync.WaitGroup
}

// The gallery's best picture.
const (
	galleryHeight = 720
	galleryRate   = 30
)

// gallerySource is the gallery's picture of a game at its best.
func gallerySource(s adapt.Source) adapt.Source {
	small := adapt.Source{Width: s.Width &^ 1, Height: s.Height &^ 1, FrameRate: min(s.FrameRate, galleryRate)}
	if small.Height > galleryHeight {
		small.Width, small.Height = (small.Width*galleryHeight/small.Height)&^1, galleryHeight
	}
	return small
}

// openGallery begins to make the picture, which rests until somebody enters. The
// context bounds opening only.
func openGallery(ctx context.Context, s *stage, made []encode.Support, log *slog.Logger) (*gallery, error) {
	// Who watches with any player has nobody to draw the pointer over the picture.
	screen, err := capture.Open(ctx, capture.Config{
		Display: s.display.Name(), Authority: s.display.Authority(),
		Width: s.entry.Width, Height: s.entry.Height, FrameRate: galleryRate, Cursor: true,
	})
	if err != nil {
		return nil, fmt.Errorf("open the gallery's capture: %w", err)
	}
	log = log.With("picture", "gallery")
	told := func(e events.PictureAdapted) {
		log.Info("the gallery's picture is another one", "width", e.Width, "height", e.Height, "fps", e.FrameRate, "bps", e.BitRate, "cause", e.Cause)
	}
	// In the codec that is wanted least, as most take that.
	g := &gallery{picture: newPicture(screen, made[len(made)-1:], told, log), quit: make(chan struct{})}
	g.picture.aside = true
	g.players = s.picture.encoding
	g.picture.audience.point(hiddenCursor)
	source := gallerySource(s.source())
	g.crowd = newCrowd(g.picture.audience, time.Now())
	g.adaptation = newAdaptation(g.picture.encoding, source, told)
	g.adaptation.policy = adapt.ForSpectators(source)
	best := g.adaptation.policy.Present()
	if err := g.picture.start(best.Shape, min(best.BitRate, firstGuess)); err != nil {
		return nil, errors.Join(err, g.picture.close())
	}
	g.running.Go(g.attend)
	return g, nil
}

// attend has the picture follow the crowd, and those of it who get key frames
// alone get one now and then.
func (g *gallery) attend() {
	look, key := time.NewTicker(sampleEvery), time.NewTicker(thinKeys)
	defer look.Stop()
	defer key.Stop()
	g.adaptation.path = g.crowd
	for {
		select {
		case <-g.quit:
			return
		case now := <-look.C:
			if g.crowd.look(now) {
				g.crowd.yield(g.players.pressed(now), now)
				g.adaptation.step(now)
			}
		case now := <-key.C:
			if g.crowd.anyThin() {
				g.picture.audience.keyFrame(now)
			}
		}
	}
}

func (g *gallery) close() error {
	close(g.quit)
	g.running.Wait()
	return g.picture.close()
}

// gallery returns the session's, open.
func (s *slot) gallery(ctx context.Context) (*gallery, error) {
	if s.stage.gallery != nil {
		return s.stage.gallery, nil
	}
	g, err := openGallery(ctx, s.stage, s.parts.Encoders, s.log)
	if err == nil {
		s.stage.gallery = g
	}
	return g, err
}

// tidy closes the gallery when nobody is in it.
func (s *slot) tidy() {
	g := s.stage.gallery
	if g == nil {
		return
	}
	for _, v := range s.seats.others {
		if v.view.picture.Load() == g.picture {
			return
		}
	}
	s.stage.gallery = nil
	if err := g.close(); err != nil {
		s.log.Warn("close the gallery", "error", err)
	}
}

// galleryOver sends away who is in a gallery that has broken. The players go on.
func (s *slot) galleryOver() {
	g := s.stage.gallery
	s.log.Error("the gallery's picture is lost", "error", g.picture.failure)
	for _, v := range s.seats.all() {
		if v.view.picture.Load() == g.picture {
			s.closeViewer(v)
		}
	}
	s.tidy()
}

// fit moves a guest between the pictures.
func (s *slot) fit(v *viewer, now time.Time) {
	if v.view.seat.Role != events.SeatOfGuest || !v.view.shown {
		return
	}
	players := v.view.picture.Load() == s.stage.picture
	move, probe := v.view.fit.step(v.peer.Stats(), pictured{players, s.stage.picture.encoding.rate()}, now)
	switch {
	case move:
		s.move(v, !players, now)
	case probe > 0:
		v.peer.Probe(probe)
	}
}

// move shows a guest the players' picture, or the gallery's.
func (s *slot) move(v *viewer, players bool, now time.Time) {
	to := s.stage.picture
	if !players {
		g, err := s.gallery(context.Background())
		if err != nil {
			s.log.Warn("a guest stays with the players' picture", "error", err)
			return
		}
		to = g.picture
	}
	s.log.Info("a guest is shown another picture", "player", v.view.seat.Player, "players", players)
	v.end(now)
	v.view.picture.Store(to)
	v.view.fit = fit{}
	s.suit()
	v.begin(now)
	s.tidy()
}
