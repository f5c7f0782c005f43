package signalling_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/signalling"
)

// desk is a worker that notes what it is asked, and answers from its fields.
type desk struct {
	asked []any
	err   error
}

func (d *desk) note(asked ...any) error {
	d.asked = asked
	return d.err
}

func (d *desk) Connect(_ context.Context, id events.SessionID, seat events.Seat, offer string) (string, string, error) {
	return "peer/1", "v=0 answer\r\n", d.note(id, seat, offer)
}

func (d *desk) Trickle(_ context.Context, peer events.Peer, ice, fragment string) error {
	return d.note(peer, ice, fragment)
}

func (d *desk) Restart(_ context.Context, peer events.Peer, fragment string) (string, error) {
	return "a=ice-ufrag:two\r\n", d.note(peer, fragment)
}

func (d *desk) Disconnect(_ context.Context, peer events.Peer) error {
	return d.note(peer)
}

func (d *desk) Relays(_ context.Context, id events.SessionID) ([]signalling.Relay, error) {
	return []signalling.Relay{{URL: "turn:a", Username: "u", Credential: "c"}}, d.note(id)
}

func secret(t *testing.T, text string) signalling.Secret {
	t.Helper()
	s, err := signalling.ParseSecret(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const shared = "what gateway and workers share"

// serve answers for a worker, and returns where.
func serve(t *testing.T, worker signalling.Worker) string {
	t.Helper()
	listener := listen(t)
	server, err := signalling.Serve(listener, secret(t, shared), worker, func() string { return "first" }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(context.Background()); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return listener.Addr().String()
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

func client(t *testing.T, text string) *signalling.Client {
	t.Helper()
	c, err := signalling.NewClient(secret(t, text))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// TestWhoIsNoWorkerAnswersThatItIsThere, to who knows the secret, and no more.
func TestWhoIsNoWorkerAnswersThatItIsThere(t *testing.T) {
	listener := listen(t)
	server, err := signalling.ServeHere(listener, secret(t, shared), func() string { return "first" }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	at := listener.Addr().String()
	asks := client(t, shared)
	if got, err := asks.Ask(t.Context(), at); err != nil || got != "first" {
		t.Errorf("it is %q, %v", got, err)
	}
	if _, err := client(t, "another secret that is as long").Ask(t.Context(), at); !errors.Is(err, signalling.ErrUnreachable) {
		t.Errorf("another secret is answered with %v", err)
	}
	if err := asks.At(at).Disconnect(t.Context(), events.Peer{Name: "p"}); err == nil {
		t.Error("it answers for a worker")
	}
	if err := server.Close(context.Background()); err != nil {
		t.Errorf("close: %v", err)
	}
}

// TestWhatIsAskedArrives asks everything, and wants it to arrive whole, and its
// answer or the refusal to come back as it was.
func TestWhatIsAskedArrives(t *testing.T) {
	worker := new(desk)
	asked := client(t, shared)
	remote := asked.At(serve(t, worker))
	id, seat := events.NewSessionID(), events.HostSeat("anna")
	named := events.Peer{Session: id, Seat: seat, Name: "peer/1"}
	offer := "v=0\r\n" + strings.Repeat("a=candidate:\u00fc \"quoted\"\r\n", 2500) // about as long as a gateway takes
	busy := &events.Fault{Kind: events.Unavailable, Code: "busy", Message: "Later."}
	for _, err := range []error{nil, busy, errors.New("the disk is full")} {
		worker.err = err
		for _, c := range []struct {
			name  string
			ask   func(context.Context) ([]any, error)
			asked []any
			want  []any
		}{
			{"connect", func(ctx context.Context) ([]any, error) {
				peer, answer, err := remote.Connect(ctx, id, seat, offer)
				return []any{peer, answer}, err
			}, []any{id, seat, offer}, []any{"peer/1", "v=0 answer\r\n"}},
			{"trickle", func(ctx context.Context) ([]any, error) {
				return nil, remote.Trickle(ctx, named, "ufrag", "a=candidate\r\n")
			}, []any{named, "ufrag", "a=candidate\r\n"}, nil},
			{"restart", func(ctx context.Context) ([]any, error) {
				answer, err := remote.Restart(ctx, named, "a=ice-ufrag:x\r\n")
				return []any{answer}, err
			}, []any{named, "a=ice-ufrag:x\r\n"}, []any{"a=ice-ufrag:two\r\n"}},
			{"disconnect", func(ctx context.Context) ([]any, error) {
				return nil, remote.Disconnect(ctx, named)
			}, []any{named}, nil},
			{"relays", func(ctx context.Context) ([]any, error) {
				relays, err := remote.Relays(ctx, id)
				return []any{relays}, err
			}, []any{id}, []any{[]signalling.Relay{{URL: "turn:a", Username: "u", Credential: "c"}}}},
		} {
			got, failed := c.ask(t.Context())
			if diff := cmp.Diff(c.asked, worker.asked); diff != "" {
				t.Errorf("%s asked differently (-want +got):\n%s", c.name, diff)
			}
			var fault *events.Fault
			switch {
			case err == nil:
				if diff := cmp.Diff(c.want, got); failed != nil || diff != "" {
					t.Errorf("%s: %v, answered differently (-want +got):\n%s", c.name, failed, diff)
				}
			case errors.As(err, &fault):
				if diff := cmp.Diff(error(fault), failed); diff != "" {
					t.Errorf("%s is refused differently (-want +got):\n%s", c.name, diff)
				}
			case failed == nil || errors.As(failed, &fault) || !strings.Contains(failed.Error(), err.Error()):
				t.Errorf("%s: %v, want a failure that tells the operator of %v", c.name, failed, err)
			}
		}
	}
}

// TestEveryKindOfFaultTravels: none becomes another on its way.
func TestEveryKindOfFaultTravels(t *testing.T) {
	worker := new(desk)
	remote := client(t, shared).At(serve(t, worker))
	for kind := events.Invalid; kind <= events.Outdated; kind++ {
		want := &events.Fault{Kind: kind, Code: "some-code", Message: "Do something else."}
		worker.err = want
		got := remote.Disconnect(t.Context(), events.Peer{Session: events.NewSessionID(), Name: "p"})
		if diff := cmp.Diff(error(want), got); diff != "" {
			t.Errorf("(-sent +received):\n%s", diff)
		}
	}
}

func TestWhoIsThere(t *testing.T) {
	address := serve(t, new(desk))
	if got, err := client(t, shared).Ask(t.Context(), address); err != nil || got != "first" {
		t.Errorf("there is %q, %v", got, err)
	}
	var fault *events.Fault
	got, err := client(t, "what nobody here has heard of").Ask(t.Context(), address)
	if !errors.As(err, &fault) || fault.Code != signalling.ErrUnreachable.Code || !strings.Contains(err.Error(), "another secret") {
		t.Errorf("with another secret: %q, %v", got, err)
	}
}

// TestWhoDoesNotKnowTheSecret is not heard, whatever they say.
func TestWhoDoesNotKnowTheSecret(t *testing.T) {
	worker := new(desk)
	address := serve(t, worker)
	for _, said := range []string{"POST /connect HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}", "\x16\x03\x01\xff\xff", ""} {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write([]byte(said)); err != nil {
			t.Fatal(err)
		}
		if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if err := conn.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
			t.Fatal(err)
		}
		buffer := make([]byte, 4096)
		n, _ := conn.Read(buffer)
		if strings.Contains(string(buffer[:n]), "peer") || worker.asked != nil {
			t.Errorf("%q was answered with %q, and the worker asked %v", said, buffer[:n], worker.asked)
		}
		if err := conn.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAWorkerThatIsNotThere is told from one that refuses: what is asked of it
// can be tried again.
func TestAWorkerThatIsNotThere(t *testing.T) {
	gone := listen(t)
	address := gone.Addr().String()
	if err := gone.Close(); err != nil {
		t.Fatal(err)
	}
	c := client(t, shared)
	if err := c.At(address).Disconnect(t.Context(), events.Peer{Session: events.NewSessionID(), Name: "p"}); !errors.Is(err, signalling.ErrUnreachable) {
		t.Errorf("nobody listens: %v", err)
	}

	silent := listen(t) // takes connections, as the kernel does for a process that is stopped
	defer silent.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.Ask(ctx, silent.Addr().String()); !errors.Is(err, signalling.ErrUnreachable) {
		t.Errorf("nobody answers: %v", err)
	}
	left, leave := context.WithCancel(t.Context())
	leave()
	if _, err := c.Ask(left, address); !errors.Is(err, context.Canceled) {
		t.Errorf("the caller has gone: %v", err)
	}
}

func TestSecrets(t *testing.T) {
	if _, err := signalling.ParseSecret("hunter2"); err == nil {
		t.Error("a short secret is taken")
	}
	path := filepath.Join(t.TempDir(), "secret")
	first, err := signalling.SecretIn(path)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := signalling.SecretIn(path); err != nil || again != first {
		t.Errorf("the secret that was made is another one when it is read: %v", err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v: others can read it", info.Mode(), err)
	}
	read, err := os.ReadFile(path)
	if err != nil || slices.Contains(read, 0) || len(read) < 40 {
		t.Errorf("the secret is %d bytes, %v", len(read), err)
	}
	if _, err := signalling.SecretIn(filepath.Join(path, "below")); err == nil {
		t.Error("a secret is kept where nothing can be")
	}
}
