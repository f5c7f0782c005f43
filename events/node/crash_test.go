package node_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"github.com/playcast/playcast/events/node"
)

// crashWriters append at once, each to a stream of its own.
const crashWriters = 8

// appendUntilKilled serves a node and appends to it. Each append that was
// answered is a line on the standard output: stream, revision, position, id.
func appendUntilKilled(dir string) int {
	fail := func(err error) int {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	n, err := node.Open(node.Config{Dir: dir, Listen: "127.0.0.1:0"})
	if err != nil {
		return fail(err)
	}
	config, err := esdb.ParseConnectionString(n.ConnectionString())
	if err != nil {
		return fail(err)
	}
	client, err := esdb.NewClient(config)
	if err != nil {
		return fail(err)
	}
	var mu sync.Mutex
	failed := make(chan error)
	for w := range crashWriters {
		stream := fmt.Sprintf("crash-%d-%s", w, uuid.NewString())
		go func() {
			for {
				e := event("Acknowledged")
				result, err := client.AppendToStream(context.Background(), stream, esdb.AppendToStreamOptions{}, e)
				if err != nil {
					failed <- err
					return
				}
				mu.Lock()
				fmt.Println(stream, result.NextExpectedVersion, result.CommitPosition, e.EventID)
				mu.Unlock()
			}
		}()
	}
	return fail(<-failed)
}

type acknowledged struct {
	stream   string
	revision uint64
	position uint64
	id       string
}

func TestKilledNodeKeepsWhatItAcknowledged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var acks []acknowledged
	for range 5 {
		acks = append(acks, appendAndKill(t, dir, 100+rand.IntN(400))...)
	}
	client := connect(t, open(t, dir).ConnectionString())
	all, err := collect(client.ReadAll(within(t), esdb.ReadAllOptions{}, 1<<40))
	if err != nil {
		t.Fatal(err)
	}
	at := map[uint64]*esdb.RecordedEvent{}
	next := map[string]uint64{}
	ids := map[uuid.UUID]bool{}
	for i, e := range all {
		r := e.OriginalEvent()
		if r.Position.Commit != uint64(i)+1 {
			t.Fatalf("event %d of the log is at position %d", i, r.Position.Commit)
		}
		if r.EventNumber != next[r.StreamID] {
			t.Fatalf("%s goes on with revision %d, want %d", r.StreamID, r.EventNumber, next[r.StreamID])
		}
		if ids[r.EventID] {
			t.Fatalf("event %s is there twice", r.EventID)
		}
		next[r.StreamID]++
		ids[r.EventID] = true
		at[r.Position.Commit] = r
	}
	for _, a := range acks {
		r := at[a.position]
		if r == nil || r.StreamID != a.stream || r.EventNumber != a.revision || r.EventID.String() != a.id {
			t.Fatalf("acknowledged %+v, found %+v", a, r)
		}
	}
	t.Logf("%d acknowledged, %d in the log", len(acks), len(all))
}

// appendAndKill runs the appending program until it has acknowledged enough.
func appendAndKill(t *testing.T, dir string, enough int) []acknowledged {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childDir+"="+dir)
	var stderr strings.Builder
	child.Stderr = &stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var acks []acknowledged
	killed := false
	for lines := bufio.NewReader(out); ; {
		line, err := lines.ReadString('\n')
		if err != nil {
			break // the line that the kill tore is not counted
		}
		var a acknowledged
		if _, err := fmt.Sscan(line, &a.stream, &a.revision, &a.position, &a.id); err != nil {
			t.Errorf("line %q: %v", line, err)
		}
		acks = append(acks, a)
		if len(acks) < enough || killed {
			continue
		}
		if _, err := node.Open(node.Config{Dir: dir, Listen: "127.0.0.1:0"}); !errors.Is(err, node.ErrInUse) {
			t.Errorf("opening a directory that another process has open: %v", err)
		}
		killed = true
		if err := child.Process.Kill(); err != nil {
			t.Error(err)
		}
	}
	_ = child.Wait() // it was killed
	if !killed {
		t.Fatalf("the program ended by itself: %s", stderr.String())
	}
	return acks
}
