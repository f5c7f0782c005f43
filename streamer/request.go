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
		peer  events.Peer
		reply chan<- error
	}
	lookup struct {
		peer  events.Peer
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
		s.arrived(r.viewer)
	case lost:
		if host := s.seats.host; s.seats.has(r.viewer) {
			s.closeViewer(r.viewer)
			s.leftBy(r.viewer == host, r.cause, r.silence)
		}
	}
}

// arrived shows the pictures to who is connected now. Of all seats only the
// host's coming and going is reported: the session is theirs.
func (s *slot) arrived(v *viewer) {
	if !s.seats.has(v) {
		return
	}
	if v == s.seats.host {
		s.out.put(Connected{})
		s.stage.controls.touches.touch(time.Now())
	}
	granted, _ := s.seats.people.may(v.view.seat)
	if err := v.allow(granted); err != nil {
		s.log.Warn("keys could not be released", "error", err)
	}
	s.show()
	s.announce()
}

// leftBy reports that the host has gone.
func (s *slot) leftBy(host bool, cause string, silence time.Duration) {
	if host {
		s.out.put(Disconnected{Cause: cause, Silence: silence})
	}
}

func (s *slot) leave(peer events.Peer) error {
	v := s.seats.named(peer)
	if v == nil {
		return ErrPeerUnknown
	}
	host := v == s.seats.host
	s.closeViewer(v)
	s.leftBy(host, "the player left", 0)
	return nil
}

// lookup returns the peer of that name, nil if there is none at that seat.
func (s *slot) lookup(peer events.Peer) *transport.Peer {
	if v := s.seats.named(peer); v != nil {
		return v.peer
	}
	return nil
}

func (s *slot) pause() {
	if s.paused {
		return
	}
	s.paused = true
	s.settle(time.Now())
	s.restRecording(time.Now())
	if err := s.stage.controls.pause(); err != nil {
		s.log.Warn("keys could not be released", "error", err)
	}
	if err := s.stage.game.Pause(); err != nil {
		s.log.Warn("the game could not be paused", "error", err)
	}
	s.stage.saves.pause()
	s.announce()
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
		s.stage.controls.touches.touch(time.Now())
		s.resumeRecording(time.Now())
		s.announce()
	}
	if s.seats.host == nil {
		s.out.put(Disconnected{Cause: "nobody was connected when the session was resumed"})
		return
	}
	s.show()
}
