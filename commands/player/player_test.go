package player_test

import (
	"bytes"
	"testing"
	"time"

	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/player"
	"github.com/playcast/playcast/events"
)

const anna = events.PlayerID("anna")

func sealed(n int) events.Sealed {
	return events.Sealed{Player: anna, Data: bytes.Repeat([]byte{1}, 28+n)}
}

var (
	operator = player.Authority{By: events.ByPlayer("boss"), Operator: true}
	named    = events.ProfileChanged{Player: anna, Name: sealed(4), Email: sealed(9), At: Now}
	guarded  = events.GuardianSet{Player: anna, Number: 1, PIN: sealed(60), At: Now}
	receipt  = events.ErasureReceipt{KeyDestroyed: Now, By: "system:operator", Events: 1, Streams: 1,
		Largest: []events.SealedStream{{Stream: "player-anna", Events: 1}}}
	erased = events.PlayerErased{Player: anna, Receipt: receipt, At: Now}
	limits = events.ParentalLimits{TimeZone: "Europe/Vienna", Day: 60, Week: 300,
		Windows: []events.PlayWindow{{Day: "friday", From: 14 * 60, To: 20 * 60}}}
	limited  = events.ParentalLimitsSet{Player: anna, Limits: limits, At: Now}
	declared = events.AgeDeclared{Player: anna, Age: events.Age{Class: events.AgeTwelve, Next: "2028-05"}, At: Now}
)

func TestProfile(t *testing.T) {
	change := player.ChangeProfile{Player: anna, Name: sealed(4), Email: sealed(9)}
	When(Given(), change).Then(t, named)
	When(Given(named), change).Then(t)
	When(Given(erased), change).Refused(t, player.ErrErased)
	none := player.ChangeProfile{Player: anna, Name: sealed(4)}
	When(Given(named), none).Then(t, events.ProfileChanged{Player: anna, Name: sealed(4), At: Now})

	for _, long := range []player.ChangeProfile{
		{Player: anna, Name: sealed(257)}, {Player: anna, Name: sealed(0)}, {Player: anna, Name: events.Sealed{Player: anna}},
		{Player: anna, Name: sealed(4), Email: sealed(255)},
	} {
		When(Given(), long).Refused(t, player.ErrProfile)
	}
	other := events.Sealed{Player: "ben", Data: sealed(4).Data}
	When(Given(), player.ChangeProfile{Player: anna, Name: other}).Refused(t, player.ErrSealed)
	When(Given(), player.ChangeProfile{Player: anna, Name: sealed(4), Email: other}).Refused(t, player.ErrSealed)
}

func TestPreferences(t *testing.T) {
	volume, loud := 80, 101
	wish := events.Preferences{Locale: "de-AT", Layout: "us-intl", TimeZone: "Europe/Vienna", Theme: events.ThemeDark, Volume: &volume}
	changed := events.PreferencesChanged{Player: anna, Preferences: wish, At: Now}
	When(Given(), player.Prefer{Player: anna, Preferences: wish}).Then(t, changed)
	When(Given(changed), player.Prefer{Player: anna, Preferences: wish}).Then(t)
	When(Given(erased), player.Prefer{Player: anna, Preferences: wish}).Refused(t, player.ErrErased)
	for _, odd := range []events.Preferences{
		{Locale: "<script>"}, {Layout: "../de"}, {TimeZone: "Mars/Olympus"}, {TimeZone: "Local"}, {TimeZone: "../../etc/passwd"},
		{Theme: "pink"}, {Volume: &loud},
	} {
		When(Given(), player.Prefer{Player: anna, Preferences: odd}).Refused(t, player.ErrPreferences)
	}
}

func TestRoles(t *testing.T) {
	granted := events.RoleGranted{Player: anna, Role: events.RoleSupport, By: operator.By, At: Now}
	grant := player.Grant{Player: anna, Role: events.RoleSupport, Authority: operator}
	revoke := player.Revoke{Player: anna, Role: events.RoleSupport, Authority: operator}
	When(Given(), grant).Then(t, granted)
	When(Given(granted), grant).Then(t)
	When(Given(granted), revoke).Then(t, events.RoleRevoked{Player: anna, Role: events.RoleSupport, By: operator.By, At: Now})
	When(Given(), revoke).Then(t)
	When(Given(granted, erased), revoke).Refused(t, player.ErrErased)
	When(Given(erased), grant).Refused(t, player.ErrErased)
	When(Given(), player.Grant{Player: anna, Role: "god", Authority: operator}).Refused(t, player.ErrRole)
	When(Given(), player.Revoke{Player: anna, Role: "god", Authority: operator}).Refused(t, player.ErrRole)
	self := player.Authority{By: events.ByPlayer(anna)}
	When(Given(), player.Grant{Player: anna, Role: events.RoleSupport, Authority: self}).Refused(t, player.ErrOperators)
	When(Given(granted), player.Revoke{Player: anna, Role: events.RoleSupport, Authority: self}).Refused(t, player.ErrOperators)
	When(Given(), player.Grant{Player: anna, Role: events.RoleOperator, Authority: operator}).Refused(t, player.ErrRole)
	When(Given(), player.Revoke{Player: anna, Role: events.RoleOperator, Authority: operator}).Refused(t, player.ErrRole)
}

func TestConsent(t *testing.T) {
	given := events.ConsentGiven{Player: anna, Consent: events.ConsentTerms, Version: "2026-01", At: Now}
	consent := player.Consent{Player: anna, Consent: events.ConsentTerms, Version: "2026-01"}
	dissent := player.Dissent{Player: anna, Consent: events.ConsentTerms}
	withdrawn := events.ConsentWithdrawn{Player: anna, Consent: events.ConsentTerms, At: Now}
	When(Given(), consent).Then(t, given)
	When(Given(given), consent).Then(t)
	When(Given(given, withdrawn), consent).Then(t, given)
	When(Given(given), dissent).Then(t, withdrawn)
	When(Given(), dissent).Then(t)
	When(Given(erased), consent).Refused(t, player.ErrErased)
	When(Given(erased), dissent).Refused(t, player.ErrErased)
	When(Given(), player.Consent{Player: anna, Consent: "soul", Version: "1"}).Refused(t, player.ErrConsent)
	When(Given(), player.Consent{Player: anna, Consent: events.ConsentTerms}).Refused(t, player.ErrConsent)
	When(Given(), player.Dissent{Player: anna, Consent: "soul"}).Refused(t, player.ErrConsent)
}

func TestGuardian(t *testing.T) {
	set := player.SetGuardian{Player: anna, PIN: sealed(60)}
	When(Given(), set).Then(t, guarded)
	When(Given(guarded), set).Then(t)
	other := player.SetGuardian{Player: anna, PIN: sealed(61)}
	second := events.GuardianSet{Player: anna, Number: 2, PIN: sealed(61), At: Now}
	When(Given(guarded), other).Refused(t, player.ErrProof)
	other.Proof = 1
	When(Given(guarded), other).Then(t, second)
	When(Given(guarded, second), player.SetGuardian{Player: anna, PIN: sealed(62), Proof: 1}).Refused(t, player.ErrProof)
	When(Given(guarded), player.SetGuardian{Player: anna, PIN: sealed(61), Authority: operator}).Then(t, second)
	When(Given(), player.SetGuardian{Player: anna, PIN: sealed(257)}).Refused(t, player.ErrPIN)
	When(Given(), player.SetGuardian{Player: anna}).Refused(t, player.ErrPIN)
	When(Given(erased), set).Refused(t, player.ErrErased)
}

func TestLimits(t *testing.T) {
	set := player.SetLimits{Player: anna, Limits: limits, Proof: 1}
	When(Given(guarded), set).Then(t, limited)
	When(Given(guarded, limited), set).Then(t)
	When(Given(), set).Refused(t, player.ErrNoGuardian)
	When(Given(guarded), player.SetLimits{Player: anna, Limits: limits}).Refused(t, player.ErrProof)
	When(Given(erased), set).Refused(t, player.ErrErased)
	lift := player.LiftLimits{Player: anna, Proof: 1}
	When(Given(guarded, limited), lift).Then(t, events.ParentalLimitsLifted{Player: anna, At: Now})
	When(Given(guarded), lift).Then(t)
	When(Given(guarded, limited), player.LiftLimits{Player: anna}).Refused(t, player.ErrProof)
	for _, zone := range []string{"", "Local", "Mars/Olympus", "../etc/passwd"} {
		When(Given(guarded), player.SetLimits{Player: anna, Limits: events.ParentalLimits{TimeZone: zone}, Proof: 1}).Refused(t, player.ErrZone)
	}
	for _, odd := range []events.ParentalLimits{
		{Day: -1}, {Day: 1501}, {Week: -1}, {Week: 10_141}, {Windows: make([]events.PlayWindow, 43)},
		{Windows: []events.PlayWindow{{Day: "someday", To: 1}}}, {Windows: []events.PlayWindow{{Day: "monday", From: 5, To: 5}}},
		{Windows: []events.PlayWindow{{Day: "monday", From: -1, To: 5}}}, {Windows: []events.PlayWindow{{Day: "monday", To: 1441}}},
	} {
		odd.TimeZone = "UTC"
		When(Given(guarded), player.SetLimits{Player: anna, Limits: odd, Proof: 1}).Refused(t, player.ErrLimits)
	}
}

func TestAge(t *testing.T) {
	declare := player.DeclareAge{Player: anna, Age: declared.Age}
	When(Given(), declare).Then(t, declared)
	When(Given(declared), declare).Then(t)
	older := player.DeclareAge{Player: anna, Age: events.Age{Class: events.AgeAdult}}
	adult := events.AgeDeclared{Player: anna, Age: events.Age{Class: events.AgeAdult}, At: Now}
	When(Given(), older).Then(t, adult)
	When(Given(declared), older).Refused(t, player.ErrAgeKnown)
	When(Given(declared, guarded), older).Refused(t, player.ErrProof)
	older.Proof = 1
	When(Given(declared, guarded), older).Then(t, adult)
	When(Given(erased), declare).Refused(t, player.ErrErased)
	for _, odd := range []events.Age{{}, {Class: 7, Next: "2028-05"}, {Class: 18, Next: "2028-05"}, {Class: 12}, {Class: 12, Next: "soon"},
		{Class: 12, Next: "2026-01"}, {Class: 12, Next: "2031-01"}} {
		When(Given(), player.DeclareAge{Player: anna, Age: odd}).Refused(t, player.ErrAge)
	}
}

func TestAgesOfBirthdays(t *testing.T) {
	for _, c := range []struct {
		born string
		want events.Age
	}{
		{"2014-02-11", events.Age{Class: events.AgeSix, Next: "2026-03"}},
		{"2013-12-31", events.Age{Class: events.AgeTwelve, Next: "2030-01"}},
		{"2026-01-01", events.Age{Class: events.AgeAny, Next: "2032-02"}},
		{"1950-01-01", events.Age{Class: events.AgeAdult}},
	} {
		born, err := time.Parse(time.DateOnly, c.born)
		if err != nil {
			t.Fatal(err)
		}
		got := player.AgeOf(born, Now)
		if got != c.want {
			t.Errorf("born %s: got %+v, want %+v", c.born, got, c.want)
		}
		When(Given(), player.DeclareAge{Player: anna, Age: got}).Then(t, events.AgeDeclared{Player: anna, Age: c.want, At: Now})
		for years := range 19 { // old enough from the month after each birthday on, never before it
			day := born.AddDate(years, 0, 0)
			if day.After(Now) && player.Years(got, day.AddDate(0, 0, -1)) >= max(years, 1) {
				t.Errorf("born %s: %d years on the day before %s", c.born, years, day)
			}
			if player.Years(got, day.AddDate(0, 1, 0)) < years {
				t.Errorf("born %s: less than %d years a month after %s", c.born, years, day)
			}
		}
	}
	var s player.State
	s = s.Evolve(declared)
	if err := s.OldEnough(12, Now); err != nil {
		t.Error(err)
	}
	if s.OldEnough(16, Now) == nil || (player.State{}).OldEnough(6, Now) == nil || (player.State{}).OldEnough(0, Now) != nil {
		t.Error("the age limit lets in who is too young, or keeps out who is not")
	}
}

func TestErase(t *testing.T) {
	When(Given(named, guarded), player.Erase{Player: anna, Receipt: receipt}).Then(t, erased)
	When(Given(), player.Erase{Player: anna, Receipt: receipt}).Then(t, erased)
	again := receipt
	again.By = "player:boss"
	When(Given(erased), player.Erase{Player: anna, Receipt: again}).Then(t)
	for _, odd := range []events.ErasureReceipt{{}, {By: "x"}, {KeyDestroyed: Now}, {KeyDestroyed: Now, By: "x", Events: -1},
		{KeyDestroyed: Now, By: "x", Largest: make([]events.SealedStream, 1)},
		{KeyDestroyed: Now, By: "x", Streams: 2000, Largest: make([]events.SealedStream, 1001)}} {
		When(Given(), player.Erase{Player: anna, Receipt: odd}).Refused(t, player.ErrReceipt)
	}
	var s player.State
	for _, e := range []events.Event{named, guarded, declared, limited, erased} {
		s = s.Evolve(e)
	}
	if !s.Name.IsZero() || !s.Email.IsZero() || s.Guardian.Number != 0 || s.Limits != nil || s.AgeDeclared {
		t.Errorf("of who is erased the state still has %+v", s)
	}
}
