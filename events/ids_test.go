package events_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
)

func TestParseSessionID(t *testing.T) {
	id := events.NewSessionID()
	got, err := events.ParseSessionID(id.String())
	if err != nil || got != id {
		t.Fatalf("got %v, %v", got, err)
	}
	for _, text := range []string{"", "x", "urn:uuid:" + id.String(), "{" + id.String() + "}", strings.ReplaceAll(id.String(), "-", "")} {
		if _, err := events.ParseSessionID(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

func TestSlugs(t *testing.T) {
	for text, ok := range map[string]bool{
		"a": true, "freedoom1": true, "latency-lab": true, strings.Repeat("a", 64): true,
		"": false, "-a": false, "a-": false, "A": false, "a b": false, "a/b": false, "ä": false, "$all": false, strings.Repeat("a", 65): false,
	} {
		if _, err := events.ParseGameID(text); (err == nil) != ok {
			t.Errorf("game %q: %v", text, err)
		}
		if _, err := events.ParsePlayerID(text); (err == nil) != ok {
			t.Errorf("player %q: %v", text, err)
		}
		if _, err := events.ParseWorkerID(text); (err == nil) != ok {
			t.Errorf("worker %q: %v", text, err)
		}
	}
}

func TestDerivedIDs(t *testing.T) {
	command := events.CommandID(uuid.MustParse("01970000-0000-7000-8000-000000000001"))
	first, second := events.DeriveEventID(command, 0), events.DeriveEventID(command, 1)
	if first == second || first != events.DeriveEventID(command, 0) {
		t.Errorf("event ids %v, %v", first, second)
	}
	if events.DeriveCommandID(first, "a") == events.DeriveCommandID(first, "b") {
		t.Error("two purposes have one id")
	}
	if command.OfPlayer("player1") == command.OfPlayer("player2") {
		t.Error("two players' choices meet")
	}
	if command.On("session-a") == command.On("session-b") {
		t.Error("choices for two streams meet")
	}
	// This is in stored histories: it can't change.
	if got := first.String(); got != "1371a773-cc28-540c-94fe-324f2371dd8b" {
		t.Errorf("the event id is %s now", got)
	}
}

func TestExpected(t *testing.T) {
	if _, exists := events.NoStream().Last(); exists {
		t.Error("no stream has a last event")
	}
	if last, exists := events.After(0).Last(); !exists || last != 0 {
		t.Errorf("after 0: %d, %v", last, exists)
	}
	if !events.AnyRevision().Any() || events.After(3).Any() || events.NoStream().Any() {
		t.Error("any")
	}
	var zero events.Expected
	if zero != events.NoStream() {
		t.Error("the zero value expects something")
	}
	if got := events.After(3).String(); got != "revision 3" {
		t.Error(got)
	}
}

func TestFaultsCompareByCode(t *testing.T) {
	base := &events.Fault{Kind: events.Conflict, Code: "busy", Message: "a"}
	if precise := base.With("b"); !precise.Is(base) || precise.Message != "b" || precise.Kind != events.Conflict {
		t.Errorf("%+v", precise)
	}
	if base.Is(&events.Fault{Code: "other"}) {
		t.Error("another code is the same fault")
	}
}
