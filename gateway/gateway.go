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
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"

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
	// Connect answers an offer with an SDP answer and the new peer's name.
	Connect(ctx context.Context, session events.SessionID, offer string) (peer, answer string, err error)
	// Trickle hands on trickled candidates (an SDP fragment, RFC 8840).
	Trickle(ctx context.Context, session events.SessionID, peer, fragment string) error
	// Disconnect closes a peer.
	Disconnect(ctx context.Context, session events.SessionID, peer string) error
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
}

// Validate says what is missing.
func (c Config) Validate() error {
	public, err := url.Parse(c.PublicURL)
	if err != nil || public.Host == "" || public.Path != "" {
		return errors.New("the gateway's public URL must be an origin, like https://play.example.org")
	}
	if c.Issuer == "" || c.ClientID == "" || c.Scopes == "" {
		return errors.New("the gateway needs an issuer, a client id and scopes to sign players in")
	}
	return nil
}

// Gateway serves the platform to browsers. It is an http.Handler; Close ends
// its sockets.
type Gateway struct {
	config   Config
	commands *commands.Handler
	queries  *queries.DB
	media    Media
	verifier *auth.Verifier
	log      *slog.Logger
	handler  http.Handler
	sockets  *sockets
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
	Log      *slog.Logger
}

// New returns a gateway.
func New(config Config, parts Parts) (*Gateway, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	g := &Gateway{
		config: config, commands: parts.Commands, queries: parts.Queries,
		media: parts.Media, verifier: parts.Verifier, log: parts.Log,
	}
	g.sockets = newSockets(g)
	mux := http.NewServeMux()
	api.HandlerWithOptions(g, api.StdHTTPServerOptions{
		BaseRouter:       mux,
		ErrorHandlerFunc: func(w http.ResponseWriter, r *http.Request, err error) { g.refuse(w, r, badParameter(err)) },
	})
	mux.HandleFunc("GET /v1/ws", g.sockets.serve)
	mux.HandleFunc("/v1/", func(w http.ResponseWriter, r *http.Request) { g.refuse(w, r, errNoRoute) })
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.Handle("/", g.canonical(pages(web.Files())))
	g.handler = g.secure(http.NewCrossOriginProtection().Handler(mux))
	if config.DevIssuer != nil {
		outer := http.NewServeMux()
		outer.Handle(config.DevPattern, config.DevIssuer)
		outer.Handle("/", g.handler)
		g.handler = outer
	}
	return g, nil
}

func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.handler.ServeHTTP(w, r) }

// Close ends every socket and waits for them.
func (g *Gateway) Close() { g.sockets.close() }
