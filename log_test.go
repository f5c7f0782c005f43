package main_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/esdb"
)

// log reads every event that the store holds, in their order.
func (p *product) log() []events.Recorded {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), bound)
	defer cancel()
	store, err := esdb.Open(p.store)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() {
		if err := store.Close(); err != nil {
			p.t.Errorf("close the store: %v", err)
		}
	}()
	sub, err := store.Subscribe(ctx, events.Start)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() {
		if err := sub.Close(); err != nil {
			p.t.Errorf("close the subscription: %v", err)
		}
	}()
	var all []events.Recorded
	for {
		d, err := sub.Next(ctx)
		if err != nil {
			p.t.Fatalf("read the log: %v", err)
		}
		if d.CaughtUp() {
			return all
		}
		all = append(all, *d.Event)
	}
}

// fact is an event with who and why.
type fact struct {
	events.Recorded
	event events.Event
	meta  events.Metadata
}

func facts(t *testing.T, log []events.Recorded) []fact {
	t.Helper()
	all := make([]fact, len(log))
	for i, r := range log {
		event, meta, err := events.Decode(r)
		if err != nil {
			t.Fatal(err)
		}
		all[i] = fact{r, event, meta}
	}
	return all
}

// of returns the facts of one stream.
func of(all []fact, stream events.Stream) []fact {
	var found []fact
	for _, f := range all {
		if f.Stream == stream {
			found = append(found, f)
		}
	}
	return found
}

// find returns the stream's facts of one type.
func find[E events.Event](all []fact, stream events.Stream) []E {
	var found []E
	for _, f := range of(all, stream) {
		if event, ok := f.event.(E); ok {
			found = append(found, event)
		}
	}
	return found
}

// beside says that a fact is of how the picture was, or of saves, which the
// tests of a session's life don't decide.
func (f fact) beside() bool {
	switch f.event.(type) {
	case events.QualityReported, events.PictureAdapted, events.SavesKept, events.SavesTroubled:
		return true
	}
	return false
}

// types are the types of the facts, without those beside.
func types(all []fact) []string {
	var names []string
	for _, f := range all {
		if !f.beside() {
			names = append(names, f.Type)
		}
	}
	return names
}

func streamOf(t *testing.T, session string) events.Stream {
	t.Helper()
	id, err := events.ParseSessionID(session)
	if err != nil {
		t.Fatal(err)
	}
	return events.SessionStream(id)
}

// readable prints a fact as a failure shows it.
func (f fact) String() string {
	text, err := json.Marshal(f.event)
	if err != nil {
		return f.Type
	}
	return f.Type + " " + string(text)
}
