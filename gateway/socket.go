package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/gateway/auth"
	"github.com/playcast/playcast/gateway/internal/api"
	"github.com/playcast/playcast/queries"
)

// inbound is a client's message: hello with a token and the device's id, watch
// and unwatch with a view and key.
type inbound struct {
	Type   string `json:"type"`
	Token  string `json:"token"`
	Device string `json:"device"`
	View   string `json:"view"`
	Key    string `json:"key"`

	tooLarge bool // it was not read
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
	watched  map[events.SessionID]events.SessionState // as last pushed; owed: it could not be read
	again    *time.Timer                              // until what is owed is tried again
	attended sync.WaitGroup                           // the recording of who is there
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
	s.expiry, s.again = time.NewTimer(helloWithin), time.NewTimer(0)
	err := s.loop(ctx, messages, changes)
	if err != nil && !errors.Is(err, errClosed) && ctx.Err() == nil {
		s.gateway.log.Debug("a socket has ended", "error", err)
	}
	s.expiry.Stop()
	s.again.Stop()
	changes.Close()
	cancel()
	if errors.Is(err, errClosed) {
		s.farewell(read)
	}
	// The reader ends with the connection. What closing it says is of no use
	// to anybody.
	_ = s.conn.Close()
	<-read
	s.attended.Wait()
}

// farewell waits a moment for the client's side of a close, once the reader is
// told to end. A connection that is closed over unread bytes is reset, and the
// reset would overtake the close message.
func (s *socket) farewell(read <-chan struct{}) {
	if err := s.conn.SetReadDeadline(time.Now().Add(closeWithin)); err != nil {
		return
	}
	<-read
	for {
		if _, _, err := s.conn.NextReader(); err != nil {
			return
		}
	}
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
			err = s.ping(ctx)
		case <-s.again.C:
			err = s.pushAll(ctx, func(state events.SessionState) bool { return state == owed })
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

// ping asks whether the client is there, and pushes what waits: the estimate of a
// wait grows while nothing happens.
func (s *socket) ping(ctx context.Context) error {
	if err := s.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWithin)); err != nil {
		return err
	}
	return s.pushAll(ctx, waits)
}

// pushAll pushes what is in certain states.
func (s *socket) pushAll(ctx context.Context, in func(events.SessionState) bool) error {
	for id, state := range s.watched {
		if in(state) {
			if err := s.push(ctx, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// owed stands for the state of what is watched and can't be read at the moment.
const owed events.SessionState = "owed"

func waits(state events.SessionState) bool {
	return state == events.SessionIsRequested || state == events.SessionIsQueued
}

// read hands on the client's messages until the context ends or the connection
// fails.
func (s *socket) read(ctx context.Context, to chan<- inbound) {
	// The context is looked at after the deadline is set: the one of farewell
	// comes after the end of the context, and so is never put off.
	patience := func(string) error {
		if err := s.conn.SetReadDeadline(time.Now().Add(silentWithin)); err != nil {
			return err
		}
		return ctx.Err()
	}
	s.conn.SetPongHandler(patience)
	for {
		if err := patience(""); err != nil {
			return
		}
		m, err := s.receive()
		if err != nil {
			return
		}
		select {
		case to <- m:
		case <-ctx.Done():
			return
		}
	}
}

// receive reads one message. What does not parse is of no known type.
func (s *socket) receive() (inbound, error) {
	_, message, err := s.conn.NextReader()
	if err != nil {
		return inbound{}, err
	}
	raw, err := io.ReadAll(io.LimitReader(message, maxMessage+1))
	if err != nil {
		return inbound{}, err
	}
	if len(raw) > maxMessage {
		return inbound{tooLarge: true}, nil
	}
	var m inbound
	if err := json.Unmarshal(raw, &m); err != nil {
		return inbound{}, nil
	}
	return m, nil
}

func (s *socket) handle(ctx context.Context, m inbound) error {
	switch {
	case m.tooLarge:
		return s.end(closeTooLarge, "the message is too large")
	case m.Type == "hello":
		if err := s.hello(ctx, m); err != nil {
			return err
		}
	case s.identity == nil:
		return s.end(closeSignIn, "the first message is a hello with a token")
	}
	if err := s.gateway.bounds.messages.take(s.identity.Player); err != nil {
		return s.end(closeTooMany, "too many messages in a short time")
	}
	if m.Type == "hello" {
		return s.write(outbound{Type: "welcome"})
	}
	return s.subscribe(ctx, m)
}

// subscribe carries out a watch or an unwatch.
func (s *socket) subscribe(ctx context.Context, m inbound) error {
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
	if _, again := s.watched[id]; !again && len(s.watched) >= maxWatches {
		return s.end(closeTooManyKeys, "too many watches on one socket")
	}
	return s.push(ctx, id)
}

// hello takes on, or renews, the identity of a token. With the first one, the
// player is there over their device.
func (s *socket) hello(ctx context.Context, m inbound) error {
	identity, err := s.gateway.verifier.Verify(ctx, m.Token)
	if errors.Is(err, auth.ErrExpired) {
		return s.end(closeExpired, "the token has expired")
	}
	if err == nil {
		err = identity.Require(auth.ReadOwn)
	}
	if err == nil && s.identity != nil && s.identity.Player != identity.Player {
		err = auth.ErrForbidden
	}
	switch f := fault(err); {
	case err != nil && f.Kind == events.Unavailable:
		return s.end(closeGoingAway, f.Code)
	case err != nil:
		return s.end(closeSignIn, f.Code)
	}
	if s.identity == nil {
		if _, err := events.ParseDeviceID(m.Device); m.Device != "" && err != nil {
			return s.end(closeBadMessage, "a device's id has 1 to 64 of a-z, 0-9 and '-'")
		}
		s.attended.Go(func() { s.gateway.present.attend(ctx, identity.Player, events.DeviceID(m.Device)) })
	}
	s.identity = &identity
	s.gateway.names.note(identity)
	s.expiry.Reset(time.Until(identity.Expires))
	return nil
}

// changed pushes what a change may concern, of the views that a session's state
// is made of. A place in the queue changes when others leave it.
func (s *socket) changed(ctx context.Context, c queries.Change) error {
	switch c.View {
	case "", queries.ViewSession, queries.ViewAccount:
	default:
		return nil
	}
	for id, state := range s.watched {
		if c.Touches(string(events.SessionStream(id))) || waits(state) && c.View == queries.ViewSession && len(c.Keys) > 0 {
			if err := s.push(ctx, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// push sends the present state. One that can't be read is told and not watched,
// unless it is the read side that is away, or behind: then it is owed.
func (s *socket) push(ctx context.Context, id events.SessionID) error {
	found, err := s.gateway.readable(ctx, *s.identity, id)
	var body api.Session
	if err == nil {
		body, err = s.gateway.sharedBody(ctx, *s.identity, found)
	}
	if ctx.Err() != nil {
		return ctx.Err() // the socket ends: there is nobody to tell, and nothing failed
	}
	if away(err) || errors.Is(err, queries.ErrBehind) {
		return s.owe(id, err)
	}
	if err != nil {
		delete(s.watched, id)
		return s.refuse(id.String(), err)
	}
	s.watched[id] = found.State
	return s.write(outbound{Type: "state", View: queries.ViewSession, Key: id.String(), Position: body.Position, State: &body})
}

// owe tells once that a state can't be read, and has it tried again.
func (s *socket) owe(id events.SessionID, err error) error {
	s.again.Reset(owedAgain)
	told := s.watched[id] == owed
	if s.watched[id] = owed; told {
		return nil
	}
	return s.refuse(id.String(), err)
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
