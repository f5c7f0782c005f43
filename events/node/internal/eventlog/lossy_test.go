package eventlog

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"

	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

var powerCuts = flag.Int("power-cuts", 20, "how often TestPowerCutsLoseNothingAnswered cuts the power")

// openAfterCut opens a log whose events are on a filesystem in memory. The lock and
// the version stay in dir, which no cut touches.
func openAfterCut(t *testing.T, dir string, fs *vfs.MemFS) *Log {
	t.Helper()
	fs.TestingSetDiskUsage(vfs.DiskUsage{AvailBytes: 1 << 40, TotalBytes: 1 << 40})
	l, err := OpenOn(fs, dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatalf("open after a cut: %v", err)
	}
	return l
}

// cut is one life of a log, from its opening to the loss of power.
type cut struct {
	mu       sync.Mutex
	answered map[ID]Appended // the last event of each append
}

// write appends until the log is closed, one to five events a call.
func (c *cut) write(l *Log, stream string) {
	for {
		events := someEvents(1 + rand.IntN(5))
		for i := range events { // each says how many come before it, and how many there are
			events[i].Data = []byte{byte(i), byte(len(events))}
		}
		a, err := l.Append(context.Background(), stream, Any, events)
		if err != nil {
			return
		}
		c.mu.Lock()
		c.answered[events[len(events)-1].ID] = a
		c.mu.Unlock()
	}
}

// TestPowerCutsLoseNothingAnswered writes on a filesystem that loses what was
// not synced, a random part of it or all, and goes on with what is left.
func TestPowerCutsLoseNothingAnswered(t *testing.T) {
	t.Parallel()
	dir, fs := t.TempDir(), vfs.NewCrashableMem()
	all := map[ID]Appended{}
	total := 0
	for round := range *powerCuts {
		if round%20 == 0 { // a log that only grew would take longer to check each time
			total += len(all)
			fs, all = vfs.NewCrashableMem(), map[ID]Appended{}
		}
		l := openAfterCut(t, dir, fs)
		checkLog(t, l, all)
		c := &cut{answered: map[ID]Appended{}}
		var writers sync.WaitGroup
		for w := range 8 {
			writers.Go(func() { c.write(l, fmt.Sprintf("stream-%d-%d", round%3, w)) })
		}
		<-time.After(time.Duration(rand.IntN(int(60 * time.Millisecond))))
		c.mu.Lock() // what is answered before the cut has to be there after it
		for id, a := range c.answered {
			all[id] = a
		}
		c.mu.Unlock()
		seed := rand.Uint64()
		after := fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: []int{0, 50, 100}[round%3], RNG: rand.New(rand.NewPCG(seed, 0))})
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		writers.Wait()
		fs = after
	}
	l := openAfterCut(t, dir, fs)
	checkLog(t, l, all)
	if total += len(all); total == 0 {
		t.Error("nothing was answered between two cuts")
	}
	t.Logf("%d appends answered over %d cuts", total, *powerCuts)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

// checkLog reads the log from its start: positions and revisions without gaps,
// appends that are whole, and all that was answered in its place.
func checkLog(t *testing.T, l *Log, answered map[ID]Appended) {
	t.Helper()
	var page Page
	next := map[string]int64{}
	found, part, of := 0, byte(0), byte(0)
	for from := uint64(1); from <= l.Head(); from = page.Last + 1 {
		if err := l.ReadAll(&page, Scan{From: from, Head: l.Head(), Limit: PageEvents}); err != nil {
			t.Fatal(err)
		}
		for i, r := range page.Records {
			if r.Position != from+uint64(i) || r.Revision != next[string(r.Stream)] {
				t.Fatalf("position %d, revision %d of %s: want %d and %d", r.Position, r.Revision, r.Stream, from+uint64(i), next[string(r.Stream)])
			}
			next[string(r.Stream)]++
			if r.Data[0] != part || part > 0 && r.Data[1] != of {
				t.Fatalf("position %d holds part %d of %d, want part %d of %d", r.Position, r.Data[0], r.Data[1], part, of)
			}
			if part, of = part+1, r.Data[1]; part == of {
				part = 0
			}
			if a, ok := answered[r.ID]; ok {
				found++
				if a.Position != r.Position || a.Revision != r.Revision {
					t.Fatalf("answered %+v, found at %d, revision %d", a, r.Position, r.Revision)
				}
			}
		}
	}
	if part != 0 {
		t.Fatalf("the last append is torn after %d of %d events", part, of)
	}
	if found != len(answered) {
		t.Fatalf("%d appends were answered, %d are there", len(answered), found)
	}
	checkStreams(t, l, next)
}

// checkStreams reads every stream by its index.
func checkStreams(t *testing.T, l *Log, next map[string]int64) {
	t.Helper()
	var page Page
	for name, count := range next {
		view, err := l.Stream(name)
		if err != nil || view.Last != count-1 {
			t.Fatalf("%s ends at %d (%v), want %d", name, view.Last, err, count-1)
		}
		for from := int64(0); from < count; from = int64(page.Last) + 1 {
			if err := l.ReadStream(&page, view, StreamScan{From: from, Limit: PageEvents}); err != nil {
				t.Fatal(err)
			}
			for i, r := range page.Records {
				if r.Revision != from+int64(i) || string(r.Stream) != name {
					t.Fatalf("%s: revision %d of %s, want %d", name, r.Revision, r.Stream, from+int64(i))
				}
			}
		}
	}
}
