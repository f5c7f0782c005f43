package billing_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/billing"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/events"
)

// TestRenewalHasOneOrderForEachThatIsDue compares the queue with a list.
func TestRenewalHasOneOrderForEachThatIsDue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		policy, until := billing.NewRenewal(), map[events.CreditID]time.Time{}
		for nth := range rapid.IntRange(1, 80).Draw(t, "events") {
			credit := events.CreditID{byte(rapid.IntRange(1, 20).Draw(t, "credit"))}
			var e events.Event = events.CreditExpired{Player: "anna", Credit: credit}
			delete(until, credit)
			if rapid.IntRange(0, 2).Draw(t, "kind") > 0 {
				until[credit] = Now.Add(time.Duration(rapid.IntRange(1, 50).Draw(t, "hours")) * time.Hour)
				e = events.CreditGranted{Player: "anna", Credit: credit, Play: 1, Expires: until[credit], At: Now.Add(time.Duration(nth))}
			}
			Told(policy, e)
		}
		now := Now.Add(time.Duration(rapid.IntRange(0, 51).Draw(t, "now")) * time.Hour)
		want := 0
		for _, at := range until {
			if !now.Before(at) {
				want++
			}
		}
		if got := policy.Due(now); len(got) != want {
			t.Fatalf("%d are due, want %d", len(got), want)
		}
	})
}

func BenchmarkRenewalDue(b *testing.B) {
	policy := billing.NewRenewal()
	for i := range 10_000 {
		policy.Evolve(commands.Noted{Cause: commands.Cause{Event: events.EventID{byte(i), byte(i >> 8)}}, Event: events.SubscriptionStarted{
			Player: events.PlayerID(fmt.Sprint("p", i)), Subscription: sub, Period: events.Period{To: february.Add(time.Duration(i) * time.Second)},
		}})
	}
	b.ReportAllocs()
	for b.Loop() {
		if len(policy.Due(february.Add(10*time.Second))) != 11 {
			b.Fatal("another number is due")
		}
	}
}

func BenchmarkMeter(b *testing.B) {
	var account billing.Account
	for i := range 1_000 {
		account = account.Evolve(events.PlaytimeMetered{Session: id, Segment: events.Segment{Number: i + 1}, At: noon.Add(time.Duration(i) * time.Hour)})
	}
	account = account.Evolve(begun).Evolve(started)
	meter, _, _ := played(half, time.Hour)
	meter.Segment.Number = 5_000
	b.ReportAllocs()
	for b.Loop() {
		if decided, err := meter.Decide(account, half); err != nil || len(decided) != 2 {
			b.Fatal(decided, err)
		}
	}
}
