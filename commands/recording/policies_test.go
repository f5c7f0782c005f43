package recording_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/recording"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
)

var (
	started   = events.SessionRecordingStarted{Session: played, Recording: id, By: "anna", At: before}
	stopped   = events.SessionRecordingStopped{Session: played, Recording: id, By: "anna", At: before}
	ending    = events.SessionEnding{Session: played, Reason: events.EndedByPlayer, At: before}
	ended     = events.SessionEnded{Session: played, Reason: events.EndedByPlayer, At: before}
	broken    = events.SessionFailed{Session: played, Cause: events.FailedWorker, At: before}
	soonAfter = before.Add(59 * time.Second)
	later     = before.Add(time.Minute)
)

func TestClosing(t *testing.T) {
	stop := session.StopRecording{Session: played, Recording: id}
	lost := recording.Fail{Recording: id, Cause: events.RecordingWorkerLost}
	for _, c := range []struct {
		name  string
		given []events.Event
		at    time.Time
		due   []any
	}{
		{"nothing at the start", nil, Now, nil},
		{"a recording that goes on", []events.Event{started, opened, progressed}, Now, nil},
		{"one that ended of itself is over for its session", []events.Event{started, opened, finished}, before, []any{stop}},
		{"so is one that failed", []events.Event{started, opened, failed}, before, []any{stop}},
		{"once the session knows, all is settled", []events.Event{started, opened, finished, stopped}, Now, nil},
		{"one that was stopped", []events.Event{started, opened, stopped, finished}, Now, nil},
		{"one that ends with its session", []events.Event{started, opened, ending, finished, ended}, Now, nil},
		{"a worker has a minute to close it", []events.Event{started, opened, broken}, soonAfter, nil},
		{"then it is lost", []events.Event{started, opened, broken}, later, []any{lost}},
		{"also after an end in good order", []events.Event{started, opened, ending, ended}, later, []any{lost}},
		{"and so is one that began when all was over", []events.Event{started, broken, opened}, later, []any{lost}},
		{"or when it was stopped", []events.Event{started, stopped, opened}, later, []any{lost}},
		{"unless its worker closes it", []events.Event{started, broken, opened, finished}, later, nil},
		{"once failed, all is settled", []events.Event{started, opened, broken, failed}, later, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			Due(t, Told(recording.NewClosing(), c.given...), c.at, c.due...)
		})
	}
}

// of makes the history of one finished recording.
func of(player events.PlayerID, last byte, bytes int64, at time.Time) (events.RecordingID, []events.Event) {
	one := events.RecordingID(uuid.UUID{15: last})
	return one, []events.Event{
		events.RecordingOpened{Recording: one, Session: played, Player: player, Worker: "w", At: at},
		events.RecordingFinished{Recording: one, Reason: events.RecordingStopped, Footage: events.Footage{Length: 1, Bytes: bytes, Segments: 1}, At: at},
	}
}

func TestRetentionByAge(t *testing.T) {
	keep := recording.Keep{Age: 24 * time.Hour}
	one, past := of("anna", 1, 100, before)
	policy := Told(recording.NewRetention(keep), past...)
	Due(t, policy, before.Add(24*time.Hour-1))
	Due(t, policy, before.Add(24*time.Hour), recording.Delete{Recording: one, Reason: events.DeletedByAge})
	Due(t, Told(policy, events.RecordingDeleted{Recording: one, At: before}), before.Add(48*time.Hour))
	Due(t, Told(recording.NewRetention(recording.Keep{}), past...), before.Add(10000*time.Hour))
}

func TestRetentionForSpaceDeletesTheOldestFirst(t *testing.T) {
	policy := recording.NewRetention(recording.Keep{Bytes: 250})
	var all [4]events.RecordingID
	for i := range all {
		one, past := of("anna", byte(i), 100, before.Add(time.Duration(i)*time.Minute))
		all[i], policy = one, Told(policy, past...)
	}
	_, others := of("bert", 9, 200, before)
	policy = Told(policy, others...)
	Due(t, policy, Now,
		recording.Delete{Recording: all[0], Reason: events.DeletedForSpace},
		recording.Delete{Recording: all[1], Reason: events.DeletedForSpace})
}

// Nothing comes of age here: what is due changes with what happens alone.
func TestRetentionHearsOfAnErasureBetweenLooks(t *testing.T) {
	one, past := of("anna", 1, 100, before)
	policy := Told(recording.NewRetention(recording.Keep{}), past...)
	Due(t, policy, Now)
	Due(t, Told(policy, events.PlayerErased{Player: "anna", At: Now}), Now, recording.Delete{Recording: one, Reason: events.DeletedByErasure})
}

// The newest recording stays, however large: its player has just made it.
func TestRetentionKeepsNothingOfWhoIsErased(t *testing.T) {
	policy := recording.NewRetention(recording.Keep{})
	one, past := of("anna", 1, 100, before)
	two, making := of("anna", 2, 100, before)
	_, others := of("bert", 9, 200, before)
	policy = Told(Told(Told(policy, past...), others...), making[0], events.PlayerErased{Player: "anna", At: before})
	Due(t, policy, Now, recording.Delete{Recording: one, Reason: events.DeletedByErasure})
	policy = Told(policy, events.RecordingDeleted{Recording: one, At: before})
	Due(t, policy, Now)
	Due(t, Told(policy, making[1:]...), Now, recording.Delete{Recording: two, Reason: events.DeletedByErasure})
}

func TestRetentionKeepsTheNewest(t *testing.T) {
	_, past := of("anna", 1, 1_000, before)
	Due(t, Told(recording.NewRetention(recording.Keep{Bytes: 250}), past...), Now)
}
