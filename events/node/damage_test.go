package node_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"

	"github.com/playcast/playcast/events/node"
)

// TestDamagedFile flips a byte in each file of a store that holds events, one
// at a time. Whoever reads must be told, and must not get another event.
func TestDamagedFile(t *testing.T) {
	t.Parallel()
	crashed, closed, wrote := damageable(t)
	t.Run("the write-ahead log", func(t *testing.T) { damageEach(t, crashed, ".log", wrote) })
	t.Run("a table", func(t *testing.T) { damageEach(t, closed, ".sst", wrote) })
}

// damageEach damages each file of the kind that holds a certain event.
func damageEach(t *testing.T, dir, kind string, wrote [][]byte) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "log", "*"+kind))
	if err != nil {
		t.Fatal(err)
	}
	damaged := 0
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		at := bytes.Index(content, wrote[len(wrote)/3][8:16])
		if at < 0 {
			continue // not in this file
		}
		damaged++
		content[at] ^= 1
		readsDamage(t, copyOf(t, dir, filepath.Base(file), content), wrote)
	}
	if damaged == 0 {
		t.Fatal("no file holds the data")
	}
}

// damageable is a store whose events are not compressible, so that their bytes
// are found in its files, and these bytes: once as a crash leaves it, with the
// events in the write-ahead log, and once closed, with the events in a table.
func damageable(t *testing.T) (crashed, closed string, wrote [][]byte) {
	t.Helper()
	dir, crashed := t.TempDir(), t.TempDir()
	n := open(t, dir)
	client := connect(t, n.ConnectionString())
	for range 300 {
		e := event("Random")
		e.Data = make([]byte, 2000)
		if _, err := rand.Read(e.Data); err != nil {
			t.Fatal(err)
		}
		wrote = append(wrote, e.Data)
		appendEvents(t, client, "damaged", esdb.Any{}, e)
	}
	if err := os.CopyFS(crashed, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	return crashed, dir, wrote
}

// copyOf is the store's directory again, with another content in one file.
func copyOf(t *testing.T, dir, file string, content []byte) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(to, "log", file), content, 0o600); err != nil {
		t.Fatal(err)
	}
	return to
}

func readsDamage(t *testing.T, dir string, wrote [][]byte) {
	t.Helper()
	n, err := node.Open(node.Config{Dir: dir, Listen: "127.0.0.1:0"})
	if errors.Is(err, node.ErrCorrupt) {
		return
	}
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	defer n.Close()
	client := connect(t, n.ConnectionString())
	for name, read := range map[string]func() ([]*esdb.ResolvedEvent, error){
		"stream": func() ([]*esdb.ResolvedEvent, error) {
			return collect(client.ReadStream(within(t), "damaged", esdb.ReadStreamOptions{}, 1000))
		},
		"$all": func() ([]*esdb.ResolvedEvent, error) {
			return collect(client.ReadAll(within(t), esdb.ReadAllOptions{}, 1000))
		},
	} {
		events, err := read()
		if grpcCode(err) != codes.DataLoss {
			t.Errorf("read %s: %d events and then %v, want DataLoss", name, len(events), err)
		}
		for i, e := range events {
			if !bytes.Equal(e.Event.Data, wrote[i]) {
				t.Errorf("read %s: event %d is another", name, i)
			}
		}
	}
	t.Log("opened, and reads were refused")
}
