package streamer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/feed"
	"github.com/playcast/playcast/events/memstore"
	"github.com/playcast/playcast/streamer/encode"
	"github.com/playcast/playcast/streamer/game"
	"github.com/playcast/playcast/streamer/saves"
	"github.com/playcast/playcast/streamer/storage"
	"github.com/playcast/playcast/streamer/transport"
)

// house is a worker with real parts, a log that it follows, and a recorder of
// its reports. Its end checks that everything is freed.
type house struct {
	worker  *Worker
	media   *transport.Server
	run     string // directory
	players string // likewise
	reports *recorder
	traced  *page
	store   *memstore.Store
	handled chan events.Position
}

const here = events.WorkerID("here")

func newHouse(t *testing.T, configure ...func(*transport.Config)) *house {
	t.Helper()
	t.Parallel()
	h := &house{
		run: t.TempDir(), players: t.TempDir(), reports: newRecorder(), traced: &page{}, store: memstore.New(time.Now), handled: make(chan events.Position, 16),
	}
	launcher, err := game.NewLauncher(game.Config{RunDir: h.run, DataDir: t.TempDir(), Grace: time.Second})
	must(t, err)
	config := transport.Config{
		UDPAddr:  "127.0.0.1:0",
		Timeouts: transport.Timeouts{Disconnected: time.Second, Failed: time.Second, KeepAlive: 200 * time.Millisecond},
	}
	for _, c := range configure {
		c(&config)
	}
	h.media, err = transport.Listen(config)
	must(t, err)
	kept, err := storage.OpenFolder(t.TempDir())
	must(t, err)
	keeper, err := saves.Open(saves.Config{Dir: h.players, Store: kept, Worker: here, Keep: 5, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	must(t, err)
	trace := NewTrace(h.traced)
	h.worker = NewWorker(here, Parts{
		Launcher: launcher, Catalog: catalog(t), Media: h.media, Reporter: h.reports, Hang: testHang, Trace: trace, Saves: keeper, Encoders: []encode.Support{{Codec: encode.H264}},
		Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	unfollow := h.follow(t)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), bound)
		defer cancel()
		if err := h.worker.Close(ctx); err != nil {
			t.Errorf("close the worker: %v", err)
		}
		unfollow()
		h.checkFreed(t)
		if err := errors.Join(h.media.Close(), launcher.Close(), trace.Close(), keeper.Close(ctx), kept.Close()); err != nil {
			t.Errorf("close the parts: %v", err)
		}
	})
	return h
}

// follow has the worker handle what is told.
func (h *house) follow(t *testing.T) (unfollow func()) {
	t.Helper()
	subscriber := feed.NewSubscriber(h.store, feed.FromStart, slog.New(slog.DiscardHandler))
	messages, err := subscriber.Subscribe(context.Background(), feed.Everything)
	must(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for msg := range messages {
			if err := h.worker.Handle(msg); err != nil {
				t.Errorf("handle: %v", err)
			}
			if d, err := feed.Unpack(msg); err == nil && !d.CaughtUp() {
				h.handled <- d.Position
			}
			msg.Ack()
		}
	}()
	return func() {
		if err := subscriber.Close(); err != nil {
			t.Errorf("close the feed: %v", err)
		}
		<-done
	}
}

// tell logs an event and waits until the worker has handled it.
func (h *house) tell(t *testing.T, e events.Event) {
	t.Helper()
	proposed, err := events.Encode(events.DeriveEventID(events.NewCommandID(), 0), e, events.Metadata{})
	must(t, err)
	session := reflect.ValueOf(e).FieldByName("Session").Interface().(events.SessionID)
	_, err = h.store.Append(t.Context(), events.SessionStream(session), events.AnyRevision(), []events.Proposed{proposed})
	must(t, err)
	soon(t, "handled event", h.handled)
}

// allocate tells of a new session of this worker.
func (h *house) allocate(t *testing.T, id events.GameID) events.SessionID {
	t.Helper()
	session := events.NewSessionID()
	h.tell(t, allocated(session, id))
	return session
}

func allocated(session events.SessionID, id events.GameID) events.SessionAllocated {
	// A player each: the saves of a player's game are one session's at a time.
	return events.SessionAllocated{Session: session, Player: events.PlayerID(session.String()), Game: id, Worker: here, At: time.Now()}
}

// draw allocates a session whose game draws.
func (h *house) draw(t *testing.T, id events.GameID) events.SessionID {
	t.Helper()
	session := h.allocate(t, id)
	report[Launched](t, h.reports, session)
	report[Drawing](t, h.reports, session)
	return session
}

// freed waits until the sessions' slots are empty.
func (h *house) freed(t *testing.T, sessions ...events.SessionID) {
	t.Helper()
	for _, session := range sessions {
		eventually(t, "the slot is empty", func() bool { return h.worker.slot(session) == nil })
	}
	h.checkFreed(t)
}

// checkFreed looks for what a worker without sessions must not have.
func (h *house) checkFreed(t *testing.T) {
	t.Helper()
	if n := h.media.Peers(); n != 0 {
		t.Errorf("%d peers are left", n)
	}
	if left := h.left(t); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	environments, err := filepath.Glob("/proc/[0-9]*/environ")
	must(t, err)
	for _, path := range environments {
		if data, err := os.ReadFile(path); err == nil && bytes.Contains(data, []byte(h.run+"/")) {
			t.Errorf("a process is left: %s", path)
		}
	}
}

// left are the directories of displays and games that run.
func (h *house) left(t *testing.T) []string {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(h.run, "*"))
	must(t, err)
	return left
}

// process is the number of a session's "game" or "display", and the display's
// name.
func (h *house) process(t *testing.T, session events.SessionID, what string) (pid int, display string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(h.run, session.String()+"-"+what, "record.json"))
	must(t, err)
	var record struct {
		Child   struct{ PID int }
		Inside  struct{ PID int }
		Display string
	}
	must(t, json.Unmarshal(data, &record))
	if record.Child.PID == 0 {
		t.Fatalf("no process in %s", data)
	}
	if record.Inside.PID == 0 {
		return record.Child.PID, record.Display
	}
	// The first process of a sandbox is bubblewrap's; the program is its child.
	first := strconv.Itoa(record.Inside.PID)
	var programs []string
	eventually(t, "the program in the sandbox", func() bool {
		children, err := os.ReadFile(filepath.Join("/proc", first, "task", first, "children"))
		must(t, err)
		programs = strings.Fields(string(children))
		return len(programs) > 0
	})
	pid, err = strconv.Atoi(programs[0])
	must(t, err)
	return pid, record.Display
}

func (h *house) signal(t *testing.T, session events.SessionID, what string, signal syscall.Signal) {
	t.Helper()
	pid, _ := h.process(t, session, what)
	must(t, syscall.Kill(pid, signal))
}

// stopped says whether the session's game is stopped.
func (h *house) stopped(t *testing.T, session events.SessionID) bool {
	t.Helper()
	pid, _ := h.process(t, session, "game")
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	must(t, err)
	_, rest, _ := strings.Cut(string(data), ") ")
	return strings.HasPrefix(rest, "T") || strings.HasPrefix(rest, "D") // D: frozen with its cgroup
}
