package feed_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/feed"
	"github.com/playcast/playcast/events/memstore"
)

// workload is a log and what its handler does with it.
type workload struct {
	streams  []int // of each event, in the order of the log
	fails    []int // of each event, how often first; many: it is poison
	takes    []int // of each event, milliseconds
	runs     []int // of each run but the last, milliseconds until it crashes
	workers  int
	window   int
	skipping bool // with Poison.Skip around; else an event is tried until it succeeds
}

const many = 1000

func workloads(t *rapid.T) workload {
	n := rapid.IntRange(1, 60).Draw(t, "events")
	each := func(label string, g *rapid.Generator[int]) []int { return rapid.SliceOfN(g, n, n).Draw(t, label) }
	w := workload{
		streams: each("streams", rapid.IntRange(0, 5)), takes: each("takes", rapid.IntRange(0, 30)),
		fails:   each("fails", rapid.SampledFrom([]int{0, 0, 0, 0, 1, 3, 7})),
		runs:    rapid.SliceOfN(rapid.IntRange(0, 800), 0, 4).Draw(t, "runs"),
		workers: rapid.IntRange(1, 4).Draw(t, "workers"), window: rapid.IntRange(1, 20).Draw(t, "window"),
		skipping: rapid.Bool().Draw(t, "skipping"),
	}
	if w.skipping {
		for i := range w.fails {
			if w.fails[i] == 7 {
				w.fails[i] = many
			}
		}
	}
	return w
}

// trial plays a workload and notes what must not be.
type trial struct {
	workload
	store  *memstore.Store
	keeper *keeper

	mu    sync.Mutex
	wrong []string
	left  []int // failures to come
	done  map[events.Position]bool
	busy  map[events.Stream]bool
	seen  map[events.Stream]events.Revision // the last, of this run
	over  map[events.Stream]bool            // that is done
}

func (r *trial) never(format string, arguments ...any) {
	r.wrong = append(r.wrong, fmt.Sprintf(format, arguments...))
}

// handle is called side by side.
func (r *trial) handle(msg *message.Message) error {
	d, err := feed.Unpack(msg)
	if err != nil {
		return err
	}
	r.mu.Lock()
	if r.busy[d.Event.Stream] {
		r.never("%s is handled twice at once", d.Event.Stream)
	}
	last, known := r.seen[d.Event.Stream]
	if again := d.Event.Revision == last && !r.over[d.Event.Stream]; known && !again && d.Event.Revision != last+1 {
		r.never("%s@%d is handled after %d", d.Event.Stream, d.Event.Revision, last)
	}
	r.busy[d.Event.Stream], r.seen[d.Event.Stream], r.over[d.Event.Stream] = true, d.Event.Revision, false
	if len(r.busy) > r.workers {
		r.never("%d workers are busy", len(r.busy))
	}
	r.mu.Unlock()
	time.Sleep(time.Duration(r.takes[d.Position-1]) * time.Millisecond)
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.busy, d.Event.Stream)
	if r.left[d.Position-1] > 0 {
		r.left[d.Position-1]--
		if d.Position%2 == 0 {
			panic("it is an even one")
		}
		return errors.New("not yet")
	}
	r.done[d.Position], r.over[d.Event.Stream] = true, true
	return nil
}

// checkpoint notes where everything before is not done.
func (r *trial) checkpoint(p *feed.Partitioned) events.Position {
	at := p.Checkpoint()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keeper.mu.Lock()
	defer r.keeper.mu.Unlock()
	for position := events.Position(1); position <= min(at, events.Position(len(r.streams))); position++ {
		kept := slices.ContainsFunc(r.keeper.failures, func(f feed.Failure) bool { return f.Event.Position == position })
		if !r.done[position] && !kept {
			r.never("the checkpoint is %d, and %d is not done", at, position)
		}
	}
	return at
}

// run carries the log to the handler until all is done, or for a while, and
// returns its checkpoint.
func (r *trial) run(ctx context.Context, after events.Position) events.Position {
	ctx, finished := context.WithCancel(ctx)
	defer finished()
	r.seen, r.busy, r.over = map[events.Stream]events.Revision{}, map[events.Stream]bool{}, map[events.Stream]bool{}
	config := feed.Partition{Workers: r.workers, Window: r.window, After: after}
	if r.skipping {
		config.Around = feed.Poison{Handler: "mail", Store: r.store, Recorder: r.keeper, Log: quiet}.Skip
	}
	p := feed.NewPartitioned(config, r.handle)
	var watching sync.WaitGroup
	ended := make(chan struct{})
	watching.Go(func() {
		for {
			select {
			case <-ended:
				return
			case <-time.After(3 * time.Millisecond):
				if r.checkpoint(p) >= events.Position(len(r.streams)) {
					finished()
				}
			}
		}
	})
	subscriber := feed.NewSubscriber(r.store, func(context.Context) (events.Position, error) { return after, nil }, quiet)
	messages, err := subscriber.Subscribe(ctx, feed.Everything)
	if err != nil {
		r.never("subscribe: %v", err)
	}
	twice := true
	for msg := range messages {
		if p.Handle(msg) != nil {
			msg.Nack()
			continue
		}
		if twice = !twice; twice && p.Handle(msg) != nil { // it comes again
			msg.Nack()
			continue
		}
		msg.Ack()
	}
	<-ctx.Done()
	at := r.checkpoint(p)
	p.Close()
	close(ended)
	watching.Wait()
	if err := subscriber.Close(); err != nil {
		r.never("close: %v", err)
	}
	return at
}

// TestPartitionedKeepsOrderAndCheckpoint: whatever fails, and whenever it
// crashes, the events of a stream are handled in their order, each at least once,
// and the checkpoint never passes one that is not done.
func TestPartitionedKeepsOrderAndCheckpoint(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := workloads(rt)
		var wrong []string
		synctest.Test(t, func(t *testing.T) {
			store := memstore.New(time.Now)
			for i, s := range w.streams {
				if _, err := store.Append(t.Context(), events.Stream(fmt.Sprintf("test-%d", s)), events.AnyRevision(), []events.Proposed{{
					ID: events.EventID(uuid.New()), Type: "Tested", Data: fmt.Appendf(nil, `{"n":%d}`, i), Metadata: []byte(`{}`),
				}}); err != nil {
					t.Fatal(err)
				}
			}
			r := &trial{workload: w, store: store, keeper: &keeper{store: store, away: 2}, left: slices.Clone(w.fails), done: map[events.Position]bool{}}
			at := events.Start
			for _, lasts := range append(slices.Clone(w.runs), int(time.Hour/time.Millisecond)) {
				ctx, crash := context.WithTimeout(t.Context(), time.Duration(lasts)*time.Millisecond)
				at = r.run(ctx, at)
				crash()
			}
			if at < events.Position(len(w.streams)) {
				r.never("the checkpoint is %d in the end, want %d", at, len(w.streams))
			}
			wrong = r.wrong
		})
		if len(wrong) > 0 {
			rt.Fatalf("%d times: %s", len(wrong), wrong[0])
		}
	})
}

// partitioned is one for a test, which is given messages of its own making.
func partitioned(t *testing.T, config feed.Partition, handle message.NoPublishHandlerFunc) *feed.Partitioned {
	p := feed.NewPartitioned(config, handle)
	t.Cleanup(p.Close)
	return p
}

func messageOf(t *testing.T, stream string, position int) *message.Message {
	msg := message.NewMessage(uuid.NewString(), []byte(`{}`))
	msg.Metadata = message.Metadata{"stream": stream, "type": "Tested", "revision": fmt.Sprint(position), "position": fmt.Sprint(position), "time": time.Now().Format(time.RFC3339Nano)}
	msg.SetContext(t.Context())
	return msg
}

// TestPoisonHoldsUpItsOwnStreamAlone, with fewer workers than streams that fail.
func TestPoisonHoldsUpItsOwnStreamAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handled := make(chan string, 100)
		p := partitioned(t, feed.Partition{Workers: 1, Window: 10, Patience: feed.Patience{First: time.Minute, Longest: time.Hour}}, func(msg *message.Message) error {
			if stream := msg.Metadata.Get("stream"); stream != "bad-1" && stream != "bad-2" {
				handled <- stream
				return nil
			}
			return errBad
		})
		began := time.Now()
		for i, stream := range []string{"bad-1", "bad-2", "good-1", "bad-1", "good-2", "good-1"} {
			if err := p.Handle(messageOf(t, stream, i+1)); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if len(handled) != 3 || time.Since(began) > 0 {
			t.Errorf("%d good ones were handled after %s", len(handled), time.Since(began))
		}
		if at := p.Checkpoint(); at != 0 {
			t.Errorf("the checkpoint is %d, past what is not done", at)
		}
	})
}

func TestAFullWindowWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		open := make(chan struct{})
		p := partitioned(t, feed.Partition{Workers: 1, Window: 2}, func(*message.Message) error { <-open; return nil })
		for i := range 2 {
			if err := p.Handle(messageOf(t, "test-1", i+1)); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		third := messageOf(t, "test-2", 3)
		third.SetContext(ctx)
		if err := p.Handle(third); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a third is taken: %v", err)
		}
		close(open)
		third.SetContext(t.Context())
		if err := p.Handle(third); err != nil {
			t.Errorf("there is room, and it is not taken: %v", err)
		}
		synctest.Wait()
		if at := p.Checkpoint(); at != 3 {
			t.Errorf("the checkpoint is %d", at)
		}
		p.Close()
		if err := p.Handle(messageOf(t, "test-1", 4)); err == nil {
			t.Error("one is taken after the end")
		}
	})
}
