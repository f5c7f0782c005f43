package node_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"github.com/playcast/playcast/events/node"
)

// crashRounds is how many times the node is killed: 500 for a night's doubt.
var crashRounds = flag.Int("crash-rounds", 20, "how many times TestKilledNodeKeepsWhatItAcknowledged kills the node")

// crashWriters append at once, each to a stream of its own.
const crashWriters = 8

// part is the data of an event: which append it came with, and where in it.
type part struct {
	Append string `json:"append"`
	Index  int    `json:"index"`
	Of     int    `json:"of"`
}

// parts makes the events of one append.
func parts(n int) (string, []esdb.EventData) {
	name := uuid.NewString()
	batch := make([]esdb.EventData, n)
	for i := range batch {
		data, err := json.Marshal(part{Append: name, Index: i, Of: n})
		if err != nil {
			panic(err) // a struct of a string and two numbers
		}
		batch[i] = esdb.EventData{EventID: uuid.New(), EventType: "Part", ContentType: esdb.ContentTypeJson, Data: data}
	}
	return name, batch
}

// appendUntilKilled serves a node and appends to it, one to five events a
// call. Each append that was answered is a line on the standard output: stream,
// revision and position of its last event, the append's name, the count.
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
				name, batch := parts(1 + rand.IntN(5))
				result, err := client.AppendToStream(context.Background(), stream, esdb.AppendToStreamOptions{}, batch...)
				if err != nil {
					failed <- err
					return
				}
				mu.Lock()
				fmt.Println(stream, result.NextExpectedVersion, result.CommitPosition, name, len(batch))
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
	name     string
	count    int
}

func TestKilledNodeKeepsWhatItAcknowledged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var acks []acknowledged
	for range *crashRounds {
		// Some are killed before they have opened the store, some while they
		// replay what the one before left.
		acks = append(acks, appendAndKill(t, dir, time.Duration(rand.IntN(300))*time.Millisecond)...)
	}
	if len(acks) == 0 {
		t.Fatal("nothing was acknowledged between two kills")
	}
	client := connect(t, open(t, dir).ConnectionString())
	all, err := collect(client.ReadAll(within(t), esdb.ReadAllOptions{}, 1<<40))
	if err != nil {
		t.Fatal(err)
	}
	checkWhole(t, all)
	at := map[uint64]*esdb.RecordedEvent{}
	for _, e := range all {
		at[e.OriginalEvent().Position.Commit] = e.OriginalEvent()
	}
	for _, a := range acks {
		r := at[a.position]
		if r == nil || r.StreamID != a.stream || r.EventNumber != a.revision || !strings.Contains(string(r.Data), a.name) {
			t.Fatalf("acknowledged %+v, found %+v", a, r)
		}
	}
	t.Logf("%d appends acknowledged over %d kills, %d events in the log", len(acks), *crashRounds, len(all))
}

// checkWhole wants a log without gaps or repetitions, whose streams have none
// either, and each of whose appends is there from its first event to its last.
func checkWhole(t *testing.T, all []*esdb.ResolvedEvent) {
	t.Helper()
	next := map[string]uint64{}
	ids := map[uuid.UUID]bool{}
	var open part // what the append that the last event belongs to still lacks
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
		var p part
		if err := json.Unmarshal(r.Data, &p); err != nil {
			t.Fatalf("event at %d: %v", r.Position.Commit, err)
		}
		if p.Index != open.Index || p.Index > 0 && p.Append != open.Append {
			t.Fatalf("position %d holds part %+v, want part %d of append %q", r.Position.Commit, p, open.Index, open.Append)
		}
		if open = (part{Append: p.Append, Index: p.Index + 1}); open.Index == p.Of {
			open = part{}
		}
	}
	if open.Index != 0 {
		t.Fatalf("the last append is torn after %d events", open.Index)
	}
}

// child is the appending program.
type child struct {
	process *exec.Cmd
	lines   *bufio.Reader
	stderr  strings.Builder
}

func startChild(t *testing.T, dir string) *child {
	t.Helper()
	c := &child{process: exec.Command(os.Args[0])}
	c.process.Env = append(os.Environ(), childDir+"="+dir)
	c.process.Stderr = &c.stderr
	out, err := c.process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.lines = bufio.NewReader(out)
	if err := c.process.Start(); err != nil {
		t.Fatal(err)
	}
	return c
}

// appendAndKill runs the appending program and kills it after the time given.
func appendAndKill(t *testing.T, dir string, after time.Duration) []acknowledged {
	t.Helper()
	c := startChild(t, dir)
	kill := time.AfterFunc(after, func() { _ = c.process.Process.Kill() }) // one that ended by itself is told below
	var acks []acknowledged
	for {
		line, err := c.lines.ReadString('\n')
		if err != nil {
			break // the line that the kill tore is not counted
		}
		var a acknowledged
		if _, err := fmt.Sscan(line, &a.stream, &a.revision, &a.position, &a.name, &a.count); err != nil {
			t.Errorf("line %q: %v", line, err)
		}
		acks = append(acks, a)
	}
	_ = c.process.Wait() // it was killed
	if kill.Stop() {
		t.Fatalf("the program ended by itself: %s", c.stderr.String())
	}
	return acks
}

func TestADirectoryOfAnotherProcessIsRefusedUntilThatIsDead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := startChild(t, dir)
	if _, err := c.lines.ReadString('\n'); err != nil {
		t.Fatalf("%v: %s", err, c.stderr.String())
	}
	if _, err := node.Open(node.Config{Dir: dir, Listen: "127.0.0.1:0"}); !errors.Is(err, node.ErrInUse) {
		t.Errorf("while it runs: %v", err)
	}
	if err := c.process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.process.Wait() // it was killed
	open(t, dir)
}
