package node_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"pgregory.net/rapid"

	"github.com/playcast/playcast/events/node"
)

// TestModel does at random what clients and operators may do, to a node and to
// a simple model of it, and wants no difference in what either answers and
// shows. `-rapid.checks 10000` goes on for longer.
func TestModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := &modelRun{model: newModelStore()}
		var err error
		if m.dir, err = os.MkdirTemp("", "model"); err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(m.dir)
		m.open(t)
		defer func() { m.close(t) }()
		t.Repeat(map[string]func(*rapid.T){
			"append": m.append, "append again": m.appendAgain, "link": m.link,
			"delete": m.delete, "tombstone": m.tombstone, "metadata": m.metadata,
			"scavenge": m.scavenge, "restart": m.restart,
			"read": m.read, "read all": m.readAll, "read system": m.readSystem, "": func(*rapid.T) {},
		})
		m.readAll(t)
	})
}

type modelRun struct {
	dir    string
	node   *node.Node
	client *esdb.Client
	model  *modelStore
	calls  []modelCall // appends that may be repeated
}

type modelCall struct {
	stream string
	events []modelEvent
}

func (m *modelRun) open(t *rapid.T) {
	var err error
	if m.node, err = node.Open(node.Config{Dir: m.dir, Listen: "127.0.0.1:0"}); err != nil {
		t.Fatal(err)
	}
	config, err := esdb.ParseConnectionString(m.node.ConnectionString())
	if err != nil {
		t.Fatal(err)
	}
	config.Logger = esdb.NoopLogging()
	if m.client, err = esdb.NewClient(config); err != nil {
		t.Fatal(err)
	}
}

func (m *modelRun) close(t *rapid.T) {
	if err := errors.Join(m.client.Close(), m.node.Close()); err != nil {
		t.Fatal(err)
	}
}

func (m *modelRun) restart(t *rapid.T) {
	m.close(t)
	if report, err := node.Verify(context.Background(), m.dir); err != nil || report.Faults > 0 {
		t.Fatalf("verify: %+v, %v", report, err)
	}
	m.open(t)
}

var modelStreams = []string{"cat-1", "cat-2", "dog-1", "plain"}

func drawStream(t *rapid.T) string { return rapid.SampledFrom(modelStreams).Draw(t, "stream") }

// drawExpected is near what the stream is at.
func (m *modelRun) drawExpected(t *rapid.T, stream string) (int64, esdb.ExpectedRevision) {
	last := m.model.stream(stream).last
	if last == modelTombstone {
		last = 1
	}
	switch e := rapid.SampledFrom([]int64{modelAny, modelAny, modelNone, modelExists, last, last, max(0, last-2), last + 1}).Draw(t, "expected"); e {
	case modelAny:
		return e, esdb.Any{}
	case modelNone:
		return e, esdb.NoStream{}
	case modelExists:
		return e, esdb.StreamExists{}
	default:
		return e, esdb.Revision(uint64(e))
	}
}

func (m *modelRun) append(t *rapid.T) {
	events := make([]modelEvent, rapid.IntRange(0, 4).Draw(t, "events"))
	for i := range events {
		events[i] = modelEvent{id: uuid.New(), kind: rapid.SampledFrom([]string{"A", "B"}).Draw(t, "type"),
			correlationID: rapid.SampledFrom([]string{"", "", "c1", "c2"}).Draw(t, "correlation")}
	}
	call := modelCall{drawStream(t), events}
	m.call(t, call)
	if len(events) > 0 {
		m.calls = append(m.calls, call)
	}
}

// appendAgain repeats an append, or a part of it, or with one more event.
func (m *modelRun) appendAgain(t *rapid.T) {
	if len(m.calls) == 0 {
		t.Skip("nothing to repeat")
	}
	call := rapid.SampledFrom(m.calls).Draw(t, "call")
	from := rapid.IntRange(0, len(call.events)-1).Draw(t, "from")
	call.events = slices.Clone(call.events[from:rapid.IntRange(from+1, len(call.events)).Draw(t, "to")])
	if rapid.Bool().Draw(t, "more") {
		call.events = append(call.events, modelEvent{id: uuid.New(), kind: "A"})
	}
	if rapid.IntRange(0, 4).Draw(t, "elsewhere") == 0 {
		call.stream = drawStream(t)
	}
	m.call(t, call)
}

func (m *modelRun) link(t *rapid.T) {
	target := fmt.Sprintf("%d@%s", rapid.IntRange(0, 5).Draw(t, "revision"), drawStream(t))
	m.call(t, modelCall{drawStream(t), []modelEvent{{id: uuid.New(), kind: "$>", data: target}}})
}

func (m *modelRun) call(t *rapid.T, call modelCall) {
	expected, option := m.drawExpected(t, call.stream)
	events := make([]esdb.EventData, len(call.events))
	for i, e := range call.events {
		events[i] = esdb.EventData{EventID: e.id, EventType: e.kind, Data: []byte(e.data)}
		if e.correlationID != "" {
			events[i].Metadata = fmt.Appendf(nil, `{"$correlationId":%q}`, e.correlationID)
		}
	}
	want, outcome := m.model.append(call.stream, expected, call.events)
	got, err := m.client.AppendToStream(context.Background(), call.stream, esdb.AppendToStreamOptions{ExpectedRevision: option}, events...)
	m.same(t, outcome, err)
	if err == nil && want >= 0 && got.NextExpectedVersion != uint64(want) {
		t.Fatalf("append to %s: at revision %d, want %d", call.stream, got.NextExpectedVersion, want)
	}
}

// same compares how an operation ended.
func (m *modelRun) same(t *rapid.T, want modelOutcome, err error) {
	got := modelOutcome(fmt.Sprint(err))
	switch code := codeOf(err); {
	case err == nil:
		got = outcomeOK
	case code == esdb.ErrorCodeWrongExpectedVersion, code == esdb.ErrorCodeUnknown && grpcCode(err) == codes.FailedPrecondition:
		got = outcomeConflict
	case code == esdb.ErrorCodeStreamDeleted:
		got = outcomeDeleted
	case code == esdb.ErrorCodeResourceNotFound:
		got = outcomeNotFound
	}
	if got != want {
		t.Fatalf("the node says %q, the model %q", got, want)
	}
}

func (m *modelRun) delete(t *rapid.T) {
	stream := drawStream(t)
	expected, option := m.drawExpected(t, stream)
	_, err := m.client.DeleteStream(context.Background(), stream, esdb.DeleteStreamOptions{ExpectedRevision: option})
	m.same(t, m.model.delete(stream, expected), err)
}

func (m *modelRun) tombstone(t *rapid.T) {
	stream := drawStream(t)
	expected, option := m.drawExpected(t, stream)
	if rapid.IntRange(0, 3).Draw(t, "really") > 0 {
		t.Skip("a tombstone ends a stream for ever: seldom")
	}
	_, err := m.client.TombstoneStream(context.Background(), stream, esdb.TombstoneStreamOptions{ExpectedRevision: option})
	m.same(t, m.model.tombstone(stream, expected), err)
}

func (m *modelRun) metadata(t *rapid.T) {
	stream := drawStream(t)
	maxCount, before := rapid.Int64Range(0, 4).Draw(t, "max count"), rapid.Int64Range(0, 6).Draw(t, "before")
	var set esdb.StreamMetadata
	if maxCount > 0 {
		set.SetMaxCount(uint64(maxCount))
	}
	if before > 0 {
		set.SetTruncateBefore(uint64(before))
	}
	_, err := m.client.SetStreamMetadata(context.Background(), stream, esdb.AppendToStreamOptions{}, set)
	m.same(t, m.model.setMetadata(stream, maxCount, before), err)
}

func (m *modelRun) scavenge(t *rapid.T) {
	done, err := m.node.Scavenge(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if want := m.model.scavenge(); done.Events != want {
		t.Fatalf("a scavenge took %d events, the model %d", done.Events, want)
	}
	m.calls = nil // what is gone is no longer recognised after a restart
}
