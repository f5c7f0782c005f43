package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/gorilla/websocket"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/gateway/auth"
	"github.com/playcast/playcast/gateway/internal/api"
	"github.com/playcast/playcast/queries"
)

// inbound is a client's message: hello with a token, watch and unwatch with a
// view and key.
type inbound struct {
	Type  string `json:"type"`
	Token string `json:"token"`
	View  string `json:"view"`
	Key   string `json:"key"`
}

// outbound is the gateway's message: welcome, state, or error.
type outbound struct {
	Type     string       `json:"type"`
	View     string       `json:"view,omitempty"`
	Key      string       `json:"key,omitempty"`
	Position string       `json:"position,omitempty"`
	State    *api.Session `json:"state,omitempty"`
	Code     string       `json:"code,omitempty"`
	Title    string       `json:"title,omitempty"`
}

// socket pushes the state of what its client watches. The goroutine of run
// owns everything here and does all the writing; a second one reads.
type socket struct {
	gateway  *Gateway
	conn     *websocket.Conn
	identity *auth.Identity // nil until hello
	expiry   *time.Timer
	watched  map[events.SessionID]events.SessionState // as last pushed
}

func newSocket(g *Gateway, conn *websocket.Conn) *socket {
	return &socket{gateway: g, conn: conn, watched: map[events.SessionID]events.SessionState{}}
}

// errClosed ends a socket that said why in its close message.
var errClosed = errors.New("the socket is closed")

func (s *socket) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	messages := make(chan inbound)
	read := make(chan struct{})
	go func() {
		defer close(read)
		defer cancel()
		s.read(ctx, messages)
	}()
	changes := s.gateway.queries.Watch()
	s.expiry = time.NewTimer(helloWithin)
	err := s.loop(ctx, messages, changes)
	if err != nil && !errors.Is(err, errClosed) && ctx.Err() == nil {
		s.gateway.log.Debug("a socket has ended", "error", err)
	}
	s.expiry.Stop()
	changes.Close()
	// The reader ends with the connection.
	_ = s.conn.Close()
	cancel()
	<-read
}

func (s *socket) loop(ctx context.Context, messages <-chan inbound, changes *queries.Watch) error {
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	for {
		var err error
		select {
		case m := <-messages:
			err = s.handle(ctx, m)
		case c := <-changes.C:
			err = s.changed(ctx, c)
		case <-ping.C:
			err = s.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWithin))
		case <-s.expiry.C:
			err = s.end(closeExpired, "say hello with a fresh token")
		case <-ctx.Done():
			err = s.end(closeGoingAway, "come back in a moment")
		}
		if err != nil {
			return err
		}
	}
}

// read hands on the client's messages until the connection fails.
func (s *socket) read(ctx context.Context, to chan<- inbound) {
	s.conn.SetReadLimit(maxMessage)
	s.conn.SetPongHandler(func(string) error { return s.conn.SetReadDeadline(time.Now().Add(silentWithin)) })
	for {
		if err := s.conn.SetReadDeadline(time.Now().Add(silentWithin)); err != nil {
			return
		}
		_, raw, err := s.conn.ReadMessage()
		if err != nil {
			return
		}
		var m inbound
		if err := json.Unmarshal(raw, &m); err != nil {
			m = inbound{} // of no known type: refused as such
		}
		select {
		case to <- m:
		case <-ctx.Done():
			return
		}
	}
}

func (s *socket) handle(ctx context.Context, m inbound) error {
	if m.Type == "hello" {
		return s.hello(ctx, m.Token)
	}
	if s.identity == nil {
		return s.end(closeSignIn, "the first message is a hello with a token")
	}
	if m.Type != "watch" && m.Type != "unwatch" || m.View != queries.ViewSession {
		return s.end(closeBadMessage, "a message is a hello, or a watch or unwatch of view session")
	}
	id, err := events.ParseSessionID(m.Key)
	if err != nil {
		return s.refuse(m.Key, errUnknownSession)
	}
	if m.Type == "unwatch" {
		delete(s.watched, id)
		return nil
	}
	if len(s.watched) >= maxWatches {
		return s.end(closeTooManyKeys, "too many watches on one socket")
	}
	return s.push(ctx, id)
}

func (s *socket) hello(ctx context.Context, token string) error {
	identity, err := s.gateway.verifier.Verify(ctx, token)
	if errors.Is(err, auth.ErrExpired) {
		return s.end(closeExpired, "the token has expired")
	}
	if err == nil {
		err = identity.Require(auth.ReadOwn)
	}
	if err == nil && s.identity != nil && s.identity.Player != identity.Player {
		err = auth.ErrForbidden
	}
	if err != nil {
		return s.end(closeSignIn, fault(err).Code)
	}
	s.identity = &identity
	s.expiry.Reset(time.Until(identity.Expires))
	return s.write(outbound{Type: "welcome"})
}

// changed pushes what a change may concern. A place in the queue changes when
// others leave it.
func (s *socket) changed(ctx context.Context, c queries.Change) error {
	for id, state := range s.watched {
		waits := state == events.SessionIsRequested || state == events.SessionIsQueued
		if c.Touches(string(events.SessionStream(id))) || waits && c.View == queries.ViewSession && len(c.Keys) > 0 {
			if err := s.push(ctx, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// push sends the present state. One that can't be read is told and not watched.
func (s *socket) push(ctx context.Context, id events.SessionID) error {
	found, err := s.gateway.readable(ctx, *s.identity, id)
	if err != nil {
		delete(s.watched, id)
		return s.refuse(id.String(), err)
	}
	s.watched[id] = found.State
	body := sessionBody(found)
	return s.write(outbound{Type: "state", View: queries.ViewSession, Key: id.String(), Position: body.Position, State: &body})
}

func (s *socket) refuse(key string, err error) error {
	f := fault(err)
	if f == errInternal {
		s.gateway.log.Error("a push failed", "error", err)
	}
	return s.write(outbound{Type: "error", View: queries.ViewSession, Key: key, Code: f.Code, Title: f.Message})
}

func (s *socket) write(m outbound) error {
	if err := s.conn.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil {
		return err
	}
	return s.conn.WriteJSON(m)
}

// end says why, and ends the socket.
func (s *socket) end(code int, reason string) error {
	message := websocket.FormatCloseMessage(code, reason)
	if err := s.conn.WriteControl(websocket.CloseMessage, message, time.Now().Add(writeWithin)); err != nil {
		return err
	}
	return errClosed
}
