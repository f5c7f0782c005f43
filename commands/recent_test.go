package commands_test

import (
	"encoding/binary"
	"testing"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

func TestRecentKnowsTheLastEvents(t *testing.T) {
	var recent commands.Recent
	nth := func(n uint64) (id events.EventID) {
		binary.BigEndian.PutUint64(id[:], n)
		return id
	}
	for n := range uint64(5_000) {
		if recent.Again(nth(n)) {
			t.Fatalf("event %d is known before it came", n)
		}
		if !recent.Again(nth(n)) || n >= 4_095 && !recent.Again(nth(n-4_095)) {
			t.Fatalf("after event %d, it or that 4095 before is not known", n)
		}
	}
	if recent.Again(nth(0)) {
		t.Error("the first event is known for ever")
	}
}
