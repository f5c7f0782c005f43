package streamer

import (
	"context"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/transport"
)

// request is what others want of a slot.
type request interface{ request() }

type (
	// pause and resume come from the log.
	pause  struct{}
	resume struct{}
	// connect, leave and lookup come from signalling. Each reply takes one
	// without waiting.
	connect struct {
		ctx   context.Context // of who asks
		seat  events.Seat
		offer string
		reply chan<- connected
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
		viewer  *viewer
		cause   string
		silence time.Duration // of the player, before it was noticed
	}
)

func (pause) request()   {}
func (resume) request()  {}
func (connect) request() {}
func (leave) request()   {}
func (lookup) request()  {}
func (arrived) request() {}
func (lost) request()    {}

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

// handle does what is wanted while the game draws.
func (s *slot) handle(r request) {
	switch r := r.(type) {
	case pause:
		s.pause()
	case resume:
		s.resume()
	case connect:
		r.reply <- s.connect(r)
	case leave:
		r.reply <- s.leave(r.peer)
	case lookup:
		r.reply <- s.lookup(r.peer)
	case arrived:
		if r.viewer == s.viewer {
			s.out.put(Connected{})
			s.show()
		}
	case lost:
		if r.viewer == s.viewer {
			s.closeViewer()
			s.out.put(Disconnected{Cause: r.cause, Silence: r.silence})
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
	s.stage.picture.encoding.suit(next.peer.Codecs())
	return connected{peer: next.name(), answer: answer}
}

func (s *slot) leave(peer string) error {
	if s.lookup(peer) == nil {
		return ErrPeerUnknown
	}
	s.closeViewer()
	s.out.put(Disconnected{Cause: "the player left"})
	return nil
}

// lookup returns the peer of that name, nil if there is none.
func (s *slot) lookup(peer string) *transport.Peer {
	if s.viewer == nil || s.viewer.name() != peer {
		return nil
	}
	return s.viewer.peer
}

func (s *slot) pause() {
	if s.paused {
		return
	}
	s.paused = true
	s.settle(time.Now())
	if err := s.stage.controls.pause(); err != nil {
		s.log.Warn("keys could not be released", "error", err)
	}
	if err := s.stage.game.Pause(); err != nil {
		s.log.Warn("the game could not be paused", "error", err)
	}
	s.stage.saves.pause()
}

// resume goes on, and says so if nobody is there to play.
func (s *slot) resume() {
	if s.paused {
		s.paused = false
		if err := s.stage.game.Resume(); err != nil {
			s.log.Warn("the game could not be resumed", "error", err)
		}
		s.stage.saves.resume()
		s.stage.controls.resume()
	}
	if s.viewer == nil {
		s.out.put(Disconnected{Cause: "nobody was connected when the session was resumed"})
		return
	}
	s.show()
}
