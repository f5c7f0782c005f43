package gateway_test

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/gateway"
)

// What the worker's side of signalling refuses.
var (
	errNotSDP      = &events.Fault{Kind: events.Invalid, Code: "not-sdp", Message: "The offer is not SDP."}
	errICE         = &events.Fault{Kind: events.Outdated, Code: "ice-session-over", Message: "There is another ICE session."}
	errPeerUnknown = &events.Fault{Kind: events.NotFound, Code: "unknown-peer", Message: "This connection has ended."}
)

// media keeps one peer a session, as a worker does, and reports it connected
// with the answer, and lost when it leaves.
type media struct {
	handler *commands.Handler

	mu        sync.Mutex
	connected int
	peers     map[events.SessionID]string
	fragments map[string][]string // a peer's
	restarts  map[string][]string // a peer's
	seated    []events.Seat       // beside the host
}

var _ gateway.Media = (*media)(nil)

func newMedia(handler *commands.Handler) *media {
	return &media{handler: handler, peers: map[events.SessionID]string{}, fragments: map[string][]string{}, restarts: map[string][]string{}}
}

func (m *media) Connect(ctx context.Context, id events.SessionID, seat events.Seat, offer string) (peer, answer string, err error) {
	if !strings.HasPrefix(offer, "v=0") {
		return "", "", errNotSDP
	}
	if err := seat.Validate(); err != nil {
		return "", "", err
	}
	if seat.Role != events.SeatOfHost {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.seated = append(m.seated, seat)
		return "other", answerOf("v=0 answer to a " + string(seat.Role)), nil
	}
	report := commands.By(events.ByWorker(worker))
	if _, err := m.handler.Do(ctx, commands.Issue(session.Activate{Session: id}, report)); err != nil {
		return "", "", err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.connected++
	m.peers[id] = fmt.Sprintf("peer/%d", m.connected) // a name that an address must escape
	return m.peers[id], answerOf("v=0 answer to " + offer), nil
}

// answerOf is an answer of the first ICE session.
func answerOf(text string) string { return text + "\r\na=ice-ufrag:one\r\n" }

func (m *media) Trickle(_ context.Context, named events.Peer, ice, fragment string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	peer := named.Name
	if !m.has(named) {
		return errPeerUnknown
	}
	present := "one"
	if len(m.restarts[peer]) > 0 {
		present = "two"
	}
	if ice != present {
		return errICE
	}
	m.fragments[peer] = append(m.fragments[peer], fragment)
	return nil
}

func (m *media) Restart(_ context.Context, named events.Peer, fragment string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	peer := named.Name
	if !m.has(named) {
		return "", errPeerUnknown
	}
	m.restarts[peer] = append(m.restarts[peer], fragment)
	return "a=ice-ufrag:two\r\na=ice-pwd:new\r\n", nil
}

func (m *media) Disconnect(ctx context.Context, peer events.Peer) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	id := peer.Session
	if !m.has(peer) {
		return errPeerUnknown
	}
	delete(m.peers, id)
	_, err := m.handler.Do(ctx, commands.Issue(session.Interrupt{Session: id, Cause: "left"}, commands.By(events.ByWorker(worker))))
	return err
}

// has says whether the peer is the host's, for whom it is asked: the one that is
// kept.
func (m *media) has(peer events.Peer) bool {
	return m.peers[peer.Session] == peer.Name && peer.Seat.Role == events.SeatOfHost
}

func (m *media) Relays(_ context.Context, id events.SessionID) ([]gateway.ICEServer, error) {
	return []gateway.ICEServer{{URL: "turn:relay.example.org:3478?transport=udp", Username: "1:" + id.String(), Credential: "secret"}}, nil
}
