package queries_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries"
)

func TestOpenSessions(t *testing.T) {
	f := newFixture(t)
	queued, active := f.session("anna", events.SessionIsQueued, 1), f.session("anna", events.SessionIsActive, 2)
	f.session("anna", events.SessionIsEnded, 3)
	f.session("anna", events.SessionIsFailed, 4)
	f.session("bert", events.SessionIsActive, 5)
	got, err := f.db.OpenSessions(t.Context(), "anna")
	if err != nil || len(got) != 2 || !slices.Contains(got, queued) || !slices.Contains(got, active) {
		t.Errorf("got %v, %v; want %v and %v", got, err, queued, active)
	}
}

// TestWhatIsNotMetered has anna play from noon on, and asks at half past.
func TestWhatIsNotMetered(t *testing.T) {
	f := newFixture(t)
	half := noon.Add(30 * time.Minute)
	active, ended, old := f.session("anna", events.SessionIsActive, 0), f.session("anna", events.SessionIsEnded, 1), f.session("anna", events.SessionIsEnded, 2)
	f.session("anna", events.SessionIsPaused, 3)
	other := f.session("bert", events.SessionIsActive, 4)
	f.exec(`UPDATE read.session SET active_since = $2, played_ms = 300000 WHERE session_id = $1`, uuid.UUID(active), noon.Add(10*time.Minute))
	f.exec(`UPDATE read.session SET active_since = $2 WHERE session_id = $1`, uuid.UUID(other), noon)
	f.exec(`UPDATE read.session SET played_ms = 60000 WHERE session_id = $1`, uuid.UUID(ended))
	f.exec(`UPDATE read.session SET played_ms = 60000, ended_at = $2 WHERE session_id = $1`, uuid.UUID(old), noon.AddDate(0, 0, -2))
	f.bill("anna", active, 240_000)

	got, err := f.db.Unmetered(t.Context(), "anna", half)
	if want := (20 + 1 + 1) * time.Minute; err != nil || got != want {
		t.Errorf("%s, %v, want what runs, a minute of that session and one of what has ended: %s", got, err, want)
	}
	played, err := f.db.PlayedSince(t.Context(), "anna", noon, half)
	want := []queries.Played{{From: noon.Add(10 * time.Minute), To: half}}
	if diff := cmp.Diff(want, played); err != nil || diff != "" {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
}
