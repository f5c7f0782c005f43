package queries_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries"
)

// player adds one with a name.
func (f *fixture) player(id string, roles ...string) {
	f.t.Helper()
	f.exec(`INSERT INTO read.player (player_id, name, preferences, roles, age_class, age_next, guardian, known_at, erased_by, position)
		VALUES ($1, convert_to('name of ' || $1, 'UTF8'), '{"locale":"de-AT"}', $2, 0, '', 0, $3, '', 7)`, id, append([]string{}, roles...), noon)
}

func TestPlayer(t *testing.T) {
	f := newFixture(t)
	f.player("anna", "support")
	f.exec(`UPDATE read.player SET email = 'mail', age_class = 12, age_next = '2027-05', age_at = $1, guardian = 2, guardian_at = $1,
		limits = '{"timeZone":"Europe/Vienna","day":60,"week":0,"windows":[{"day":"monday","from":540,"to":1200}]}'`, noon)
	f.exec(`INSERT INTO read.player_consent VALUES ('anna', 'terms', '2', $1), ('anna', 'recording', '1', $1)`, noon)
	want := queries.Player{
		ID: "anna", Name: events.Sealed{Player: "anna", Data: []byte("name of anna")}, Email: events.Sealed{Player: "anna", Data: []byte("mail")},
		Preferences: events.Preferences{Locale: "de-AT"}, Roles: []events.Role{events.RoleSupport},
		Consents: []queries.Consent{{Consent: events.ConsentRecording, Version: "1", At: noon}, {Consent: events.ConsentTerms, Version: "2", At: noon}},
		Age:      &queries.DeclaredAge{Age: events.Age{Class: events.AgeTwelve, Next: "2027-05"}, At: noon},
		Guardian: &queries.Guardian{Number: 2, Since: noon},
		Limits: &events.ParentalLimits{TimeZone: "Europe/Vienna", Day: 60,
			Windows: []events.PlayWindow{{Day: "monday", From: 540, To: 1200}}},
		KnownAt: noon, Position: 7,
	}
	got, err := f.db.Player(t.Context(), "anna")
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v -want +got:\n%s", err, diff)
	}
	if _, err := f.db.Player(t.Context(), "nobody"); !errors.Is(err, queries.ErrPlayerUnknown) {
		t.Errorf("an unknown player: %v", err)
	}
}

func TestErasedPlayer(t *testing.T) {
	f := newFixture(t)
	f.player("anna")
	f.player("bert")
	f.exec(`UPDATE read.player SET name = NULL, preferences = '{}', erased_at = $1, erased_by = 'player:anna', key_destroyed = $1
		WHERE player_id = 'anna'`, noon)
	want := queries.Player{ID: "anna", KnownAt: noon, Position: 7, Erased: &queries.Erased{At: noon, By: "player:anna", KeyDestroyed: noon}}
	got, err := f.db.Player(t.Context(), "anna")
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v -want +got:\n%s", err, diff)
	}
	names, err := f.db.Names(t.Context(), []events.PlayerID{"bert", "anna", "nobody"})
	called := map[events.PlayerID]events.Sealed{"bert": {Player: "bert", Data: []byte("name of bert")}}
	if diff := cmp.Diff(called, names); err != nil || diff != "" {
		t.Errorf("%v -want +got:\n%s", err, diff)
	}
}

func TestStaff(t *testing.T) {
	f := newFixture(t)
	f.player("cora", "operator", "support")
	f.player("bert")
	f.player("anna", "analyst")
	var got []queries.StaffMember
	for cursor, first := "", true; first || cursor != ""; first = false {
		page, err := f.db.Staff(t.Context(), cursor, 1)
		if err != nil {
			t.Fatal(err)
		}
		got, cursor = append(got, page.Staff...), page.Next
	}
	want := []queries.StaffMember{
		{Player: "anna", Roles: []events.Role{events.RoleAnalyst}},
		{Player: "cora", Roles: []events.Role{events.RoleOperator, events.RoleSupport}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
