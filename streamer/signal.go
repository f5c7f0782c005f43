package streamer

import (
	"context"
	"errors"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/signalling"
	"github.com/playcast/playcast/streamer/transport"
)

var _ signalling.Worker = (*Worker)(nil)

// What signalling refuses.
var (
	ErrNotHere = &events.Fault{Kind: events.Conflict, Code: "session-not-running",
		Message: "The session is not running at the moment. Wait until it is ready, or start a new one."}
	ErrNotReady = &events.Fault{Kind: events.Conflict, Code: "session-not-ready",
		Message: "The game is still starting. Connect when the session is ready."}
	ErrNotSDP = &events.Fault{Kind: events.Invalid, Code: "not-sdp",
		Message: "The offer is not SDP."}
	ErrOffer = &events.Fault{Kind: events.Invalid, Code: "offer-refused",
		Message: "The offer can't be answered."}
	ErrFragment = &events.Fault{Kind: events.Invalid, Code: "candidates-invalid",
		Message: "The candidates can't be read."}
	ErrICE = &events.Fault{Kind: events.Outdated, Code: "ice-session-over",
		Message: "The candidates are of an ICE session that has been followed by another."}
	ErrNoSeat = &events.Fault{Kind: events.Conflict, Code: "no-seat",
		Message: "There is no seat for you in this session at the moment. Ask its host for another invitation."}
	ErrFull = &events.Fault{Kind: events.Unavailable, Code: "too-many-spectators",
		Message: "As many people watch as can at the moment. Try again in a while."}
	ErrPeerUnknown = &events.Fault{Kind: events.NotFound, Code: "unknown-peer",
		Message: "This connection has ended. Connect again."}
)

// Connect answers an offer from a seat in the session, which whoever asks has
// checked. A peer that the host, or the guest, had before is closed.
func (w *Worker) Connect(ctx context.Context, id events.SessionID, seat events.Seat, offer string) (peer, answer string, err error) {
	if err := seat.Validate(); err != nil {
		return "", "", err
	}
	reply := make(chan connected, 1)
	if err := w.ask(ctx, id, connect{ctx: ctx, seat: seat, offer: offer, reply: reply}); err != nil {
		return "", "", err
	}
	got, err := await(ctx, reply)
	if err != nil {
		return "", "", err
	}
	return got.peer, got.answer, signalFault(got.err)
}

// Trickle hands candidates to a peer of the session, for the ICE session that
// is named by the ice-ufrag of the last answer. To a seat that is not the peer's
// there is no such peer.
func (w *Worker) Trickle(ctx context.Context, peer events.Peer, ice, fragment string) error {
	return w.onPeer(ctx, peer, func(p *transport.Peer) error { return p.AddCandidates(ice, fragment) })
}

// Restart begins a new ICE session with a peer of the session, and answers the
// client's side of it with the server's.
func (w *Worker) Restart(ctx context.Context, peer events.Peer, fragment string) (answer string, err error) {
	err = w.onPeer(ctx, peer, func(p *transport.Peer) error {
		answer, err = p.Restart(ctx, fragment)
		return err
	})
	return answer, err
}

// Disconnect closes a peer of the session.
func (w *Worker) Disconnect(ctx context.Context, peer events.Peer) error {
	reply := make(chan error, 1)
	if err := w.ask(ctx, peer.Session, leave{peer: peer, reply: reply}); err != nil {
		return err
	}
	refused, err := await(ctx, reply)
	if err != nil {
		return err
	}
	return refused
}

// Relays are those that the session's media may be reached by. What a session
// relays at once is bounded, so that it is the relays' user.
func (w *Worker) Relays(_ context.Context, id events.SessionID) ([]signalling.Relay, error) {
	var relays []signalling.Relay
	for _, server := range w.parts.Media.ICEServers(id.String()) {
		relays = append(relays, signalling.Relay(server))
	}
	return relays, nil
}

// Has says whether the session runs here.
func (w *Worker) Has(id events.SessionID) bool { return w.slot(id) != nil }

func (w *Worker) onPeer(ctx context.Context, peer events.Peer, use func(*transport.Peer) error) error {
	reply := make(chan *transport.Peer, 1)
	if err := w.ask(ctx, peer.Session, lookup{peer: peer, reply: reply}); err != nil {
		return err
	}
	found, err := await(ctx, reply)
	if err != nil {
		return err
	}
	if found == nil {
		return ErrPeerUnknown
	}
	return signalFault(use(found))
}

// ask sends a request to a session's slot.
func (w *Worker) ask(ctx context.Context, id events.SessionID, r request) error {
	s := w.slot(id)
	if s == nil {
		return ErrNotHere
	}
	select {
	case s.requests <- r:
		return nil
	case <-s.done:
		return ErrNotHere
	case <-ctx.Done():
		return ctx.Err()
	}
}

// await waits for a slot's reply. A slot that ends answers what it was asked.
func await[T any](ctx context.Context, reply <-chan T) (T, error) {
	select {
	case v := <-reply:
		return v, nil
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// signalFault turns what a client got wrong into a fault.
func signalFault(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, transport.ErrNotSDP):
		return ErrNotSDP
	case errors.Is(err, transport.ErrNoVideo), errors.Is(err, transport.ErrNoCodec), errors.Is(err, transport.ErrOfferRefused):
		return ErrOffer.With("The offer can't be answered: " + err.Error() + ".")
	case errors.Is(err, transport.ErrBadFragment), errors.Is(err, transport.ErrTooManyCandidates), errors.Is(err, transport.ErrRestart):
		return ErrFragment.With("The candidates can't be read: " + err.Error() + ".")
	case errors.Is(err, transport.ErrOtherICE):
		return ErrICE
	case errors.Is(err, transport.ErrPeerClosed), errors.Is(err, transport.ErrServerClosed):
		return ErrPeerUnknown
	}
	return err
}
