package gateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"github.com/playcast/playcast/events"
)

// client is somebody at the gateway. Every answer they get is held against
// openapi.yaml.
type client struct {
	*stack
	t     *testing.T
	token string
	spec  routers.Router
}

// as returns a client that is signed in with an account.
func (s *stack) as(t *testing.T, account string) *client {
	t.Helper()
	return s.with(t, signIns.token(t, account))
}

// with returns a client that brings a token; an empty one is none.
func (s *stack) with(t *testing.T, token string) *client {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	spec, err := legacy.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	return &client{stack: s, t: t, token: token, spec: spec}
}

// ask is one request.
type ask struct {
	method, path string
	body         string
	header       map[string]string // "Content-Type" is JSON where there is a body and it says nothing else
}

// answer is one response, read to its end.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
}

func (c *client) do(a ask) answer {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), a.method, c.url+a.path, strings.NewReader(a.body))
	if err != nil {
		c.t.Fatal(err)
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	if a.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, value := range a.header {
		r.Header.Set(name, value)
	}
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
	}
	response, err := c.http.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	got := answer{t: c.t, status: response.StatusCode, header: response.Header, body: content}
	c.conforms(r, got)
	return got
}

// conforms holds an answer against the specification of its operation.
func (c *client) conforms(r *http.Request, got answer) {
	c.t.Helper()
	route, parameters, err := c.spec.FindRoute(r)
	var unknown *routers.RouteError
	if errors.As(err, &unknown) {
		return // no operation: a page, or a test of what there is not
	}
	if err != nil {
		c.t.Fatal(err)
	}
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: parameters, Route: route},
		Status:                 got.status, Header: got.header,
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}
	if strings.HasPrefix(got.header.Get("Content-Type"), "application/sdp") {
		input.Options.ExcludeResponseBody = true // text
	}
	if err := openapi3filter.ValidateResponse(context.Background(), input.SetBodyBytes(got.body)); err != nil {
		c.t.Errorf("%s %s: %d %s: %v", r.Method, r.URL.Path, got.status, got.body, err)
	}
}

func (c *client) get(path string) answer {
	c.t.Helper()
	return c.do(ask{method: http.MethodGet, path: path})
}

func (c *client) post(path string) answer {
	c.t.Helper()
	return c.do(ask{method: http.MethodPost, path: path})
}

// into reads the body of an answer that has to have a status.
func (a answer) into(status int, value any) {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("want %d, got %d: %s", status, a.status, a.body)
	}
	if err := json.Unmarshal(a.body, value); err != nil {
		a.t.Fatalf("%s: %v", a.body, err)
	}
}

// refused holds that an answer is a problem of a status and code.
func (a answer) refused(status int, code string) {
	a.t.Helper()
	var problem struct {
		Title, Code string
		Status      int
	}
	a.into(status, &problem)
	if problem.Code != code || problem.Status != status || problem.Title == "" {
		a.t.Errorf("want %d %s, got %s", status, code, a.body)
	}
	if kind := a.header.Get("Content-Type"); kind != "application/problem+json" {
		a.t.Errorf("%s has Content-Type %q", code, kind)
	}
	if a.header.Get("Cache-Control") != "no-store" {
		a.t.Errorf("%s may be cached", code)
	}
}

func decimal(p events.Position) string { return strconv.FormatUint(uint64(p), 10) }

func position(t *testing.T, text string) events.Position {
	t.Helper()
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return events.Position(n)
}

// accepted is the answer to a command.
type accepted struct{ Session, Position string }

func (a accepted) id(t *testing.T) events.SessionID {
	t.Helper()
	id, err := events.ParseSessionID(a.Session)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// request asks for a session and gets it.
func (c *client) request() accepted {
	c.t.Helper()
	var done accepted
	c.do(ask{method: http.MethodPost, path: "/v1/sessions", body: `{"game":"doom"}`}).into(http.StatusCreated, &done)
	return done
}

// play gets a session that the worker has made ready and that the read side
// knows as such.
func (c *client) play() events.SessionID {
	c.t.Helper()
	id := c.request().id(c.t)
	c.seen(id, c.prepare(id))
	return id
}

// shown is what the tests look at in a session's body.
type shown struct {
	ID, Game, Title, Player, State   string
	QueuePlace, QueueWaitMs          int64
	Warning                          *warning
	EndReason, FailureCause, Encoder string
	Width, Height, FrameRate         int
	PlayedMs, BilledMs               int64
	Position                         string
	ActiveSince, EndedAt             *string
}

type warning struct {
	Reason string
	LeftS  int64
	EndsAt time.Time
}

// seen returns a session as it is shown from a position on.
func (c *client) seen(id events.SessionID, from events.Position) shown {
	c.t.Helper()
	var body shown
	c.get("/v1/sessions/"+id.String()+"?position="+decimal(from)).into(http.StatusOK, &body)
	return body
}
