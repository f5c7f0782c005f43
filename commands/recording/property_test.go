package recording_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/commands"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/recording"
	"github.com/playcast/playcast/events"
)

// TestEveryHistoryIsInOrder plays commands at random, and holds what every
// history of a recording has in common.
func TestEveryHistoryIsInOrder(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 1))
		var state recording.State
		var past []events.Event
		for step := range 60 {
			decided, err := wishAtRandom(random)(state, Now.Add(time.Duration(step)*time.Second))
			if err != nil && len(decided) > 0 {
				t.Fatalf("seed %d: refused, but decided %v", seed, decided)
			}
			for _, e := range decided {
				state = state.Evolve(e)
				past = append(past, e)
			}
		}
		checkOrder(t, seed, past)
	}
}

// wishAtRandom returns the decision of one of all commands.
func wishAtRandom(random *rand.Rand) func(recording.State, time.Time) ([]events.Event, error) {
	footage := events.Footage{Length: random.Int64N(9_000), Bytes: random.Int64N(9_000), Segments: random.IntN(9)}
	worker := events.WorkerID([]string{"w", "w", "v"}[random.IntN(3)])
	player := events.PlayerID([]string{"anna", "anna", "bert"}[random.IntN(3)])
	clip := events.ClipID(uuid.UUID{0: byte(random.IntN(4))})
	all := []commands.Command[recording.State]{
		recording.Open{Recording: id, Session: played, Player: "anna", Worker: "w"},
		recording.Progress{Recording: id, Worker: worker, Footage: footage},
		recording.Progress{Recording: id, Worker: worker, Footage: footage},
		recording.Finish{Worker: worker, Finished: events.RecordingFinished{Recording: id, Footage: footage}},
		recording.Fail{Recording: id, Worker: worker, Footage: footage},
		recording.Cut{Recording: id, Clip: clip, By: player, Title: sealed(1), From: random.Int64N(9_000), To: random.Int64N(9_000)},
		recording.Cut{Recording: id, Clip: clip, By: player, Title: sealed(1), To: random.Int64N(4_000)},
		recording.Delete{Recording: id, By: player, Reason: events.DeletedByPlayer},
		recording.Erase{Recording: id},
	}
	return all[random.IntN(len(all))].Decide
}

// checkOrder: opened once and first, closed once, cut only within what is kept
// and between its close and its deletion, and erased last; what is kept never
// shrinks.
func checkOrder(t *testing.T, seed uint64, past []events.Event) {
	t.Helper()
	rank := map[string]int{"RecordingOpened": 0, "RecordingProgressed": 1, "RecordingFinished": 2, "RecordingFailed": 2,
		"ClipCut": 3, "RecordingDeleted": 4, "RecordingErased": 5}
	repeats := map[string]bool{"RecordingProgressed": true, "ClipCut": true}
	at, length, clips := -1, int64(0), map[events.ClipID]bool{}
	for i, e := range past {
		next := rank[e.EventType()]
		if next < at || next == at && !repeats[e.EventType()] || i == 0 && next != 0 {
			t.Fatalf("seed %d: %s is out of order: %v", seed, e.EventType(), past)
		}
		at = next
		kept := length
		switch e := e.(type) {
		case events.RecordingProgressed:
			kept = e.Footage.Length
		case events.RecordingFinished:
			kept = e.Footage.Length
		case events.RecordingFailed:
			kept = e.Footage.Length
		case events.ClipCut:
			if e.From < 0 || e.To > length || e.To-e.From < recording.ShortestCut || clips[e.Clip] {
				t.Fatalf("seed %d: a clip of what is not there: %+v of %d ms", seed, e, length)
			}
			clips[e.Clip] = true
		}
		if kept < length {
			t.Fatalf("seed %d: the recording has shrunk from %d to %d ms", seed, length, kept)
		}
		length = kept
	}
}
