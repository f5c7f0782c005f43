package streamer

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/transport"
)

// How many may watch: each is another line to fill, though no other picture to
// make. maxSpectators is of a session, and hallSpectators of a worker.
const (
	maxSpectators  = 24
	hallSpectators = 96
)

// seats are who is connected to a session. They are the slot's.
type seats struct {
	host   *viewer   // nil: the host is not connected
	others []*viewer // a guest has one peer, and so has each spectator

	people *people       // who may be
	hall   *atomic.Int64 // spectators of the whole worker
}

// all are the viewers of all seats, as they are now.
func (s *seats) all() []*viewer {
	if s.host == nil {
		return slices.Clone(s.others)
	}
	return append([]*viewer{s.host}, s.others...)
}

// named returns the viewer of a peer's name, nil if there is none at that seat:
// a name that has come to others is of no use to them.
func (s *seats) named(peer events.Peer) *viewer {
	for _, v := range s.all() {
		if v.name() == peer.Name && v.view.seat == peer.Seat {
			return v
		}
	}
	return nil
}

func (s *seats) has(v *viewer) bool { return v == s.host || slices.Contains(s.others, v) }

// count counts the seats of a role.
func (s *seats) count(role events.SeatRole) int {
	n := 0
	for _, v := range s.all() {
		if v.view.seat.Role == role {
			n++
		}
	}
	return n
}

// connect answers an offer from a seat.
func (s *slot) connect(r connect) connected {
	if _, ok := s.seats.people.may(r.seat); !ok {
		return connected{err: ErrNoSeat}
	}
	spectator := r.seat.Role == events.SeatOfSpectator
	if spectator && (s.seats.count(events.SeatOfSpectator) >= maxSpectators || s.seats.hall.Load() >= hallSpectators) {
		return connected{err: ErrFull}
	}
	next, answer, err := s.openViewer(r)
	if err != nil {
		return connected{err: err}
	}
	switch r.seat.Role {
	case events.SeatOfHost:
		s.replace(s.seats.host)
		s.seats.host = next
	case events.SeatOfGuest:
		s.replace(s.guest(r.seat.Player))
		s.seats.others = append(s.seats.others, next)
	default:
		s.seats.hall.Add(1)
		s.seats.others = append(s.seats.others, next)
	}
	s.suit()
	return connected{peer: next.name(), answer: answer}
}

// guest returns the viewer that a guest has.
func (s *slot) guest(player events.PlayerID) *viewer {
	for _, v := range s.seats.others {
		if v.view.seat.Role == events.SeatOfGuest && v.view.seat.Player == player {
			return v
		}
	}
	return nil
}

// replace closes the viewer that another one takes the seat of.
func (s *slot) replace(v *viewer) {
	if v != nil {
		v.farewell(`{"type":"replaced"}`)
		s.closeViewer(v)
	}
}

// suit has the picture made in what all take who are shown it.
func (s *slot) suit() {
	var takes [][]transport.Codec
	for _, v := range s.seats.all() {
		if v.view.picture.Load() == s.stage.picture {
			takes = append(takes, v.peer.Codecs())
		}
	}
	if len(takes) > 0 {
		s.stage.picture.encoding.suit(takes...)
	}
}

// reseat heeds what the log says of people: who has no seat any more goes, and
// who plays may do what they may do now.
func (s *slot) reseat() {
	for _, v := range s.seats.all() {
		granted, ok := s.seats.people.may(v.view.seat)
		if !ok {
			v.farewell(`{"type":"removed"}`)
			s.closeViewer(v)
			continue
		}
		if err := v.allow(granted); err != nil {
			s.log.Warn("keys could not be released", "error", err)
		}
	}
	s.announce()
}

// announce tells all pages who is here, whether it is recorded and whether it
// is paused; who only watches, how many they are.
func (s *slot) announce() {
	var here []events.PlayerID
	watching := 0
	for _, v := range s.seats.all() {
		switch {
		case !v.connected():
		case v.view.seat.Role == events.SeatOfSpectator:
			watching++
		default:
			here = append(here, v.view.seat.Player)
		}
	}
	recorded := s.recording.current != nil
	players, spectators := hereText(here, watching, recorded, s.paused), hereText(nil, watching, recorded, s.paused)
	for _, v := range s.seats.all() {
		switch {
		case !v.connected():
		case v.view.seat.Role == events.SeatOfSpectator:
			v.tell(spectators)
		default:
			v.tell(players)
		}
	}
}

// show lets the pictures run for who is connected.
func (s *slot) show() {
	if s.paused {
		return
	}
	for _, v := range s.seats.all() {
		if v.connected() {
			v.begin(time.Now())
		}
	}
}

// settle stops the pictures for all, and reports the host's figures since the
// last window.
func (s *slot) settle(now time.Time) {
	for _, v := range s.seats.all() {
		s.settleOne(v, now)
	}
}

func (s *slot) settleOne(v *viewer, now time.Time) {
	if window, ok := v.end(now); ok && v == s.seats.host {
		s.out.put(Measured{Window: window})
	}
}

// measure reports the host's figures of a window that has ended, and moves
// guests to the picture that their path carries. The others' figures only log
// what was refused of theirs.
func (s *slot) measure(now time.Time) {
	for _, v := range s.seats.all() {
		if window, ok := v.roll(now); ok && v == s.seats.host {
			s.out.put(Measured{Window: window})
		}
		s.fit(v, now)
	}
}

// closeViewer lets a viewer go while the game goes on.
func (s *slot) closeViewer(v *viewer) {
	if v == nil || !s.seats.has(v) {
		return
	}
	s.settleOne(v, time.Now())
	s.closePeer(v)
	// After the peer has ended, so that nothing is pressed behind it.
	if err := v.release(); err != nil {
		s.log.Debug("keys could not be released", "error", err)
	}
	if v == s.seats.host {
		s.seats.host = nil
	}
	s.seats.others = slices.DeleteFunc(s.seats.others, func(other *viewer) bool { return other == v })
	if v.view.seat.Role == events.SeatOfSpectator {
		s.seats.hall.Add(-1)
	}
	s.suit()
	s.tidy()
	s.announce()
}

func (s *slot) closePeer(v *viewer) {
	if err := v.close(); err != nil {
		s.log.Warn("close the peer", "error", err)
	}
}

// closePeers closes all peers, for a stage that is being closed beside.
func (s *slot) closePeers(group *sync.WaitGroup) {
	for _, v := range s.seats.all() {
		if v.view.seat.Role == events.SeatOfSpectator {
			s.seats.hall.Add(-1)
		}
		group.Go(func() { s.closePeer(v) })
	}
}
