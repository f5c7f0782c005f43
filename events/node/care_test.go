package node_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/playcast/playcast/events/node"
)

// lived fills a store with some of everything: streams, metadata, cuts, a soft
// delete, a tombstone, and returns its directory, closed.
func lived(t *testing.T, events int) string {
	t.Helper()
	dir := t.TempDir()
	n := open(t, dir)
	client := connect(t, n.ConnectionString())
	for i := range 6 {
		appendEvents(t, client, "s-"+string(rune('a'+i)), esdb.NoStream{}, numbered(events/6)...)
	}
	setMetadata(t, client, "s-a", func(m *esdb.StreamMetadata) { m.SetMaxCount(3) })
	setMetadata(t, client, "s-b", func(m *esdb.StreamMetadata) { m.SetTruncateBefore(5) })
	deleteStream(t, client, "s-c")
	appendEvents(t, client, "s-c", esdb.Any{}, event("Again"))
	tombstone(t, client, "s-d")
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func verified(t *testing.T, dir string) node.Report {
	t.Helper()
	report, err := node.Verify(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// whole wants a store without fault.
func whole(t *testing.T, dir string) node.Report {
	t.Helper()
	report := verified(t, dir)
	if report.Faults > 0 {
		t.Fatalf("%d faults: %s", report.Faults, strings.Join(report.Damage, "\n"))
	}
	return report
}

// TestVerifyFindsEveryBit flips bits of every file of a closed store, one at a
// time: each must be reported, wherever it is.
func TestVerifyFindsEveryBit(t *testing.T) {
	t.Parallel()
	dir := lived(t, 600)
	if report := whole(t, dir); !report.Sealed || report.Events != report.Head || report.Events < 600 || report.Streams < 6 || report.Tables == 0 {
		t.Errorf("the report says %+v", report)
	}
	if err := os.WriteFile(filepath.Join(dir, "LOCK"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "LOCK" {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil || len(content) == 0 {
			return err
		}
		kinds[kindOf(d.Name())]++
		for i := range 24 {
			at := rand.IntN(len(content))
			switch i {
			case 0:
				at = 0
			case 1:
				at = len(content) - 1
			}
			bit := byte(1) << rand.IntN(8)
			content[at] ^= bit
			if err := os.WriteFile(path, content, 0o600); err != nil {
				return err
			}
			if report := verified(t, dir); report.Faults == 0 {
				t.Errorf("bit %08b of byte %d of %d in %s is not noticed", bit, at, len(content), d.Name())
			}
			content[at] ^= bit
		}
		if err := os.WriteFile(path, content[:len(content)-1], 0o600); err != nil {
			return err
		}
		if report := verified(t, dir); report.Faults == 0 {
			t.Errorf("%s without its last byte is not noticed", d.Name())
		}
		return os.WriteFile(path, content, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	whole(t, dir)
	for _, kind := range []string{"VERSION", "SEAL", "sst", "MANIFEST", "OPTIONS"} {
		if kinds[kind] == 0 {
			t.Errorf("no file of kind %s was tried: %v", kind, kinds)
		}
	}
}

func kindOf(name string) string {
	if ext := filepath.Ext(name); ext == ".sst" || ext == ".log" {
		return ext[1:]
	}
	kind, _, _ := strings.Cut(name, "-")
	return kind
}

// TestVerifyMissingFile: a file that is gone is missed.
func TestVerifyMissingFile(t *testing.T) {
	t.Parallel()
	dir := lived(t, 120)
	tables, err := filepath.Glob(filepath.Join(dir, "log", "*.sst"))
	if err != nil || len(tables) == 0 {
		t.Fatal(tables, err)
	}
	if err := os.Remove(tables[0]); err != nil {
		t.Fatal(err)
	}
	if report := verified(t, dir); report.Faults == 0 {
		t.Error("a table is gone, and verify does not miss it")
	}
	if _, err := node.Verify(t.Context(), t.TempDir()); err == nil || !strings.Contains(err.Error(), "no event store") {
		t.Errorf("verify of an empty directory: %v", err)
	}
	used := t.TempDir()
	open(t, used)
	if _, err := node.Verify(t.Context(), used); !errors.Is(err, node.ErrInUse) {
		t.Errorf("verify of a running store: %v", err)
	}
}

// TestSealedStoreIsNotCutSilently: what the last bytes of a write-ahead log
// say can't be told from a torn write, but for the seal.
func TestSealedStoreIsNotCutSilently(t *testing.T) {
	t.Parallel()
	dir := lived(t, 120)
	manifests, err := filepath.Glob(filepath.Join(dir, "log", "MANIFEST-*"))
	if err != nil || len(manifests) == 0 {
		t.Fatal(manifests, err)
	}
	info, err := os.Stat(manifests[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(manifests[0], info.Size()-7); err != nil {
		t.Fatal(err)
	}
	n, err := node.Open(node.Config{Dir: dir, Listen: "127.0.0.1:0"})
	if n != nil {
		n.Close()
	}
	if !errors.Is(err, node.ErrCorrupt) || !strings.Contains(err.Error(), "MANIFEST") || !strings.Contains(err.Error(), "backup") {
		t.Errorf("open: %v, want ErrCorrupt with what to do", err)
	}
}

// TestBackupWhileAppending takes backups while writers append, and wants each
// restored one to be whole and to have all that was answered before it began.
func TestBackupWhileAppending(t *testing.T) {
	t.Parallel()
	n := open(t, t.TempDir())
	stop := make(chan struct{})
	var writers sync.WaitGroup
	var mu sync.Mutex
	answered := map[string]int{}
	for w := range 3 {
		client := connect(t, n.ConnectionString())
		writers.Go(func() {
			stream := "w" + string(rune('0'+w))
			for {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := client.AppendToStream(context.Background(), stream, esdb.AppendToStreamOptions{}, numbered(3)...); err != nil {
					t.Errorf("append: %v", err)
					return
				}
				mu.Lock()
				answered[stream] += 3
				mu.Unlock()
			}
		})
	}
	for round := range 4 {
		before := map[string]int{}
		for done := false; !done; { // every writer has come on
			mu.Lock()
			done = true
			for _, stream := range []string{"w0", "w1", "w2"} {
				before[stream] = answered[stream]
				done = done && before[stream] > 30*round
			}
			mu.Unlock()
		}
		dir := filepath.Join(t.TempDir(), "restored")
		if round%2 == 0 {
			var stream bytes.Buffer
			if err := n.Backup(t.Context(), &stream); err != nil {
				t.Fatal(err)
			}
			if _, err := node.Restore(t.Context(), &stream, dir); err != nil {
				t.Fatal(err)
			}
		} else {
			backup := t.TempDir()
			if err := n.BackupTo(t.Context(), backup); err != nil {
				t.Fatal(err)
			}
			if _, err := node.RestoreFrom(t.Context(), backup, dir); err != nil {
				t.Fatal(err)
			}
		}
		whole(t, dir)
		restored := open(t, dir)
		client := connect(t, restored.ConnectionString())
		for stream, count := range before {
			if got := len(readStream(t, client, stream, esdb.ReadStreamOptions{}, 1e6)); got < count {
				t.Errorf("backup %d has %d events of %s, %d were answered before", round, got, stream, count)
			}
		}
	}
	close(stop)
	writers.Wait()
}

// TestRestoreRefuses: what can't be restored leaves nothing behind.
func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	dir := lived(t, 120)
	d, err := node.OpenDirectory(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	var stream bytes.Buffer
	if err := errors.Join(d.Backup(t.Context(), &stream), d.Close()); err != nil {
		t.Fatal(err)
	}
	good := stream.Bytes()
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "mine"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(good)
	flipped[len(flipped)/2] ^= 1
	for what, c := range map[string]struct {
		stream io.Reader
		dir    string
		says   string
	}{
		"into a directory with files": {bytes.NewReader(good), full, "not empty"},
		"a stream cut off":            {bytes.NewReader(good[:len(good)*2/3]), "", "backup"},
		"a stream without its end":    {bytes.NewReader(good[:bytes.LastIndex(good, []byte("SEAL"))/512*512]), "", "SEAL"},
		"a flipped bit":               {bytes.NewReader(flipped), "", "damaged"},
		"nothing":                     {strings.NewReader(""), "", "SEAL"},
		"no tar":                      {strings.NewReader(strings.Repeat("no tar at all ", 100)), "", "backup"},
	} {
		to := c.dir
		parent := t.TempDir()
		if to == "" {
			to = filepath.Join(parent, "to")
		}
		if _, err := node.Restore(t.Context(), c.stream, to); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("restore %s: %v, want one that says %q", what, err, c.says)
		}
		if left, err := os.ReadDir(parent); err != nil || len(left) > 0 {
			t.Errorf("restore %s leaves %v behind, %v", what, left, err)
		}
	}
	if left, err := filepath.Glob(filepath.Join(dir, "backup-*")); err != nil || len(left) > 0 {
		t.Errorf("the backup leaves %v behind", left)
	}
	if _, err := json.Marshal(whole(t, dir)); err != nil {
		t.Error(err)
	}
}
