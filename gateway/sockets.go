package gateway

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// The limits of a socket.
const (
	maxMessage   = 8 << 10 // bytes; an access token is the largest part of any
	maxWatches   = 32
	helloWithin  = 5 * time.Second
	writeWithin  = 5 * time.Second
	closeWithin  = time.Second // for the client's side of a close
	pingEvery    = 20 * time.Second
	owedAgain    = time.Second      // while the read side is away
	silentWithin = 45 * time.Second // two pings and an allowance
)

// Close codes: up to 3499 the client comes back by itself, from 3500 on that
// would not help.
const (
	closeGoingAway   = 3001
	closeExpired     = 3401
	closeTooMany     = 3429
	closeSignIn      = 3501
	closeBadMessage  = 3502
	closeTooManyKeys = 3503
	closeTooLarge    = 3504
)

// sockets owns every open socket.
type sockets struct {
	gateway  *Gateway
	upgrader websocket.Upgrader
	ctx      context.Context // ends with close: sockets outlive their requests
	cancel   context.CancelFunc

	mu     sync.Mutex
	closed bool
	group  sync.WaitGroup
}

func newSockets(g *Gateway) *sockets {
	ctx, cancel := context.WithCancel(context.Background())
	return &sockets{gateway: g, ctx: ctx, cancel: cancel, upgrader: websocket.Upgrader{
		ReadBufferSize: 1 << 10, WriteBufferSize: 4 << 10, WriteBufferPool: &sync.Pool{},
		CheckOrigin: func(r *http.Request) bool { return sameOrigin(r, g.public) },
		Error: func(w http.ResponseWriter, r *http.Request, status int, reason error) {
			refusal := errUpgrade.With("This address is for WebSocket connections only: " + reason.Error() + ".")
			if status == http.StatusForbidden {
				refusal = errOtherSite
			}
			g.refuse(w, r, refusal)
		},
	}}
}

// sameOrigin lets browsers in from the public page only; other clients send no
// origin.
func sameOrigin(r *http.Request, public site) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	given, err := parseSite(origin)
	return err == nil && given == public
}

// serve runs one socket until it ends.
func (s *sockets) serve(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		s.gateway.refuse(w, r, errClosing)
		return
	}
	defer s.group.Done()
	conn, err := s.upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // the upgrader has answered
	}
	newSocket(s.gateway, conn).run(s.ctx)
}

func (s *sockets) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.group.Add(1)
	return true
}

// close keeps new sockets out, ends the open ones, and waits for them.
func (s *sockets) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.cancel()
	s.group.Wait()
}
