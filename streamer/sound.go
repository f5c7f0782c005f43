package streamer

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/audio"
	"github.com/playcast/playcast/streamer/game"
)

// sound is a game's sound on its way to whoever is shown the picture. One
// goroutine records and encodes, once for all; it rests with the picture. When
// it breaks the session goes on in silence: games don't look for another daemon.
//
//	daemon ─▶ source ─▶ audience
type sound struct {
	daemon   *game.Sound
	source   *audio.Sound
	audience *audience
	log      *slog.Logger

	quit     chan struct{}
	listener sync.WaitGroup
}

// openSound starts a daemon for the game to play into.
func openSound(ctx context.Context, launcher *game.Launcher, session events.SessionID) (*sound, error) {
	daemon, err := launcher.StartSound(ctx, session)
	if err != nil {
		return nil, err
	}
	source, err := audio.Open(daemon.Server())
	if err != nil {
		return nil, errors.Join(err, daemon.Close())
	}
	return &sound{daemon: daemon, source: source, quit: make(chan struct{})}, nil
}

// start begins to listen for an audience.
func (s *sound) start(a *audience, log *slog.Logger) {
	s.audience, s.log = a, log
	s.listener.Go(s.listen)
}

// tellSilence says why a session has no sound.
func tellSilence(log *slog.Logger, why error) { log.Warn("the session has no sound", "error", why) }

func (s *sound) listen() {
	for s.audience.await(s.quit) {
		if err := s.play(); err != nil {
			if !errors.Is(err, io.EOF) {
				tellSilence(s.log, err)
			}
			return
		}
	}
}

// play hands on what is heard while somebody is shown the picture. It returns
// io.EOF at close.
func (s *sound) play() error {
	if err := s.source.Start(); err != nil {
		return s.unlessClosed(err)
	}
	for s.audience.isShown() {
		packet, err := s.source.Next()
		if err != nil {
			return err
		}
		s.audience.hear(packet)
	}
	return s.unlessClosed(s.source.Stop())
}

// unlessClosed turns what the close of the source did to a request into its
// cause.
func (s *sound) unlessClosed(err error) error {
	select {
	case <-s.quit:
		return io.EOF
	default:
		return err
	}
}

// close stops the sound and ends the daemon.
func (s *sound) close() error {
	close(s.quit)
	err := s.source.Close()
	s.listener.Wait()
	return errors.Join(err, s.daemon.Close())
}
