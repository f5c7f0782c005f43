package gateway_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/gateway/auth"
)

// operations are all that need a sign-in, on some session.
func operations(id string) []ask {
	at := "/v1/sessions/" + id
	return []ask{
		{method: http.MethodGet, path: "/v1/me"},
		{method: http.MethodGet, path: "/v1/games"},
		{method: http.MethodGet, path: "/v1/account"},
		{method: http.MethodGet, path: "/v1/sessions"},
		{method: http.MethodPost, path: "/v1/sessions", body: `{"game":"doom"}`},
		{method: http.MethodGet, path: at},
		{method: http.MethodGet, path: at + "/quality"},
		{method: http.MethodPost, path: at + "/pause"},
		{method: http.MethodPost, path: at + "/resume"},
		{method: http.MethodPost, path: at + "/end"},
		{method: http.MethodPost, path: at + "/whep", body: "v=0", header: sdp},
		{method: http.MethodPatch, path: at + "/whep/p", body: "a=x", header: fragment},
		{method: http.MethodDelete, path: at + "/whep/p"},
		{method: http.MethodPost, path: at + "/invitations", body: `{"kind":"play"}`},
		{method: http.MethodDelete, path: at + "/invitations/x"},
		{method: http.MethodPut, path: at + "/guests/bert", body: `{"keyboard":false,"pads":1}`},
		{method: http.MethodDelete, path: at + "/guests/bert"},
		{method: http.MethodGet, path: "/v1/guest-sessions"},
	}
}

func TestEveryOperationNeedsAToken(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	id := s.as(t, "player1").play().String()
	good := signIns.token(t, "player1")
	const invalid = `Bearer realm="playcast", error="invalid_token"`
	for name, c := range map[string]struct{ token, code, challenge string }{
		"none":        {"", "sign-in-required", `Bearer realm="playcast"`},
		"garbage":     {"garbage", "token-invalid", invalid},
		"tampered":    {good[:len(good)-8] + "AAAAAAAA", "token-invalid", invalid},
		"unsigned":    {"eyJhbGciOiJub25lIn0.eyJzdWIiOiJwbGF5ZXIxIn0.", "token-invalid", invalid},
		"a long one":  {strings.Repeat("x", 20<<10), "token-invalid", invalid},
		"not a token": {"a b c", "token-invalid", invalid},
	} {
		t.Run(name, func(t *testing.T) {
			s.appendsNothing(t, func() {
				for _, operation := range operations(id) {
					got := s.with(t, c.token).do(operation)
					got.refused(http.StatusUnauthorized, c.code)
					if challenge := got.header.Get("WWW-Authenticate"); challenge != c.challenge {
						t.Errorf("%s %s is answered with the challenge %q", operation.method, operation.path, challenge)
					}
				}
			})
		})
	}
}

func TestAnExpiredTokenIsToldFromAWrongOne(t *testing.T) {
	t.Parallel()
	later := func() time.Time { return time.Now().Add(time.Hour) }
	s := newStack(t, func(with *setup) { with.verify = func(c *auth.Config) { c.Now = later } })
	s.appendsNothing(t, func() {
		for _, operation := range operations(events.NewSessionID().String()) {
			got := s.as(t, "player1").do(operation)
			got.refused(http.StatusUnauthorized, "token-expired")
			if !strings.Contains(got.header.Get("WWW-Authenticate"), "invalid_token") {
				t.Errorf("the challenge is %q", got.header.Get("WWW-Authenticate"))
			}
		}
	})
}

func TestWhileTheIssuerIsAwayNobodyIsSentToSignIn(t *testing.T) {
	t.Parallel()
	s := newStack(t, func(with *setup) { with.verify = func(c *auth.Config) { c.Issuer = "http://127.0.0.1:1" } })
	got := s.as(t, "player1").get("/v1/me")
	got.refused(http.StatusServiceUnavailable, "sign-in-unavailable")
	if got.header.Get("WWW-Authenticate") != "" || got.header.Get("Retry-After") == "" {
		t.Errorf("got %v", got.header)
	}
}

func TestRequestsThatAreRefused(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	player := s.as(t, "player1")
	for name, c := range map[string]struct {
		body   string
		header map[string]string
		status int
		code   string
	}{
		"an unknown game":       {`{"game":"chess"}`, nil, 404, "unknown-game"},
		"what can be no game":   {`{"game":"Doom/../x"}`, nil, 404, "unknown-game"},
		"a zero byte":           {`{"game":"do\u0000om"}`, nil, 404, "unknown-game"},
		"an unavailable game":   {`{"game":"quake"}`, nil, 409, "game-unavailable"},
		"no game":               {`{}`, nil, 400, "body-invalid"},
		"null":                  {`null`, nil, 400, "body-invalid"},
		"a list":                {`[]`, nil, 400, "body-invalid"},
		"a number for a game":   {`{"game":1}`, nil, 400, "body-invalid"},
		"half a body":           {`{"game":`, nil, 400, "body-invalid"},
		"two bodies":            {`{"game":"doom"}{}`, nil, 400, "body-invalid"},
		"an empty body":         {" ", nil, 400, "body-invalid"},
		"a large body":          {`{"game":"` + strings.Repeat("x", 4<<10) + `"}`, nil, 413, "body-too-large"},
		"another content":       {`{"game":"doom"}`, map[string]string{"Content-Type": "text/plain"}, 415, "media-type-invalid"},
		"a form":                {`game=doom`, map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, 415, "media-type-invalid"},
		"no content type":       {`{"game":"doom"}`, map[string]string{"Content-Type": ""}, 415, "media-type-invalid"},
		"a command id of words": {`{"game":"doom"}`, map[string]string{"Command-Id": "again"}, 400, "parameter-invalid"},
		"a command id as a URN": {`{"game":"doom"}`, map[string]string{"Command-Id": "urn:uuid:" + uuid.NewString()}, 400, "parameter-invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			s.appendsNothing(t, func() {
				player.do(ask{method: http.MethodPost, path: "/v1/sessions", body: c.body, header: c.header}).refused(c.status, c.code)
			})
		})
	}
}

func TestABodyCutShortIsTheClientsFault(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s.appendsNothing(t, func() {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "POST /v1/sessions HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n"+
			"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{", conn.RemoteAddr(), signIns.token(t, "player1"))
		if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		got, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer got.Body.Close()
		body, err := io.ReadAll(got.Body)
		if err != nil || got.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), "body-cut-short") {
			t.Errorf("got %d %s, %v", got.StatusCode, body, err)
		}
	})
}

func TestRefusalsSayWhy(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	player := s.as(t, "player1")
	if got := player.get("/v1/sessions?limit=x"); !strings.Contains(string(got.body), `parameter \"limit\"`) || strings.Contains(string(got.body), "strconv") {
		t.Errorf("got %s", got.body)
	}
	for body, want := range map[string]string{`{"game":"quake"}`: why, `{"game":1}`: `\"game\" can't be a JSON number`} {
		got := player.do(ask{method: http.MethodPost, path: "/v1/sessions", body: body})
		if !strings.Contains(string(got.body), want) || strings.Contains(string(got.body), "Go ") {
			t.Errorf("got %s", got.body)
		}
	}
}

func TestASessionOfSomebodyElseIsTheirs(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	id := s.as(t, "player1").play().String()
	other := s.as(t, "player2")
	s.appendsNothing(t, func() {
		other.get("/v1/sessions/"+id).refused(http.StatusForbidden, "session-not-yours")
		for _, action := range []string{"pause", "resume", "end"} {
			other.post("/v1/sessions/"+id+"/"+action).refused(http.StatusForbidden, "session-not-yours")
		}
	})
}

func TestWhatCanNotBeInAState(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	player := s.as(t, "player1")
	done := player.request()
	at := "/v1/sessions/" + done.Session
	s.appendsNothing(t, func() {
		player.post(at+"/pause").refused(http.StatusConflict, "session-not-now")
		player.post(at+"/resume").refused(http.StatusConflict, "session-not-now")
	})
	var ended accepted
	player.post(at+"/end").into(http.StatusOK, &ended)
	s.appendsNothing(t, func() {
		for _, action := range []string{"pause", "resume", "end"} {
			player.post(at+"/"+action).refused(http.StatusConflict, "session-over")
		}
	})
	failed := player.play()
	issue(s, session.Fail{Session: failed, Cause: events.FailedGame})
	player.post("/v1/sessions/"+failed.String()+"/end").refused(http.StatusConflict, "session-over")
}

func TestASessionThatIsNot(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	player := s.as(t, "player1")
	for _, id := range []string{events.NewSessionID().String(), "x", "%00", strings.Repeat("a", 36), "..%2f..", "{" + uuid.NewString() + "}"} {
		player.get("/v1/sessions/"+id).refused(http.StatusNotFound, "unknown-session")
		for _, action := range []string{"pause", "resume", "end"} {
			player.post("/v1/sessions/"+id+"/"+action).refused(http.StatusNotFound, "unknown-session")
		}
	}
}

func TestAddressesThatAreNot(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	player := s.as(t, "player1")
	for _, path := range []string{"/v1/", "/v1/nothing", "/v1/sessions/x/y", "/v1/me/too", "/v2/../v1/x"} {
		if got := player.get(path); got.status != http.StatusTemporaryRedirect {
			got.refused(http.StatusNotFound, "no-such-address")
		}
	}
	for _, c := range []struct{ method, path, allow string }{
		{http.MethodPost, "/v1/config", "GET"},
		{http.MethodDelete, "/v1/sessions", "GET, POST"},
		{http.MethodPut, "/v1/sessions/x", "GET"},
		{http.MethodGet, "/v1/sessions/x/end", "POST"},
		{http.MethodOptions, "/v1/sessions/x/whep/p", "PATCH, DELETE"},
		{http.MethodPost, "/v1/ws", "GET"},
	} {
		got := player.do(ask{method: c.method, path: c.path})
		got.refused(http.StatusMethodNotAllowed, "method-not-allowed")
		if got.header.Get("Allow") != c.allow {
			t.Errorf("%s %s: Allow is %q", c.method, c.path, got.header.Get("Allow"))
		}
	}
}

func TestAPageOfAnotherSiteIsRefused(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	player := s.as(t, "player1")
	request := func(header map[string]string) answer {
		return player.do(ask{method: http.MethodPost, path: "/v1/sessions", body: `{"game":"doom"}`, header: header})
	}
	s.appendsNothing(t, func() {
		request(map[string]string{"Origin": "http://evil.example"}).refused(http.StatusForbidden, "other-site")
		request(map[string]string{"Sec-Fetch-Site": "cross-site"}).refused(http.StatusForbidden, "other-site")
	})
	for _, header := range []map[string]string{
		{"Origin": s.url},
		{"Origin": s.url, "Sec-Fetch-Site": "same-origin"},
		{"Origin": s.url, "Host": "inner.example"}, // as a proxy asks
	} {
		var done accepted
		request(header).into(http.StatusCreated, &done)
	}
}
