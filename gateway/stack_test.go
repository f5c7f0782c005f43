package gateway_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/catalog"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/memstore"
	"github.com/playcast/playcast/gateway"
	"github.com/playcast/playcast/gateway/auth"
	"github.com/playcast/playcast/gateway/auth/devissuer"
	"github.com/playcast/playcast/projections"
	"github.com/playcast/playcast/queries"
	"github.com/playcast/playcast/schema/schematest"
)

// stack is a platform in one process: all of it real but the log, which is in
// memory, and the worker, whose part the tests play.
type stack struct {
	t       *testing.T
	url     string
	gateway *gateway.Gateway
	store   *memstore.Store
	handler *commands.Handler
	media   *media
	tapes   *shelf
	keys    *keyring
	http    *http.Client

	database string           // its URL, as its owner
	door     *schematest.Door // to it; nil: none
}

// setup is what a test may want to be otherwise.
type setup struct {
	gateway  gateway.Config
	verify   func(*auth.Config)
	listener func(net.Listener) net.Listener
	dark     bool // without projections
	untaped  bool // without recordings
	door     bool // the database can be put away
	log      io.Writer
}

const (
	doom   = "doom"  // can be played
	quake  = "quake" // can't
	why    = "its program is not installed"
	worker = "worker-1"
)

func newStack(t *testing.T, change ...func(*setup)) *stack {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	public := "http://" + listener.Addr().String()
	with := setup{gateway: gateway.Config{
		PublicURL: public, Issuer: signIns.url, ClientID: devissuer.ClientID, Scopes: "openid profile",
		RequestsPerMinute: 10_000, OpenSessions: 100, // of tests; some of them set the real limits
		Recordings: gateway.RecordingConfig{KeepAge: 24 * time.Hour, KeepBytes: 1 << 30, LinkKey: []byte("a key of the tests'")},
	}, log: io.Discard}
	for _, apply := range change {
		apply(&with)
	}
	store := memstore.New(time.Now)
	s := &stack{t: t, url: public, store: store, handler: commands.NewHandler(store, time.Now)}
	s.media, s.tapes, s.keys = newMedia(s.handler), &shelf{}, newKeyring()
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	if s.database = databases.Database(t); with.door {
		s.door, s.database = schematest.NewDoor(t, s.database)
	}
	if !with.dark {
		s.project(quiet)
	}
	read, err := queries.Open(t.Context(), s.database, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(read.Close)
	var kept gateway.Recordings
	if !with.untaped {
		kept = s.tapes
	}
	s.gateway, err = gateway.New(with.gateway, gateway.Parts{
		Commands: s.handler, Queries: read, Media: s.media, Recordings: kept, Keys: s.keys, Verifier: signIns.verifier(t, with.verify),
		Log: slog.New(slog.NewTextHandler(with.log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	if with.listener != nil {
		listener = with.listener(listener)
	}
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: s.gateway}}
	server.Start()
	t.Cleanup(server.Close)
	t.Cleanup(s.gateway.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	s.http = &http.Client{Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	at := s.publish()
	if !with.dark {
		if err := read.Await(t.Context(), queries.ViewLibrary, at); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// project runs the projections until the test ends.
func (s *stack) project(log *slog.Logger) {
	s.t.Helper()
	pool, err := projections.Open(s.t.Context(), s.database)
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	group.Go(func() {
		projections.NewProjector(pool, s.store, log).Run(ctx, func(err error) { s.t.Error(err) })
	})
	s.t.Cleanup(func() {
		cancel()
		group.Wait()
		pool.Close()
	})
}

// publish puts two games into the catalog, one of which can be played.
func (s *stack) publish() events.Position {
	s.t.Helper()
	game := events.Game{ID: doom, Title: "Doom", Description: "Shoot.", Genre: "shooter", Art: "/art/doom.svg",
		Command: []string{"doom"}, Width: 640, Height: 480, FrameRate: 35, Inputs: []events.Input{events.Keyboard, events.MouseRelative}}
	issue(s, catalog.Publish{Game: game})
	game.ID, game.Title = quake, "Quake"
	return issue(s, catalog.Publish{Game: game, Reason: why})
}

// issue carries out a command of nobody in particular.
func issue[S commands.State[S]](s *stack, command commands.Command[S]) events.Position {
	s.t.Helper()
	done, err := s.handler.Do(s.t.Context(), commands.Issue(command, commands.By(events.BySystem("test"))))
	if err != nil {
		s.t.Fatalf("%T: %v", command, err)
	}
	return done.Position
}

// prepare reports a requested session up to ready, as policies and the worker
// would.
func (s *stack) prepare(id events.SessionID) events.Position {
	s.t.Helper()
	issue(s, session.Allocate{Session: id, Worker: worker})
	issue(s, session.Launch{Session: id})
	return issue(s, session.Ready{Session: id, Width: 640, Height: 480, FrameRate: 35, Encoder: "openh264"})
}

func (s *stack) head() events.Position {
	s.t.Helper()
	head, err := s.store.Head(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return head
}

// appendsNothing holds that what do does leaves the log as it is.
func (s *stack) appendsNothing(t *testing.T, do func()) {
	t.Helper()
	before := s.head()
	do()
	if after := s.head(); after != before {
		t.Errorf("%d events were appended", after-before)
	}
}

// story is the types of a session's events.
func (s *stack) story(id events.SessionID) []string {
	s.t.Helper()
	var types []string
	for recorded, err := range s.store.Read(s.t.Context(), events.SessionStream(id), 0) {
		if err != nil {
			s.t.Fatal(err)
		}
		types = append(types, recorded.Type)
	}
	return types
}
