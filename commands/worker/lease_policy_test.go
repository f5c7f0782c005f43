package worker_test

import (
	"slices"
	"testing"

	"github.com/playcast/playcast/commands"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/events"
)

var (
	reachable = events.WorkerRegistered{Worker: "w", Incarnation: "first", Address: "10.0.0.7:8189", Slots: 1, At: Now}
	holder    = commands.Holder[events.WorkerID]{Name: "w", Incarnation: "first", Address: "10.0.0.7:8189"}
)

func TestAWorkerThatAnswersNoMoreIsLost(t *testing.T) {
	leases := Told(worker.NewLeases(), reachable)
	for range commands.Missable {
		if leases.Missed(holder) {
			t.Error("it was lost early")
		}
	}
	Due(t, leases, Now)
	leases.Answered(holder)
	for range commands.Missable {
		leases.Missed(holder)
	}
	Due(t, leases, Now)
	if !leases.Missed(holder) {
		t.Error("it was not lost in time")
	}
	lose := worker.Lose{Worker: "w", Incarnation: "first"}
	Due(t, leases, Now, lose)
	leases.Answered(holder) // too late: others may have been told
	Due(t, leases, Now, lose)
	Due(t, Told(leases, events.WorkerLost{Worker: "w", Incarnation: "first", At: Now}), Now)
}

func TestWhoIsAsked(t *testing.T) {
	other := reachable
	other.Worker = "v"
	again := reachable
	again.Incarnation = "second"
	inside := registered // has no address
	for _, c := range []struct {
		name  string
		given []events.Event
		want  []commands.Holder[events.WorkerID]
	}{
		{"a worker with an address", []events.Event{reachable}, []commands.Holder[events.WorkerID]{holder}},
		{"all of them", []events.Event{reachable, other}, []commands.Holder[events.WorkerID]{{Name: "v", Incarnation: "first", Address: holder.Address}, holder}},
		{"not one inside of another process", []events.Event{reachable, inside}, nil},
		{"not one that has stopped", []events.Event{reachable, stopped}, nil},
		{"not one that is lost", []events.Event{reachable, events.WorkerLost{Worker: "w", Incarnation: "first"}}, nil},
		{"its latest process", []events.Event{reachable, again}, []commands.Holder[events.WorkerID]{{Name: "w", Incarnation: "second", Address: holder.Address}}},
	} {
		if got := Told(worker.NewLeases(), c.given...).Holders(); !slices.Equal(got, c.want) {
			t.Errorf("%s: asked are %v, want %v", c.name, got, c.want)
		}
	}
}

// TestAnEarlierProcessDoesNotCount: what is heard of it says nothing of the one
// that has followed it.
func TestAnEarlierProcessDoesNotCount(t *testing.T) {
	again := reachable
	again.Incarnation = "second"
	leases := Told(worker.NewLeases(), reachable, again)
	for range 2 * commands.Missable {
		if leases.Missed(holder) {
			t.Error("another process was lost")
		}
	}
	Due(t, leases, Now)
}
