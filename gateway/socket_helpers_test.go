package gateway_test

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/playcast/playcast/events"
)

// within bounds what a test waits for: it is an error long before.
const within = 20 * time.Second

// message is one of a client's.
type message struct {
	Type  string `json:"type"`
	Token string `json:"token,omitempty"`
	View  string `json:"view,omitempty"`
	Key   string `json:"key,omitempty"`
}

// pushed is one of the gateway's.
type pushed struct {
	Type, View, Key, Position, Code, Title string
	State                                  shown
}

// wire is a client's end of a socket.
type wire struct {
	t    *testing.T
	conn *websocket.Conn
}

func (s *stack) address() string { return "ws" + strings.TrimPrefix(s.url, "http") + "/v1/ws" }

func (c *client) dial() *wire {
	c.t.Helper()
	return c.dialBy(&websocket.Dialer{}, http.Header{"Origin": {c.url}})
}

func (c *client) dialBy(dialer *websocket.Dialer, header http.Header) *wire {
	c.t.Helper()
	conn, response, err := dialer.DialContext(c.t.Context(), c.address(), header)
	if err != nil {
		c.t.Fatalf("dial: %v (%v)", err, response)
	}
	c.t.Cleanup(func() { conn.Close() })
	return &wire{t: c.t, conn: conn}
}

func (w *wire) send(m message) {
	w.t.Helper()
	if err := w.conn.WriteJSON(m); err != nil {
		w.t.Fatal(err)
	}
}

func (w *wire) sendRaw(text string) {
	w.t.Helper()
	if err := w.conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		w.t.Fatal(err)
	}
}

// next returns the gateway's next message.
func (w *wire) next() pushed {
	w.t.Helper()
	var m pushed
	if err := w.conn.SetReadDeadline(time.Now().Add(within)); err != nil {
		w.t.Fatal(err)
	}
	_, raw, err := w.conn.ReadMessage()
	if err != nil {
		w.t.Fatalf("want a message: %v", err)
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		w.t.Fatalf("%s: %v", raw, err)
	}
	return m
}

func (w *wire) hello(token string) {
	w.t.Helper()
	w.send(message{Type: "hello", Token: token})
	if m := w.next(); m.Type != "welcome" {
		w.t.Fatalf("want a welcome, got %+v", m)
	}
}

// watch begins to watch a session and returns its present state.
func (w *wire) watch(id events.SessionID) shown {
	w.t.Helper()
	w.send(message{Type: "watch", View: "session", Key: id.String()})
	return w.state(id)
}

// state returns the next message, which has to be a session's state.
func (w *wire) state(id events.SessionID) shown {
	w.t.Helper()
	m := w.next()
	if m.Type != "state" || m.View != "session" || m.Key != id.String() || m.Position != m.State.Position {
		w.t.Fatalf("want the state of %s, got %+v", id, m)
	}
	return m.State
}

// closes reads to the end, which has to be a close of a code.
func (w *wire) closes(code int) {
	w.t.Helper()
	if err := w.conn.SetReadDeadline(time.Now().Add(within)); err != nil {
		w.t.Fatal(err)
	}
	for {
		_, raw, err := w.conn.ReadMessage()
		if err == nil {
			w.t.Logf("before the close: %s", raw)
			continue
		}
		var closed *websocket.CloseError
		if !errors.As(err, &closed) || closed.Code != code || closed.Text == "" {
			w.t.Errorf("want a close with %d, got %v", code, err)
		}
		return
	}
}

// narrow makes both directions of a listener's connections hold little.
type narrow struct{ net.Listener }

func (n narrow) Accept() (net.Conn, error) {
	conn, err := n.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return conn, shrink(conn)
}

func shrink(conn net.Conn) error {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return errors.New("not a TCP connection")
	}
	return errors.Join(tcp.SetReadBuffer(4<<10), tcp.SetWriteBuffer(4<<10))
}
