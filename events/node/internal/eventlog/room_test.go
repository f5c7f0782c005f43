package eventlog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
)

// smallDisk is a file system whose free space the test decides, and which
// refuses what it is told to.
type smallDisk struct {
	vfs.FS
	free    atomic.Uint64
	refuses atomic.Bool // every write
}

func newSmallDisk() *smallDisk {
	d := &smallDisk{}
	d.free.Store(1 << 30)
	d.FS = errorfs.Wrap(vfs.Default, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if d.refuses.Load() {
			switch op.Kind {
			case errorfs.OpCreate, errorfs.OpFileWrite, errorfs.OpFileWriteAt, errorfs.OpFilePreallocate,
				errorfs.OpFileSync, errorfs.OpFileSyncData, errorfs.OpFileSyncTo, errorfs.OpReuseForWrite:
				return fmt.Errorf("write %s: %w", op.Path, syscall.ENOSPC)
			}
		}
		return nil
	}))
	return d
}

func (d *smallDisk) GetDiskUsage(string) (vfs.DiskUsage, error) {
	free := d.free.Load()
	return vfs.DiskUsage{AvailBytes: free, TotalBytes: 1 << 30, UsedBytes: 1<<30 - free}, nil
}

func openOn(t *testing.T, fs vfs.FS, dir string) *Log {
	t.Helper()
	l, err := OpenOn(fs, dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// holds wants the stream to begin with these events, and returns how many
// more there are.
func holds(t *testing.T, l *Log, stream string, want []ID) int {
	t.Helper()
	view, err := l.Stream(stream)
	if err != nil {
		t.Fatal(err)
	}
	var page Page
	for from := int64(0); from <= view.Last; from = int64(page.Last) + 1 {
		if err := l.ReadStream(&page, view, StreamScan{From: from, Limit: PageEvents}); err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Records {
			if int(r.Revision) < len(want) && r.ID != want[r.Revision] {
				t.Fatalf("revision %d is another event", r.Revision)
			}
		}
	}
	if view.Last+1 < int64(len(want)) {
		t.Fatalf("the stream has %d events, %d were answered", view.Last+1, len(want))
	}
	return int(view.Last) + 1 - len(want)
}

// TestFullDisk: when the disk runs full, appends are refused with a reason,
// what is there can be read, and appends go on when there is room.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	disk, dir := newSmallDisk(), t.TempDir()
	l := openOn(t, disk, dir)
	defer l.Close()
	var want []ID
	add := func() error {
		e := someEvents(1)
		_, err := l.Append(context.Background(), "s", Any, e)
		if err == nil {
			want = append(want, e[0].ID)
		}
		return err
	}
	for range 5 {
		if err := add(); err != nil {
			t.Fatal(err)
		}
	}
	disk.free.Store(100 << 20)
	until(t, "appends are refused", func() bool { return errors.Is(add(), ErrFull) })
	if more := holds(t, l, "s", want); more != 0 {
		t.Errorf("%d refused events are there", more)
	}
	disk.free.Store(1 << 30)
	if err := add(); err != nil {
		t.Fatalf("there is room again: %v", err)
	}
	if more := holds(t, l, "s", want); more != 0 {
		t.Errorf("%d refused events are there", more)
	}
}

// TestOpensOnAFullDisk: after a crash, on a disk that takes nothing, the log
// opens and can be read; appends are refused with a reason, until there is room.
func TestOpensOnAFullDisk(t *testing.T) {
	t.Parallel()
	disk, before, dir := newSmallDisk(), t.TempDir(), t.TempDir()
	l := openOn(t, disk, before)
	var want []ID
	for range 5 {
		e := someEvents(1)
		if _, err := l.Append(context.Background(), "s", Any, e); err != nil {
			t.Fatal(err)
		}
		want = append(want, e[0].ID)
	}
	if err := os.CopyFS(dir, os.DirFS(before)); err != nil { // as a crash leaves it
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	disk.free.Store(1 << 10)
	disk.refuses.Store(true)
	again := openOn(t, disk, dir)
	defer again.Close()
	holds(t, again, "s", want)
	if _, err := again.Append(context.Background(), "s", Any, someEvents(1)); !errors.Is(err, ErrFull) {
		t.Errorf("append: %v, want ErrFull", err)
	}
	disk.refuses.Store(false)
	disk.free.Store(1 << 30)
	until(t, "appends go on", func() bool {
		_, err := again.Append(context.Background(), "s", Any, someEvents(1))
		return err == nil
	})
	if more := holds(t, again, "s", want); more != 1 {
		t.Errorf("%d events more, want one", more)
	}
	disk.free.Store(1 << 10)
	if _, err := OpenOn(disk, t.TempDir(), slog.New(slog.DiscardHandler)); !errors.Is(err, ErrFull) {
		t.Errorf("a new log on a full disk: %v, want ErrFull", err)
	}
}

// TestWritesFail: a disk that refuses writes without having been full before,
// under several writers. What was answered is there, in order; reads go on;
// and when the disk takes writes, so does the log.
func TestWritesFail(t *testing.T) {
	t.Parallel()
	disk, dir := newSmallDisk(), t.TempDir()
	l := openOn(t, disk, dir)
	const writers = 4
	answered := make([][]ID, writers)
	add := func(w int) error {
		e := someEvents(1)
		_, err := l.Append(context.Background(), fmt.Sprint("s", w), Any, e)
		if err == nil {
			answered[w] = append(answered[w], e[0].ID)
		}
		return err
	}
	for round := range 3 {
		for w := range writers {
			until(t, "appends go on", func() bool { return add(w) == nil })
			// What failed may have been stored: the next round counts from here.
			answered[w] = stored(t, l, fmt.Sprint("s", w))
		}
		var all sync.WaitGroup
		for w := range writers {
			all.Go(func() {
				for {
					if err := add(w); err != nil {
						if !errors.Is(err, ErrFailed) || !errors.Is(err, syscall.ENOSPC) {
							t.Errorf("round %d: %v, want ErrFailed and ENOSPC", round, err)
						}
						return
					}
					if w == 0 && len(answered[0]) == 40*(round+1) {
						disk.refuses.Store(true)
					}
				}
			})
		}
		all.Wait()
		for w := range writers {
			holds(t, l, fmt.Sprint("s", w), answered[w])
		}
		if err := add(0); !errors.Is(err, ErrFailed) {
			t.Errorf("append to a failed log: %v", err)
		}
		disk.refuses.Store(false)
	}
	until(t, "appends go on", func() bool { return add(0) == nil })
	answered[0] = stored(t, l, "s0")
	if err := l.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	again := openLog(t, dir)
	for w := range writers {
		holds(t, again, fmt.Sprint("s", w), answered[w])
	}
}

// stored are the ids of the stream.
func stored(t *testing.T, l *Log, stream string) []ID {
	t.Helper()
	view, err := l.Stream(stream)
	if err != nil {
		t.Fatal(err)
	}
	var page Page
	var ids []ID
	for from := int64(0); from <= view.Last; from = int64(page.Last) + 1 {
		if err := l.ReadStream(&page, view, StreamScan{From: from, Limit: PageEvents}); err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Records {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// until tries again and again, as a client does.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(30 * time.Second); !ok(); {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited in vain until %s", what)
		}
	}
}
