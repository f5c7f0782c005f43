package queries_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries"
)

// invitation adds one to a session.
func (f *fixture) invitation(id events.SessionID, kind events.InvitationKind, code string) events.InvitationID {
	f.t.Helper()
	given, hash := events.InvitationOf(events.NewCommandID()), events.HashOfCode(code)
	f.exec(`INSERT INTO read.invitation VALUES ($1, $2, $3, $4, $5)`, uuid.UUID(given), uuid.UUID(id), string(kind), hash[:], noon)
	return given
}

func TestPeople(t *testing.T) {
	f := newFixture(t)
	id := f.session("anna", events.SessionIsActive, 1)
	over := f.session("anna", events.SessionIsEnded, 2)
	play := f.invitation(id, events.InvitationToPlay, "play")
	f.invitation(over, events.InvitationToPlay, "past")
	f.exec(`INSERT INTO read.guest VALUES ($1, 'bert', $2, $3, true, 2), ($4, 'bert', $2, $3, false, 1)`,
		uuid.UUID(id), uuid.UUID(play), noon, uuid.UUID(over))

	people, err := f.db.People(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	want := queries.People{
		Guests:      []queries.Guest{{Player: "bert", JoinedAt: noon, Keyboard: true, Pads: 2}},
		Invitations: []queries.Invitation{{ID: play, Kind: events.InvitationToPlay, GivenAt: noon}},
	}
	if diff := cmp.Diff(want, people); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	invited, err := f.db.Invited(t.Context(), events.HashOfCode("play"))
	if err != nil || invited.Session != id || invited.Invitation != play || invited.Host != "anna" || invited.Title != "Doom" || invited.Recorded {
		t.Errorf("the code opens %+v, %v", invited, err)
	}
	f.exec(`UPDATE read.session SET recording_id = $1 WHERE session_id = $2`, uuid.New(), uuid.UUID(id))
	if invited, err := f.db.Invited(t.Context(), events.HashOfCode("play")); err != nil || !invited.Recorded {
		t.Errorf("the code of a session that is recorded opens %+v, %v", invited, err)
	}
	for _, code := range []string{"past", "guess", ""} {
		if _, err := f.db.Invited(t.Context(), events.HashOfCode(code)); !errors.Is(err, queries.ErrInvitationUnknown) {
			t.Errorf("the code %q: %v", code, err)
		}
	}
	joined, err := f.db.GuestSessions(t.Context(), "bert")
	if err != nil || len(joined) != 1 || joined[0].ID != id {
		t.Errorf("bert is a guest in %+v, %v", joined, err)
	}
	if joined, err := f.db.GuestSessions(t.Context(), "anna"); err != nil || len(joined) != 0 {
		t.Errorf("anna is a guest in %+v, %v", joined, err)
	}
}
