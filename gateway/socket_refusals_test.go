package gateway_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/gorilla/websocket"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/gateway/auth"
)

// shortIssuer makes tokens of any life, which the development issuer does not.
type shortIssuer struct {
	t      *testing.T
	server *httptest.Server
	key    *ecdsa.PrivateKey
}

func newShortIssuer(t *testing.T) *shortIssuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i := &shortIssuer{t: t, key: key}
	i.server = httptest.NewServer(i)
	t.Cleanup(i.server.Close)
	return i
}

func (i *shortIssuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body any = map[string]any{"issuer": i.server.URL, "jwks_uri": i.server.URL + "/keys"}
	if r.URL.Path == "/keys" {
		body = jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: i.key.Public(), KeyID: "k", Algorithm: "ES256", Use: "sig"}}}
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(body); err != nil {
		i.t.Error(err)
	}
}

func (i *shortIssuer) token(subject string, life time.Duration) string {
	i.t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: i.key, KeyID: "k"}}, nil)
	if err != nil {
		i.t.Fatal(err)
	}
	payload, err := json.Marshal(map[string]any{"iss": i.server.URL, "sub": subject, "aud": "playcast",
		"exp": float64(time.Now().Add(life).UnixMilli()) / 1000})
	if err != nil {
		i.t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		i.t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		i.t.Fatal(err)
	}
	return token
}

func (i *shortIssuer) accepted(with *setup) {
	with.verify = func(c *auth.Config) {
		*c = auth.Config{Issuer: i.server.URL, Audience: "playcast", SubjectIsPlayer: true}
	}
}

func TestASocketEndsWithItsToken(t *testing.T) {
	t.Parallel()
	i := newShortIssuer(t)
	s := newStack(t, i.accepted)
	stranger := s.with(t, "")

	late := stranger.dial()
	late.send(message{Type: "hello", Token: i.token("player1", -time.Minute)})
	late.closes(3401)

	renewed := stranger.dial()
	renewed.hello(i.token("player1", 3*time.Second))
	renewed.hello(i.token("player1", time.Minute))

	short := stranger.dial()
	short.hello(i.token("player1", 3*time.Second))
	short.closes(3401)

	renewed.hello(i.token("player1", time.Minute)) // it outlived its first token
	renewed.send(message{Type: "hello", Token: i.token("player2", time.Minute)})
	renewed.closes(3501) // it is not passed on
}

func TestASocketWithoutAHelloEnds(t *testing.T) {
	t.Parallel()
	newStack(t).with(t, "").dial().closes(3401)
}

func TestMessagesThatEndASocket(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	player := s.as(t, "player1")
	hello := `{"type":"hello","token":"` + player.token + `"}`
	for name, c := range map[string]struct {
		messages []string
		code     int
	}{
		"a watch before the hello":  {[]string{`{"type":"watch","view":"session","key":"x"}`}, 3501},
		"no JSON before the hello":  {[]string{"hello"}, 3501},
		"a hello without a token":   {[]string{`{"type":"hello"}`}, 3501},
		"a hello with a wrong one":  {[]string{`{"type":"hello","token":"garbage"}`}, 3501},
		"a second with a wrong one": {[]string{hello, `{"type":"hello","token":"garbage"}`}, 3501},
		"a device of no form":       {[]string{strings.Replace(hello, "{", `{"device":"a b",`, 1)}, 3502},
		"an unknown type":           {[]string{hello, `{"type":"news"}`}, 3502},
		"an unknown view":           {[]string{hello, `{"type":"watch","view":"account","key":"player1"}`}, 3502},
		"no JSON":                   {[]string{hello, `{"type":`}, 3502},
		"a list":                    {[]string{hello, `[]`}, 3502},
		"a large message":           {[]string{hello, strings.Repeat(" ", 8<<10+1)}, 3504},
		"a huge first message":      {[]string{strings.Repeat("x", 1<<20)}, 3504},
	} {
		t.Run(name, func(t *testing.T) {
			w := s.as(t, "player1").dial()
			for _, m := range c.messages {
				w.sendRaw(m)
			}
			w.closes(c.code)
		})
	}
}

func TestWatchesThatAreRefusedLeaveTheSocketOpen(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	mine, theirs := s.as(t, "player1").play(), s.as(t, "player2").play()
	player := s.as(t, "player1")
	w := player.dial()
	w.hello(player.token)
	for key, code := range map[string]string{
		theirs.String():                "session-not-yours",
		events.NewSessionID().String(): "unknown-session",
		"x":                            "unknown-session",
		"":                             "unknown-session",
	} {
		w.send(message{Type: "watch", View: "session", Key: key})
		if m := w.next(); m.Type != "error" || m.Key != key || m.Code != code || m.Title == "" {
			t.Errorf("%q: got %+v", key, m)
		}
	}
	w.watch(mine)
}

func TestTooManyWatches(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	player := s.as(t, "player1")
	w := player.dial()
	w.hello(player.token)
	var ids []events.SessionID
	for range 33 {
		done := player.request()
		ids = append(ids, done.id(t))
		player.seen(done.id(t), position(t, done.Position))
	}
	for _, id := range ids[:32] {
		w.send(message{Type: "watch", View: "session", Key: id.String()})
		w.settle(id)
	}
	w.send(message{Type: "watch", View: "session", Key: ids[0].String()}) // is one of them already
	w.settle(ids[0])
	w.send(message{Type: "watch", View: "session", Key: ids[32].String()})
	w.closes(3503)
}

// settle reads up to the state of a session: others may be pushed before.
func (w *wire) settle(id events.SessionID) {
	w.t.Helper()
	for {
		m := w.next()
		if m.Type != "state" {
			w.t.Fatalf("got %+v", m)
		}
		if m.Key == id.String() {
			return
		}
	}
}

func TestTooManyMessagesOfAPlayer(t *testing.T) {
	t.Parallel()
	s := newStack(t, func(with *setup) { with.gateway.MessagesPerMinute = 3 })
	player := s.as(t, "player1")
	id := player.play()
	one, two := player.dial(), player.dial()
	one.hello(player.token)
	two.hello(player.token)
	one.watch(id)
	// All sockets of a player share their messages; another player's do not.
	two.send(message{Type: "watch", View: "session", Key: id.String()})
	two.closes(3429)
	other := s.as(t, "player2")
	other.dial().hello(other.token)
}

func TestOnlyThePageMayOpenASocket(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	for _, origin := range []string{"http://evil.example", "null", strings.Replace(s.url, "http", "https", 1), s.url + ".evil.example", "://"} {
		_, response, err := websocket.DefaultDialer.DialContext(t.Context(), s.address(), http.Header{"Origin": {origin}})
		if err == nil || response == nil || response.StatusCode != http.StatusForbidden {
			t.Errorf("%s: got %v, %v", origin, response, err)
			continue
		}
		if kind := response.Header.Get("Content-Type"); kind != "application/problem+json" {
			t.Errorf("%s is refused with %q", origin, kind)
		}
	}
	player := s.as(t, "player1")
	player.dialBy(&websocket.Dialer{}, nil).hello(player.token) // no browser
	player.get("/v1/ws").refused(http.StatusBadRequest, "not-a-websocket")
}

func TestAClientThatLeavesIsLetGoAtOnce(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	player := s.as(t, "player1")
	w := player.dial()
	w.hello(player.token)
	farewell := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "enough")
	if err := w.conn.WriteControl(websocket.CloseMessage, farewell, time.Now().Add(within)); err != nil {
		t.Fatal(err)
	}
	_, _, err := w.conn.ReadMessage()
	if !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
		t.Errorf("got %v", err)
	}
	if n, err := w.conn.NetConn().Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("got %d bytes, %v", n, err)
	}
}
