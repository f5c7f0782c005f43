package queries_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/memstore"
	"github.com/playcast/playcast/projections"
)

// projected is a fixture whose rows come of events, by the projections.
type projected struct {
	*fixture
	store events.Store
}

func newProjected(t *testing.T) *projected {
	t.Helper()
	p := &projected{fixture: newFixture(t), store: memstore.New(time.Now)}
	pool, err := projections.Open(t.Context(), p.conn.Config().ConnString())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var group sync.WaitGroup
	group.Go(func() {
		projections.NewProjector(pool, p.store, slog.New(slog.DiscardHandler)).Run(ctx, func(err error) { t.Error(err) })
	})
	t.Cleanup(func() {
		stop()
		group.Wait()
		pool.Close()
	})
	return p
}

// happened appends events to a stream and waits until a view shows them. It
// returns their ids.
func (p *projected) happened(view string, stream events.Stream, all ...events.Event) []events.EventID {
	p.t.Helper()
	var ids []events.EventID
	var proposed []events.Proposed
	command := events.NewCommandID()
	for i, e := range all {
		one, err := events.Encode(events.DeriveEventID(command, i), e, events.Metadata{Command: command, Actor: "system:test"})
		if err != nil {
			p.t.Fatal(err)
		}
		ids, proposed = append(ids, one.ID), append(proposed, one)
	}
	at, err := p.store.Append(p.t.Context(), stream, events.AnyRevision(), proposed)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.db.Await(p.t.Context(), view, at); err != nil {
		p.t.Fatal(err)
	}
	return ids
}
