package node_test

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/anishathalye/porcupine"
	"github.com/google/uuid"
)

// The check asks whether what concurrent clients were answered could have been
// answered one after the other, each call at some moment between its start and
// its end (Herlihy and Wing, Linearizability, 1990).

type linearKind int

const (
	linearAppend linearKind = iota
	linearRead              // a whole stream, forwards
	linearLast              // its last event, backwards
	linearHead              // the last event of $all
)

// linearCall is what a client asked.
type linearCall struct {
	kind     linearKind
	stream   string
	expected int64 // a revision; -1: no stream; whatever
	ids      []uuid.UUID
}

const whatever = -2

// linearAnswer is what it was told.
type linearAnswer struct {
	conflict bool
	revision int64  // after an append
	position uint64 // of an append or of the head
	ids      string // read, 16 bytes each
}

func joined(ids []uuid.UUID) string {
	var s []byte
	for _, id := range ids {
		s = append(s, id[:]...)
	}
	return string(s)
}

// streamModel is one stream: its state is the ids that it holds, joined.
var streamModel = porcupine.Model{
	Init: func() any { return "" },
	Step: func(state, input, output any) (bool, any) {
		ids, call, answer := state.(string), input.(linearCall), output.(linearAnswer)
		last := int64(len(ids)/16) - 1
		switch call.kind {
		case linearRead:
			return answer.ids == ids, ids
		case linearLast:
			return answer.ids == ids[max(0, len(ids)-16):], ids
		}
		if call.expected != whatever && call.expected != last {
			return answer.conflict, ids
		}
		next := ids + joined(call.ids)
		return !answer.conflict && answer.revision == int64(len(next)/16)-1, next
	},
	Equal:     func(a, b any) bool { return a.(string) == b.(string) },
	Partition: byStream,
	DescribeOperation: func(input, output any) string {
		return fmt.Sprintf("%+v: %+v", input, output)
	},
}

// byStream parts a history into those of the streams. The head belongs to none.
func byStream(history []porcupine.Operation) [][]porcupine.Operation {
	parts := map[string][]porcupine.Operation{}
	for _, o := range history {
		if call := o.Input.(linearCall); call.kind != linearHead {
			parts[call.stream] = append(parts[call.stream], o)
		}
	}
	var all [][]porcupine.Operation
	for _, part := range parts {
		all = append(all, part)
	}
	return all
}

// logModel is the log as a counter: an append takes the next positions.
var logModel = porcupine.Model{
	Init: func() any { return uint64(0) },
	Step: func(state, input, output any) (bool, any) {
		head, call, answer := state.(uint64), input.(linearCall), output.(linearAnswer)
		if call.kind == linearAppend {
			head += uint64(len(call.ids))
		}
		return answer.position == head, head
	},
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		return [][]porcupine.Operation{slices.DeleteFunc(slices.Clone(history), func(o porcupine.Operation) bool {
			kind := o.Input.(linearCall).kind
			return kind == linearRead || kind == linearLast || o.Output.(linearAnswer).conflict
		})}
	},
}

// linearClient calls at random and keeps what it asked and was told.
type linearClient struct {
	number  int
	client  *esdb.Client
	random  *rand.Rand
	last    map[string]int64 // as this client saw it
	began   time.Time
	history []porcupine.Operation
}

func (c *linearClient) step(ctx context.Context, streams []string) error {
	call := linearCall{stream: streams[c.random.IntN(len(streams))], expected: whatever}
	switch n := c.random.IntN(10); {
	case n < 6:
		call.ids = make([]uuid.UUID, 1+c.random.IntN(3))
		for i := range call.ids {
			call.ids[i] = uuid.New()
		}
		if n < 4 {
			call.expected = c.last[call.stream]
		}
	case n < 7:
		call.kind = linearRead
	case n < 9:
		call.kind = linearLast
	default:
		call.kind = linearHead
	}
	start := time.Since(c.began)
	answer, err := c.call(ctx, call)
	end := time.Since(c.began)
	if err != nil {
		return fmt.Errorf("%+v: %w", call, err)
	}
	c.history = append(c.history, porcupine.Operation{ClientId: c.number, Input: call, Call: int64(start), Output: answer, Return: int64(end)})
	return nil
}

func (c *linearClient) call(ctx context.Context, call linearCall) (linearAnswer, error) {
	switch call.kind {
	case linearRead:
		events, err := collect(c.client.ReadStream(ctx, call.stream, esdb.ReadStreamOptions{}, 1<<20))
		return c.read(call.stream, events, err)
	case linearLast:
		events, err := collect(c.client.ReadStream(ctx, call.stream, esdb.ReadStreamOptions{Direction: esdb.Backwards, From: esdb.End{}}, 1))
		return c.read(call.stream, events, err)
	case linearHead:
		events, err := collect(c.client.ReadAll(ctx, esdb.ReadAllOptions{Direction: esdb.Backwards, From: esdb.End{}}, 1))
		if err != nil || len(events) == 0 {
			return linearAnswer{}, err
		}
		return linearAnswer{position: events[0].OriginalEvent().Position.Commit}, nil
	}
	batch := make([]esdb.EventData, len(call.ids))
	for i, id := range call.ids {
		batch[i] = esdb.EventData{EventID: id, EventType: "Linear", ContentType: esdb.ContentTypeJson, Data: binary.BigEndian.AppendUint64(nil, uint64(i))}
	}
	var expected esdb.ExpectedRevision = esdb.Any{}
	switch {
	case call.expected >= 0:
		expected = esdb.Revision(uint64(call.expected))
	case call.expected == -1:
		expected = esdb.NoStream{}
	}
	result, err := c.client.AppendToStream(ctx, call.stream, esdb.AppendToStreamOptions{ExpectedRevision: expected}, batch...)
	if codeOf(err) == esdb.ErrorCodeWrongExpectedVersion {
		return linearAnswer{conflict: true}, nil
	}
	if err != nil {
		return linearAnswer{}, err
	}
	c.last[call.stream] = int64(result.NextExpectedVersion)
	return linearAnswer{revision: int64(result.NextExpectedVersion), position: result.CommitPosition}, nil
}

func (c *linearClient) read(stream string, events []*esdb.ResolvedEvent, err error) (linearAnswer, error) {
	if codeOf(err) == esdb.ErrorCodeResourceNotFound {
		return linearAnswer{}, nil
	}
	var ids []uuid.UUID
	for _, e := range events {
		ids = append(ids, e.OriginalEvent().EventID)
		c.last[stream] = int64(e.OriginalEvent().EventNumber)
	}
	return linearAnswer{ids: joined(ids)}, err
}

func TestAppendsAreLinearizable(t *testing.T) {
	t.Parallel()
	const clients, calls = 10, 400
	n := open(t, t.TempDir())
	streams := []string{unique("linear"), unique("linear"), unique("linear")}
	all := make([]*linearClient, clients)
	began := time.Now()
	for i := range all {
		seed := rand.Uint64()
		t.Logf("client %d has seed %d", i, seed)
		all[i] = &linearClient{number: i, client: connect(t, n.ConnectionString()), began: began,
			random: rand.New(rand.NewPCG(seed, 0)), last: map[string]int64{}}
		for _, stream := range streams {
			all[i].last[stream] = -1
		}
	}
	var group sync.WaitGroup
	failed := make([]error, clients)
	for i, c := range all {
		group.Go(func() {
			for range calls {
				failed[i] = cmp.Or(failed[i], c.step(context.Background(), streams))
			}
		})
	}
	group.Wait()
	if err := errors.Join(failed...); err != nil {
		t.Fatal(err)
	}
	var history []porcupine.Operation
	for _, c := range all {
		history = append(history, c.history...)
	}
	for name, model := range map[string]porcupine.Model{"streams": streamModel, "log": logModel} {
		if result := porcupine.CheckOperationsTimeout(model, history, patience); result != porcupine.Ok {
			t.Errorf("%s: the history of %d calls is %s", name, len(history), result)
		}
	}
}

// TestTheCheckFindsWhatIsNotLinearizable: a read that misses an append that was
// acknowledged before it began.
func TestTheCheckFindsWhatIsNotLinearizable(t *testing.T) {
	t.Parallel()
	id := uuid.New()
	history := []porcupine.Operation{
		{Input: linearCall{stream: "s", expected: -1, ids: []uuid.UUID{id}}, Call: 0, Output: linearAnswer{position: 1}, Return: 1},
		{Input: linearCall{kind: linearRead, stream: "s"}, Call: 2, Output: linearAnswer{}, Return: 3},
		{Input: linearCall{kind: linearHead}, Call: 2, Output: linearAnswer{}, Return: 3},
	}
	if porcupine.CheckOperations(streamModel, history) {
		t.Error("of the stream it was taken for linearizable")
	}
	if porcupine.CheckOperations(logModel, history) {
		t.Error("of the log it was taken for linearizable")
	}
}
