package projections

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/events"
)

func sealedFor(player events.PlayerID, data string) events.Sealed {
	return events.Sealed{Player: player, Data: []byte(data)}
}

// known is anna, of whom everything is known.
func known() []events.Event {
	return []events.Event{
		events.ProfileChanged{Player: "anna", Name: sealedFor("anna", "name"), Email: sealedFor("anna", "mail"), At: noon},
		events.PreferencesChanged{Player: "anna", Preferences: events.Preferences{Locale: "de-AT"}, At: noon},
		events.RoleGranted{Player: "anna", Role: events.RoleSupport, By: "system:test", At: noon},
		events.RoleGranted{Player: "anna", Role: events.RoleAnalyst, By: "system:test", At: noon},
		events.ConsentGiven{Player: "anna", Consent: events.ConsentTerms, Version: "2", At: noon},
		events.ConsentGiven{Player: "anna", Consent: events.ConsentRecording, Version: "1", At: noon},
		events.GuardianSet{Player: "anna", Number: 1, PIN: sealedFor("anna", "pin"), At: noon},
		events.AgeDeclared{Player: "anna", Age: events.Age{Class: events.AgeTwelve, Next: "2027-05"}, At: noon},
		events.ParentalLimitsSet{Player: "anna", Limits: events.ParentalLimits{TimeZone: "Europe/Vienna", Day: 60}, At: noon},
	}
}

func TestPlayerOfWhomAllIsKnown(t *testing.T) {
	v, f := folded[*playerView](t, newPlayerView, known()...)
	want := playerRow{
		Player: "anna", Name: []byte("name"), Email: []byte("mail"), Preferences: JSON(`{"locale":"de-AT"}`),
		Roles: []events.Role{events.RoleAnalyst, events.RoleSupport}, AgeClass: events.AgeTwelve, AgeNext: "2027-05", AgeAt: noon,
		Guardian: 1, GuardianAt: noon, Limits: JSON(`{"timeZone":"Europe/Vienna","day":60,"week":0,"windows":null}`), KnownAt: noon, Position: 9,
	}
	if row, _ := v.players.Get("anna"); !cmp.Equal(want, row) {
		t.Errorf("-want +got:\n%s", cmp.Diff(want, row))
	}
	f.take("", events.RoleRevoked{Player: "anna", Role: events.RoleSupport, By: "system:test", At: noon},
		events.ConsentWithdrawn{Player: "anna", Consent: events.ConsentRecording, At: noon},
		events.ProfileChanged{Player: "anna", Name: sealedFor("anna", "other"), At: noon},
		events.ParentalLimitsLifted{Player: "anna", At: noon})
	want.Roles, want.Name, want.Email, want.Limits, want.Position = []events.Role{events.RoleAnalyst}, []byte("other"), nil, nil, 13
	if row, _ := v.players.Get("anna"); !cmp.Equal(want, row) {
		t.Errorf("-want +got:\n%s", cmp.Diff(want, row))
	}
	consents := map[playerConsent]consentRow{
		{"anna", events.ConsentTerms}: {Player: "anna", Consent: events.ConsentTerms, Version: "2", GivenAt: noon},
	}
	if diff := cmp.Diff(consents, rows(v.consents)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestPlayerWhoIsErased: the receipt is left, whatever follows.
func TestPlayerWhoIsErased(t *testing.T) {
	v, f := folded[*playerView](t, newPlayerView, known()...)
	erased := events.PlayerErased{Player: "anna", Receipt: events.ErasureReceipt{KeyDestroyed: noon, By: "player:anna"}, At: noon}
	f.take("", erased,
		events.RoleRevoked{Player: "anna", Role: events.RoleAnalyst, By: "system:test", At: noon},
		events.ConsentGiven{Player: "anna", Consent: events.ConsentTerms, Version: "3", At: noon},
		events.PreferencesChanged{Player: "anna", Preferences: events.Preferences{Locale: "de"}, At: noon})
	want := playerRow{Player: "anna", Preferences: JSON("{}"), Roles: []events.Role{}, KnownAt: noon,
		ErasedAt: noon, ErasedBy: "player:anna", KeyDestroyed: noon, Position: 10}
	if row, _ := v.players.Get("anna"); !cmp.Equal(want, row) || len(rows(v.consents)) != 0 {
		t.Errorf("-want +got:\n%s\nconsents: %v", cmp.Diff(want, row), rows(v.consents))
	}
}
