package commands_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/memstore"
)

// counted counts the reads and the events read.
type counted struct {
	events.Store
	reads, events int
}

func (c *counted) Read(ctx context.Context, stream events.Stream, from events.Revision) iter.Seq2[events.Recorded, error] {
	c.reads++
	return func(yield func(events.Recorded, error) bool) {
		for r, err := range c.Store.Read(ctx, stream, from) {
			c.events++
			if !yield(r, err) {
				return
			}
		}
	}
}

func TestWhatIsKnownIsNotReadAgain(t *testing.T) {
	store := &counted{Store: memstore.New(clock)}
	handler := commands.NewHandler(store, clock)
	id := events.NewSessionID()
	do := func(command commands.Command[session.State]) {
		t.Helper()
		if _, err := handler.Do(t.Context(), commands.Issue(command, commands.By("player:anna"))); err != nil {
			t.Fatal(err)
		}
	}
	do(session.Request{Session: id, Player: "anna", Game: "doom"})
	do(session.Allocate{Session: id, Worker: "w"})
	do(session.Launch{Session: id})
	do(session.Ready{Session: id})
	if store.reads != 1 {
		t.Errorf("%d reads, want that of the first command", store.reads)
	}
	store.reads = 0
	do(session.Ready{Session: id}) // nothing to do: that is no news that a cache may tell
	if store.reads != 1 || store.events != 1 {
		t.Errorf("%d reads of %d events, want a look at the last one and what follows", store.reads, store.events)
	}
}

// TestWhatOthersDidIsSeen has two processes decide on one session.
func TestWhatOthersDidIsSeen(t *testing.T) {
	store := memstore.New(clock)
	one, two := commands.NewHandler(store, clock), commands.NewHandler(store, clock)
	id := events.NewSessionID()
	do := func(handler *commands.Handler, command commands.Command[session.State], effects int, want error) {
		t.Helper()
		done, err := handler.Do(t.Context(), commands.Issue(command, commands.By("player:anna")))
		if !errors.Is(err, want) || len(done.Events) != effects {
			t.Errorf("%T: %v, %v", command, done.Events, err)
		}
	}
	do(one, session.Request{Session: id, Player: "anna", Game: "doom"}, 1, nil)
	do(two, session.Allocate{Session: id, Worker: "w"}, 1, nil)
	do(one, session.Launch{Session: id}, 1, nil) // one knows of no allocation
	do(two, session.Ready{Session: id}, 1, nil)
	do(one, session.Activate{Session: id}, 1, nil)
	do(two, session.Pause{Session: id, By: "anna"}, 1, nil)
	do(one, session.Pause{Session: id, By: "anna"}, 0, nil) // holds already, though one knows it as active
	do(one, session.Resume{Session: id, By: "anna"}, 1, nil)
	do(two, session.Pause{Session: id, By: "anna"}, 1, nil) // two knows it as paused
	do(two, session.Finish{Session: id, Reason: events.EndedByGame}, 1, nil)
	do(one, session.Resume{Session: id, By: "anna"}, 0, session.ErrOver)
}

func TestCommandsAtOnceWaitForEachOther(t *testing.T) {
	store := memstore.New(clock)
	counting := &conflicts{Store: store}
	handler := commands.NewHandler(counting, clock)
	if _, err := handler.Do(t.Context(), commands.Issue(worker.Register{Worker: "w", Incarnation: "a", Slots: 40}, commands.By("worker:w"))); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 40 {
		group.Go(func() {
			if _, err := handler.Do(t.Context(), commands.Issue(worker.Reserve{Worker: "w", Session: events.NewSessionID()}, commands.By("policy:x"))); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if counting.n > 0 {
		t.Errorf("%d conflicts within one process", counting.n)
	}
}

type conflicts struct {
	events.Store
	n int
}

func (c *conflicts) Append(ctx context.Context, stream events.Stream, expected events.Expected, batch []events.Proposed) (events.Position, error) {
	position, err := c.Store.Append(ctx, stream, expected, batch)
	if err != nil {
		c.n++
	}
	return position, err
}

// TestAStreamThatIsAnotherOne: its store was restored from before.
func TestAStreamThatIsAnotherOne(t *testing.T) {
	before := memstore.New(clock)
	swapped := &swapped{Store: before}
	handler := commands.NewHandler(swapped, clock)
	id := events.NewSessionID()
	for _, order := range []commands.Order{
		request(id, commands.By("player:anna")), commands.Issue(session.Queue{Session: id}, commands.By("policy:x")),
	} {
		if _, err := handler.Do(t.Context(), order); err != nil {
			t.Fatal(err)
		}
	}
	swapped.Store = memstore.New(clock)
	if _, err := handler.Do(t.Context(), request(id, commands.By("player:anna"))); err != nil {
		t.Errorf("the stream is empty, and a session can't begin there: %v", err)
	}
}

type swapped struct{ events.Store }

// troubled loses answers, and calls, as it is told.
type troubled struct {
	events.Store
	next trouble
}

type trouble int

const (
	well trouble = iota
	lostCall
	lostAnswer
)

func (s *troubled) Append(ctx context.Context, stream events.Stream, expected events.Expected, batch []events.Proposed) (events.Position, error) {
	now := s.next
	s.next = well
	if now == lostCall {
		return 0, events.ErrUnavailable
	}
	position, err := s.Store.Append(ctx, stream, expected, batch)
	if now == lostAnswer && err == nil {
		return 0, events.ErrUnavailable
	}
	return position, err
}

// TestKnowingIsAsGoodAsReading carries out random commands, some of them again,
// over three handlers that know what they have done, and over one that reads
// everything each time: both logs are the same.
func TestKnowingIsAsGoodAsReading(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := now
		ticking := func() time.Time { return at }
		inner := memstore.New(ticking)
		store := &troubled{Store: inner}
		reference := memstore.New(ticking)
		var knowing []*commands.Handler
		for range 3 {
			knowing = append(knowing, commands.NewForgetfulHandler(store, ticking,
				rapid.IntRange(0, 3).Draw(t, "streams"), rapid.IntRange(1, 500).Draw(t, "snapshot every")))
		}
		sessions := []events.SessionID{events.NewSessionID(), events.NewSessionID()}
		var issued []commands.Order
		for range rapid.IntRange(1, 60).Draw(t, "commands") {
			at = at.Add(time.Duration(rapid.IntRange(0, 5000).Draw(t, "ms")) * time.Millisecond)
			var order commands.Order
			if len(issued) > 0 && rapid.IntRange(0, 4).Draw(t, "again") == 0 {
				order = rapid.SampledFrom(issued).Draw(t, "which")
			} else {
				order = anyOrder(t, sessions)
				issued = append(issued, order)
			}
			store.next = rapid.SampledFrom([]trouble{well, well, well, lostCall, lostAnswer}).Draw(t, "trouble")
			handler := rapid.SampledFrom(knowing).Draw(t, "handler")
			done, err := handler.Do(t.Context(), order)
			for errors.Is(err, events.ErrUnavailable) {
				done, err = handler.Do(t.Context(), order)
			}
			want, wantErr := commands.NewHandler(reference, ticking).Do(t.Context(), order)
			if fmt.Sprint(err) != fmt.Sprint(wantErr) || revision(inner, order.Target, done) != revision(reference, order.Target, want) {
				t.Fatalf("%s: %v, %v; want %v, %v", order.Name, done, err, want, wantErr)
			}
		}
		for _, stream := range []events.Stream{events.SessionStream(sessions[0]), events.SessionStream(sessions[1]), events.WorkerStream("w"), "account-anna"} {
			if diff := cmp.Diff(slices.Collect(all(reference, stream)), slices.Collect(all(inner, stream))); diff != "" {
				t.Fatalf("%s: (-reading +knowing)\n%s", stream, diff)
			}
		}
	})
}

// revision is where in a stream an order has had its effect: positions count
// snapshots, too. 0 is nowhere.
func revision(store events.Store, stream events.Stream, done commands.Done) (n int) {
	for r, err := range store.Read(context.Background(), stream, 0) {
		if n++; err != nil || r.Position == done.Position {
			return n
		}
	}
	return 0
}

func all(store events.Store, stream events.Stream) iter.Seq[string] {
	return func(yield func(string) bool) {
		for r, err := range store.Read(context.Background(), stream, 0) {
			if !yield(fmt.Sprintf("%d %s %s %s %v", r.Revision, r.Type, r.Data, r.ID, err)) {
				return
			}
		}
	}
}

func anyOrder(t *rapid.T, sessions []events.SessionID) commands.Order {
	id := rapid.SampledFrom(sessions).Draw(t, "session")
	origin := commands.By("player:anna")
	if rapid.Bool().Draw(t, "from elsewhere") {
		origin.ID = events.NewCommandID() // somebody else's, who may send it again
	}
	var command commands.Command[session.State]
	switch rapid.IntRange(0, 12).Draw(t, "command") {
	case 0:
		command = session.Request{Session: id, Player: "anna", Game: "doom"}
	case 1:
		command = session.Allocate{Session: id, Worker: "w"}
	case 2:
		command = session.Launch{Session: id}
	case 3:
		command = session.Ready{Session: id}
	case 4:
		command = session.Activate{Session: id}
	case 5, 6:
		command = session.Pause{Session: id, By: "anna"}
	case 7, 8:
		command = session.Resume{Session: id, By: "anna"}
	case 9:
		return commands.Issue(worker.Reserve{Worker: "w", Session: id}, origin)
	case 10:
		return commands.Issue(worker.Release{Worker: "w", Session: id}, origin)
	case 11:
		return commands.Issue(anyOfAccount(t), origin)
	default:
		return commands.Issue(worker.Register{Worker: "w", Incarnation: "a", Slots: 1}, origin)
	}
	return commands.Issue(command, origin)
}
