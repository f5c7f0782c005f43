// Package signalling carries a worker's side of WHEP between processes: what a
// gateway is asked about a session is asked of the process that plays it, and
// answered by that. So is whether the process is there at all.
//
//	gateway ─▶ Client ─▶ Remote ── HTTP over TLS ──▶ Server ─▶ Worker
//	leases ──▶ Client.Ask ────────────────────────────▶ its incarnation
//	                                          ServeHere ─▶ a gateway's
//
// Both sides prove that they know the secret of the platform (Secret); nobody
// else is heard. A fault arrives as the fault that it was. What a worker
// answers depends on the session and the seat: whose they are, the gateway has
// checked.
package signalling

import (
	"context"
	"fmt"
	"time"

	"github.com/playcast/playcast/events"
)

// Worker is the worker's side of signalling. Errors that are for the caller are
// faults.
type Worker interface {
	// Connect answers an offer with an SDP answer and the new peer's name.
	Connect(ctx context.Context, session events.SessionID, seat events.Seat, offer string) (peer, answer string, err error)
	// Trickle hands on candidates for the ICE session that the ice-ufrag names.
	Trickle(ctx context.Context, peer events.Peer, ice, fragment string) error
	// Restart begins a new ICE session, and answers a fragment with one.
	Restart(ctx context.Context, peer events.Peer, fragment string) (answer string, err error)
	// Disconnect closes a peer.
	Disconnect(ctx context.Context, peer events.Peer) error
	// Relays are those that the media of a session may be reached by.
	Relays(ctx context.Context, session events.SessionID) ([]Relay, error)
}

// Relay is a TURN server, with credentials to use it.
type Relay struct{ URL, Username, Credential string }

// ErrUnreachable says that the process that plays a session does not answer.
var ErrUnreachable = &events.Fault{Kind: events.Unavailable, Code: "worker-unreachable",
	Message: "The machine that runs this session can't be reached at the moment. Try again."}

// The bounds of a question and its answer. An SDP of 64 KiB, the most that a
// gateway takes, is less than this in JSON.
const (
	maxBody   = 512 << 10
	askWithin = 15 * time.Second
)

// The paths of the questions; each is a POST of JSON.
const (
	pathHere       = "/here"
	pathConnect    = "/connect"
	pathTrickle    = "/trickle"
	pathRestart    = "/restart"
	pathDisconnect = "/disconnect"
	pathRelays     = "/relays"
)

// question is what is asked about a session; what a path has no use for is empty.
type question struct {
	Session  events.SessionID `json:"session"`
	Seat     events.Seat      `json:"seat,omitzero"`
	Peer     string           `json:"peer,omitempty"`
	ICE      string           `json:"ice,omitempty"`
	Fragment string           `json:"fragment,omitempty"`
	Offer    string           `json:"offer,omitempty"`
}

// about is a question about a peer.
func about(p events.Peer) question { return question{Session: p.Session, Seat: p.Seat, Peer: p.Name} }

// peer is what the question is about.
func (q question) peer() events.Peer {
	return events.Peer{Session: q.Session, Seat: q.Seat, Name: q.Peer}
}

// answer is what comes of it.
type answer struct {
	Incarnation string  `json:"incarnation,omitempty"`
	Peer        string  `json:"peer,omitempty"`
	Answer      string  `json:"answer,omitempty"`
	Relays      []Relay `json:"relays,omitempty"`
	Refusal     *fault  `json:"refusal,omitempty"`
}

// fault is an events.Fault on its way. One of no kind is a failure of the
// worker's, which is for the operator alone.
type fault struct {
	Kind    string `json:"kind,omitempty"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message"`
}

// kinds name the kinds of faults on the wire: their numbers are nobody's business.
var kinds = map[events.Kind]string{
	events.Invalid: "invalid", events.Unauthorized: "unauthorized", events.Forbidden: "forbidden",
	events.NotFound: "not-found", events.Conflict: "conflict", events.TooLarge: "too-large",
	events.Unavailable: "unavailable", events.TooMany: "too-many", events.Outdated: "outdated",
}

// err is the error that the fault was.
func (f fault) err() error {
	for kind, name := range kinds {
		if name == f.Kind {
			return &events.Fault{Kind: kind, Code: f.Code, Message: f.Message}
		}
	}
	return fmt.Errorf("the worker failed: %s", f.Message)
}
