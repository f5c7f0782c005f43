// Package gateway is the door: HTTP, WebSocket and WHEP in, commands and
// queries out, and the web client.
//
//	browser ─▶ security headers ─▶ route ─▶ who is it? ─▶ may they? ─▶ command │ query │ media
//	   ▲                                                                          │
//	   └───────────────────── JSON, or a problem body ◀──────────────────────────┘
//
// The interface is openapi.yaml; internal/api is generated from it. A handler
// here decodes, authorises and calls; it decides nothing.
package gateway

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/gateway/auth"
	"github.com/playcast/playcast/gateway/internal/api"
	"github.com/playcast/playcast/gateway/web"
	"github.com/playcast/playcast/queries"
)

// Media is what the gateway forwards signalling to: the worker that holds the
// session. Errors are faults.
type Media interface {
	// Connect answers an offer from a seat in the session, which the gateway has
	// checked, with an SDP answer and the new peer's name.
	Connect(ctx context.Context, session events.SessionID, seat events.Seat, offer string) (peer, answer string, err error)
	// Trickle hands on trickled candidates (an SDP fragment, RFC 8840) for the
	// ICE session that the ice-ufrag of the last answer names.
	Trickle(ctx context.Context, peer events.Peer, ice, fragment string) error
	// Restart begins a new ICE session, and answers a fragment with one.
	Restart(ctx context.Context, peer events.Peer, fragment string) (answer string, err error)
	// Disconnect closes a peer.
	Disconnect(ctx context.Context, peer events.Peer) error
	// Relays are those that the session's media may be reached by; none where
	// it needs none.
	Relays(ctx context.Context, session events.SessionID) ([]ICEServer, error)
}

// ICEServer is a relay for the media, with credentials to use it.
type ICEServer struct {
	URL                  string
	Username, Credential string
}

// Config says how the gateway is reached and whom it trusts.
type Config struct {
	// PublicURL is the origin that browsers use ("http://localhost:8080").
	// Required.
	PublicURL string
	// Issuer, ClientID and Scopes tell the web client how to sign in. Required.
	Issuer   string
	ClientID string
	Scopes   string
	// DevIssuer, if any, is served below DevPattern ("/dev/").
	DevIssuer  http.Handler
	DevPattern string
	// RequestsPerMinute and MessagesPerMinute bound what a player sends, by
	// HTTP and over all their sockets. Zero: 100 and 1000.
	RequestsPerMinute int
	MessagesPerMinute int
	// OpenSessions bounds the sessions that a player has open at once who has no
	// plan, which says so itself. Zero: 3.
	OpenSessions int
	// PlansRequired lets nobody play who has neither a plan nor credits.
	PlansRequired bool
	// Recordings says what is told of recordings, and how links to them are made.
	Recordings RecordingConfig
	Lease      LeaseConfig
}

// Validate says what is missing.
func (c Config) Validate() error {
	if _, err := parseSite(c.PublicURL); err != nil {
		return fmt.Errorf("the gateway's public URL: %w", err)
	}
	if c.RequestsPerMinute < 0 || c.MessagesPerMinute < 0 || c.OpenSessions < 0 {
		return errors.New("the gateway's limits can't be negative")
	}
	if c.Issuer == "" || c.ClientID == "" || c.Scopes == "" {
		return errors.New("the gateway needs an issuer, a client id and scopes to sign players in")
	}
	return c.Recordings.Validate()
}

// Gateway serves the platform to browsers. It is an http.Handler; Close ends
// its sockets.
type Gateway struct {
	config   Config
	public   site
	commands *commands.Handler
	queries  *queries.DB
	sources
	verifier *auth.Verifier
	log      *slog.Logger
	handler  http.Handler
	sockets  *sockets
	memories
	bounds  bounds
	present *attendance
}

// sources are where players' pictures and sound come from.
type sources struct {
	media Media
	tapes tapes
}

// bounds are what a player may ask for.
type bounds struct {
	requests *limits[events.PlayerID]
	messages *limits[events.PlayerID]
	sessions *admission
	parts    *limits[events.PlayerID] // of recordings

	// Of who need not be signed in: uses of codes and links, by where they come
	// from, and by the code.
	addresses *limits[string]
	codes     *limits[events.CodeHash]
}

var (
	_ http.Handler        = (*Gateway)(nil)
	_ api.ServerInterface = (*Gateway)(nil)
)

// Parts are what the gateway works with; all are required and stay their
// owner's.
type Parts struct {
	Commands *commands.Handler
	Queries  *queries.DB
	Media    Media
	Verifier *auth.Verifier
	Keys     Keys
	Log      *slog.Logger
	// Recordings are the media of recordings. Nil: nothing is recorded here.
	Recordings Recordings
}

// New returns a gateway.
func New(config Config, parts Parts) (*Gateway, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	public, err := parseSite(config.PublicURL)
	if err != nil {
		return nil, err
	}
	g := &Gateway{
		config: config, public: public, commands: parts.Commands, queries: parts.Queries,
		memories: memories{names: newNames()},
		sources:  sources{media: parts.Media, tapes: newTapes(config, parts)}, verifier: parts.Verifier, log: parts.Log,
		bounds: bounds{
			requests: newLimits[events.PlayerID](cmp.Or(config.RequestsPerMinute, 100), time.Now),
			messages: newLimits[events.PlayerID](cmp.Or(config.MessagesPerMinute, 1000), time.Now),
			sessions: newAdmission(cmp.Or(config.OpenSessions, 3)),
			parts:    newLimits[events.PlayerID](10*cmp.Or(config.RequestsPerMinute, 100), time.Now),

			addresses: newLimits[string](manyAtOnce*cmp.Or(config.RequestsPerMinute, 100), time.Now),
			codes:     newLimits[events.CodeHash](usesOfACode, time.Now),
		},
	}
	lease := &lease{commands: parts.Commands, config: config.Lease, log: parts.Log}
	g.present = newAttendance(lease, parts.Commands, parts.Log)
	g.sockets = newSockets(g)
	if g.handler, err = g.routes(); err != nil {
		return nil, err
	}
	return g, nil
}

// manyAtOnce is how many people's requests one address may send: it may be a
// household's, or a proxy's. Codes of 128 bits are guessed no sooner for that.
const manyAtOnce = 10

// usesOfACode bounds what is asked by one code in a minute: many may watch, and
// each of them asks several times.
const usesOfACode = 1000

// anything below /v1/ that is no operation.
const anything = "/v1/"

func (g *Gateway) routes() (http.Handler, error) {
	mux := http.NewServeMux()
	api.HandlerWithOptions(g, api.StdHTTPServerOptions{
		BaseRouter:       mux,
		ErrorHandlerFunc: func(w http.ResponseWriter, r *http.Request, err error) { g.refuse(w, r, badParameter(err)) },
	})
	mux.HandleFunc("GET /v1/ws", g.sockets.serve)
	mux.HandleFunc(anything, g.noOperation(mux))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.Handle("/", g.canonical(pages(web.Files())))
	protection := http.NewCrossOriginProtection()
	// Behind a proxy the Host of a request may be another one.
	if err := protection.AddTrustedOrigin(g.public.origin()); err != nil {
		return nil, fmt.Errorf("trust the public page: %w", err)
	}
	protection.AddInsecureBypassPattern(watchPattern)
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { g.refuse(w, r, errOtherSite) }))
	handler := g.secure(protection.Handler(mux))
	if g.config.DevIssuer == nil {
		return handler, nil
	}
	outer := http.NewServeMux()
	outer.Handle(g.config.DevPattern, g.config.DevIssuer)
	outer.Handle("/", handler)
	return outer, nil
}

// noOperation tells an address that does not exist from one that takes other
// methods.
func (g *Gateway) noOperation(mux *http.ServeMux) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var allowed []string
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete, http.MethodOptions} {
			if _, pattern := mux.Handler(&http.Request{Method: method, URL: r.URL, Host: r.Host}); pattern != anything {
				allowed = append(allowed, method)
			}
		}
		if len(allowed) == 0 {
			g.refuse(w, r, errNoRoute)
			return
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		g.refuse(w, r, errMethod)
	}
}

func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.handler.ServeHTTP(w, r) }

// Close ends every socket and waits for them, for as long as a client may take
// to read what it is being sent (writeWithin) and to hear of the end.
func (g *Gateway) Close() {
	g.present.close()
	g.sockets.close()
}

// Register announces this process of the gateway, before people are let in.
func (g *Gateway) Register(ctx context.Context) error { return g.present.lease.register(ctx) }

// KeepLease registers it again whenever others have found it lost, until the
// context ends. Its only error is that it can't be.
func (g *Gateway) KeepLease(ctx context.Context) error { return g.present.lease.keep(ctx) }

// Incarnation is what is told to who asks whether this process is there.
func (g *Gateway) Incarnation() string { return g.present.lease.asked() }

// Leave says, after Close, that this process is no more.
func (g *Gateway) Leave(ctx context.Context) error { return g.present.lease.stop(ctx) }
