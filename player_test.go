package main_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	client "github.com/playcast/playcast/bench/player"
	"github.com/playcast/playcast/events"
)

// player is somebody signed in, who calls the gateway as the page does.
type player struct {
	t       *testing.T
	url     string
	account *client.Account
	http    *http.Client
	token   string
}

// signIn goes through the development issuer's pages.
func (p *product) signIn(name string) *player {
	p.t.Helper()
	account, err := client.SignIn(p.t.Context(), client.Config{URL: p.url, Name: name, Password: p.passwords[name]})
	if err != nil {
		p.t.Fatal(err)
	}
	transport := &http.Transport{}
	p.t.Cleanup(func() {
		transport.CloseIdleConnections()
		account.Close()
	})
	return &player{t: p.t, url: p.url, account: account, token: account.Token(), http: &http.Client{Transport: transport, Timeout: bound}}
}

// reply is an HTTP answer, read to its end.
type reply struct {
	*http.Response
	body []byte
}

func (r reply) String() string { return r.Status + " " + string(r.body) }

// sdp is a body of a description of a session.
type sdp string

// do sends a request. A body is a form, SDP, or anything as JSON.
func (c *player) do(method, address string, body any, header ...string) reply {
	c.t.Helper()
	content, media := []byte(nil), ""
	switch body := body.(type) {
	case nil:
	case sdp:
		content, media = []byte(body), "application/sdp"
	default:
		var err error
		if content, err = json.Marshal(body); err != nil {
			c.t.Fatal(err)
		}
		media = "application/json"
	}
	r, err := http.NewRequestWithContext(c.t.Context(), method, address, bytes.NewReader(content))
	if err != nil {
		c.t.Fatal(err)
	}
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	response, err := c.http.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return reply{response, read}
}

// must wants an answer of a status, and reads its body into a value.
func (c *player) must(status int, r reply, into any) {
	c.t.Helper()
	if r.StatusCode != status {
		c.t.Fatalf("%s %s: %s, want %d", r.Request.Method, r.Request.URL, r, status)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(r.body, into); err != nil {
		c.t.Fatalf("%s %s: %s: %v", r.Request.Method, r.Request.URL, r, err)
	}
}

// accepted is a command's answer.
type accepted struct {
	Session  string
	Position string
}

// session is one as the gateway shows it.
type session struct {
	ID, Game, Player, State string
	EndReason, FailureCause string
	Position                string
	QueuePlace              int
	PlayedMs, BilledMs      int64
	RequestedAt, EndedAt    time.Time
}

// request asks for a session of a game.
func (c *player) request(game events.GameID) string {
	c.t.Helper()
	var done accepted
	c.must(http.StatusCreated, c.do(http.MethodPost, c.url+"/v1/sessions", map[string]any{"game": game}), &done)
	c.see(done)
	return done.Session
}

// see waits until the session's view has passed a command's answer.
func (c *player) see(done accepted) session {
	c.t.Helper()
	var s session
	c.must(http.StatusOK, c.do(http.MethodGet, c.url+"/v1/sessions/"+done.Session+"?position="+done.Position, nil), &s)
	return s
}

// steer pauses, resumes or ends a session.
func (c *player) steer(id, what string) {
	c.t.Helper()
	var done accepted
	c.must(http.StatusOK, c.do(http.MethodPost, c.url+"/v1/sessions/"+id+"/"+what, nil), &done)
	c.see(done)
}

// history is the player's sessions, newest first.
func (c *player) history() []session {
	c.t.Helper()
	var page struct{ Sessions []session }
	c.must(http.StatusOK, c.do(http.MethodGet, c.url+"/v1/sessions?limit=100", nil), &page)
	return page.Sessions
}

// await returns the session when it is in one of the states. It does not wait
// for a session that is over.
func (c *player) await(id string, states ...events.SessionState) session {
	c.t.Helper()
	return c.watch(id, fmt.Sprint("to be ", states), func(s session) bool {
		state := events.SessionState(s.State)
		if !slices.Contains(states, state) && state.Over() {
			c.t.Fatalf("the session is over: %+v", s)
		}
		return slices.Contains(states, state)
	})
}

// awaitBilled returns the session when all of its play is on the account.
func (c *player) awaitBilled(id string) session {
	c.t.Helper()
	return c.watch(id, "to be billed", func(s session) bool { return s.BilledMs == s.PlayedMs })
}

// hello opens a socket of a device; empty: of one that is of no other.
func (c *player) hello(device string) *websocket.Conn {
	c.t.Helper()
	address := strings.Replace(c.url, "http://", "ws://", 1) + "/v1/ws"
	conn, _, err := websocket.DefaultDialer.DialContext(c.t.Context(), address, http.Header{"Origin": {c.url}})
	if err == nil {
		err = errors.Join(conn.SetReadDeadline(time.Now().Add(bound)), conn.WriteJSON(map[string]string{"type": "hello", "token": c.token, "device": device}))
	}
	if err != nil {
		c.t.Fatal(err)
	}
	return conn
}

// watch returns the session when a condition holds, as the page learns of it:
// by the states that the gateway pushes.
func (c *player) watch(id, what string, condition func(session) bool) session {
	c.t.Helper()
	conn := c.hello("")
	defer conn.Close()
	if err := conn.WriteJSON(map[string]string{"type": "watch", "view": "session", "key": id}); err != nil {
		c.t.Fatal(err)
	}
	var last session
	for {
		var push struct {
			Type, Code string
			State      session
		}
		if err := conn.ReadJSON(&push); err != nil {
			c.t.Fatalf("wait for the session %s: %v; it was %+v", what, err, last)
		}
		switch push.Type {
		case "error":
			c.t.Fatalf("watch the session: %s", push.Code)
		case "state":
			if last = push.State; condition(last) {
				return last
			}
		}
	}
}
