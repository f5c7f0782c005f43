package streamer

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/game"
	"github.com/playcast/playcast/streamer/transport"
)

// rollEvery is how often the quality meter is looked at.
const rollEvery = time.Second

// slot runs one session. The goroutine of run owns everything but the fields
// that say otherwise.
type slot struct {
	session  events.SessionID
	player   events.PlayerID
	gameID   events.GameID
	parts    Parts
	out      *outbox
	log      *slog.Logger
	requests chan request  // unbuffered: who asks waits until the slot is free to hear
	done     chan struct{} // closed when the slot takes no more requests

	ending   chan struct{} // closed by the first stop
	stopOnce sync.Once
	reason   events.EndReason // set before ending is closed; empty: the session is over already

	stage  *stage  // nil until the game draws
	viewer *viewer // nil: nobody is connected
	paused bool
}

// request is what others want of a slot.
type request interface{ request() }

type (
	pause   struct{}
	resume  struct{}
	connect struct {
		ctx   context.Context
		offer string
		reply chan<- connected // takes one without waiting
	}
	connected struct {
		peer, answer string
		err          error
	}
	leave struct {
		peer  string
		reply chan<- error
	}
	lookup struct {
		peer  string
		reply chan<- *transport.Peer // nil: not that one
	}
	// arrived and lost come from a viewer's peer.
	arrived struct{ viewer *viewer }
	lost    struct {
		viewer *viewer
		cause  string
	}
)

func (pause) request()   {}
func (resume) request()  {}
func (connect) request() {}
func (leave) request()   {}
func (lookup) request()  {}
func (arrived) request() {}
func (lost) request()    {}

func newSlot(e events.SessionAllocated, parts Parts, out *outbox, log *slog.Logger) *slot {
	return &slot{
		session: e.Session, player: e.Player, gameID: e.Game, parts: parts, out: out, log: log,
		requests: make(chan request), done: make(chan struct{}), ending: make(chan struct{}),
	}
}

// stop ends the slot, for a reason where the end is to be reported. Only the
// first call counts.
func (s *slot) stop(reason events.EndReason) {
	s.stopOnce.Do(func() {
		s.reason = reason
		close(s.ending)
	})
}

// send hands a request to the slot, unless it has ended.
func (s *slot) send(r request) {
	select {
	case s.requests <- r:
	case <-s.done:
	}
}

// run plays the session from its start to its end, frees everything, and
// reports how it ended.
func (s *slot) run() {
	defer s.out.close()
	outcome := s.play()
	close(s.done)
	s.closeViewer()
	if s.stage != nil {
		s.stage.close()
	}
	if outcome != nil {
		s.out.put(outcome)
	}
}

// play returns the report of how the session ended, nil if it is known.
func (s *slot) play() Report {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	launched := make(chan *stage, 1)
	failed := make(chan error, 1)
	go func() {
		stage, err := s.launch(ctx)
		if err != nil {
			failed <- err
			return
		}
		launched <- stage
	}()
	for {
		select {
		case s.stage = <-launched:
			s.out.put(s.stage.drawing())
			return s.serve()
		case err := <-failed:
			return s.launchFailed(err)
		case r := <-s.requests:
			s.early(r)
		case <-s.ending:
			cancel()
			select {
			case s.stage = <-launched:
			case <-failed:
			}
			return s.ended()
		}
	}
}

// launch starts everything, and returns when the game draws.
func (s *slot) launch(ctx context.Context) (*stage, error) {
	entry, ok := s.parts.Catalog.Find(s.gameID)
	if !ok {
		return nil, fmt.Errorf("the worker's catalog has no game %q", s.gameID)
	}
	return openStage(ctx, s.parts.Launcher, game.Launch{Session: s.session, Player: s.player, Entry: entry}, func() { s.out.put(Launched{}) })
}

func (s *slot) launchFailed(err error) Report {
	s.log.Error("the game did not start", "game", s.gameID, "error", err)
	return Broken{Cause: events.FailedLaunch, Detail: err.Error()}
}

// early answers what comes before the game draws.
func (s *slot) early(r request) {
	switch r := r.(type) {
	case connect:
		r.reply <- connected{err: ErrNotReady}
	case leave:
		r.reply <- ErrPeerUnknown
	case lookup:
		r.reply <- nil
	}
}

// serve runs the session while the game draws.
func (s *slot) serve() Report {
	roll := time.NewTicker(rollEvery)
	defer roll.Stop()
	for {
		select {
		case r := <-s.requests:
			s.handle(r)
		case now := <-roll.C:
			s.measure(now)
		case <-s.stage.game.Done():
			return s.gameOver()
		case <-s.stage.broken:
			return s.pictureOver()
		case <-s.ending:
			return s.ended()
		}
	}
}

func (s *slot) ended() Report {
	if s.reason == "" {
		return nil
	}
	return Finished{Reason: s.reason}
}

func (s *slot) gameOver() Report {
	if err := s.stage.game.Err(); err != nil {
		s.log.Error("the game has crashed", "game", s.gameID, "error", err)
		return Broken{Cause: events.FailedGame, Detail: err.Error()}
	}
	return Finished{Reason: events.EndedByGame}
}

// pictureOver says why there is no picture any more: the game ends with its
// display, so what ended first counts.
func (s *slot) pictureOver() Report {
	s.log.Error("the picture is lost", "error", s.stage.failure)
	return Broken{Cause: events.FailedPicture, Detail: s.stage.failure.Error()}
}

func (s *slot) handle(r request) {
	switch r := r.(type) {
	case pause:
		s.pause()
	case resume:
		s.resume()
	case connect:
		r.reply <- s.connect(r)
	case leave:
		if s.viewer == nil || s.viewer.name() != r.peer {
			r.reply <- ErrPeerUnknown
			return
		}
		s.closeViewer()
		s.out.put(Disconnected{Cause: "the player left"})
		r.reply <- nil
	case lookup:
		if s.viewer == nil || s.viewer.name() != r.peer {
			r.reply <- nil
			return
		}
		r.reply <- s.viewer.peer
	case arrived:
		if r.viewer == s.viewer {
			s.out.put(Connected{})
			s.show()
		}
	case lost:
		if r.viewer == s.viewer {
			s.closeViewer()
			s.out.put(Disconnected{Cause: r.cause})
		}
	}
}

func (s *slot) connect(r connect) connected {
	next, answer, err := s.openViewer(r.ctx, r.offer)
	if err != nil {
		return connected{err: err}
	}
	if s.viewer != nil {
		s.viewer.replaced()
	}
	s.closeViewer()
	s.viewer = next
	return connected{peer: next.name(), answer: answer}
}

func (s *slot) pause() {
	if s.paused {
		return
	}
	s.paused = true
	s.stage.rest()
	if err := s.stage.input.ReleaseAll(); err != nil {
		s.log.Warn("keys could not be released", "error", err)
	}
	if err := s.stage.game.Pause(); err != nil {
		s.log.Warn("the game could not be paused", "error", err)
	}
}

// resume goes on, and says so if nobody is there to play.
func (s *slot) resume() {
	if s.paused {
		s.paused = false
		if err := s.stage.game.Resume(); err != nil {
			s.log.Warn("the game could not be resumed", "error", err)
		}
	}
	if s.viewer == nil {
		s.out.put(Disconnected{Cause: "nobody was connected when the session was resumed"})
		return
	}
	s.show()
}

// show lets the picture run for the viewer.
func (s *slot) show() {
	if s.viewer != nil && s.viewer.connected() && !s.paused {
		s.stage.show(s.viewer)
	}
}

func (s *slot) closeViewer() {
	if s.viewer == nil {
		return
	}
	if s.stage != nil {
		s.stage.rest()
		if err := s.stage.input.ReleaseAll(); err != nil {
			s.log.Debug("keys could not be released", "error", err)
		}
	}
	if err := s.viewer.close(); err != nil {
		s.log.Warn("close the peer", "error", err)
	}
	s.viewer = nil
}

func (s *slot) measure(now time.Time) {
	if s.viewer == nil || s.paused || !s.viewer.connected() {
		return
	}
	if window, ok := s.viewer.roll(now); ok {
		s.out.put(Measured{Window: qualityOf(s.session, window)})
	}
}
