package player_test

import (
	"errors"
	"testing"
	"time"

	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/player"
	"github.com/playcast/playcast/events"
)

func tried(at time.Time) events.GuardianPINTried {
	return events.GuardianPINTried{Player: anna, Number: 1, At: at}
}

func TestTriesOfAPINAreSlowed(t *testing.T) {
	try := player.TryPIN{Player: anna}
	When(Given(), try).Refused(t, player.ErrNoGuardian)
	When(Given(guarded, erased), try).Refused(t, player.ErrErased)
	past := []events.Event{guarded}
	for range 5 {
		When(Given(past...), try).Then(t, tried(Now))
		past = append(past, tried(Now))
	}
	at := Now
	for _, pause := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute,
		32 * time.Minute, time.Hour, time.Hour} {
		When(Given(past...).At(at), try).Refused(t, player.ErrTries)
		When(Given(past...).At(at.Add(pause-1)), try).Refused(t, player.ErrTries)
		When(Given(past...).At(at.Add(-10000*time.Hour)), try).Refused(t, player.ErrTries) // a clock that goes back
		at = at.Add(pause)
		When(Given(past...).At(at), try).Then(t, tried(at))
		past = append(past, tried(at))
	}
	var state player.State
	for _, e := range past {
		state = state.Evolve(e)
	}
	if _, err := try.Decide(state, at); err == nil || err.Error() != "The guardian's PIN was wrong too often. Try again in 1h0m0s, or ask an operator for a new one." {
		t.Errorf("it says %v", err)
	}
	// The right one, or another one, is a new beginning.
	When(Given(append(past, events.GuardianPINProved{Player: anna, Number: 1, At: at})...).At(at), try).Then(t, tried(at))
	another := events.GuardianSet{Player: anna, Number: 2, PIN: sealed(61), At: at}
	When(Given(append(past, another)...).At(at), try).Then(t, events.GuardianPINTried{Player: anna, Number: 2, At: at})
}

// TestAYearOfGuesses: who tries whenever it is let does not get through all PINs
// of four digits.
func TestAYearOfGuesses(t *testing.T) {
	state, guesses := player.State{}.Evolve(guarded), 0
	for at := Now; at.Before(Now.AddDate(1, 0, 0)); at = at.Add(time.Minute) {
		decided, err := player.TryPIN{Player: anna}.Decide(state, at)
		if err != nil && !errors.Is(err, player.ErrTries) {
			t.Fatal(err)
		}
		for _, e := range decided {
			state, guesses = state.Evolve(e), guesses+1
		}
	}
	if guesses > 9_000 || guesses < 8_000 {
		t.Errorf("%d guesses in a year", guesses)
	}
}

func TestProvePIN(t *testing.T) {
	proved := events.GuardianPINProved{Player: anna, Number: 1, At: Now}
	When(Given(guarded, tried(Now)), player.ProvePIN{Player: anna, Proof: 1}).Then(t, proved)
	When(Given(guarded, tried(Now), proved), player.ProvePIN{Player: anna, Proof: 1}).Then(t)
	When(Given(guarded, tried(Now)), player.ProvePIN{Player: anna, Proof: 2}).Refused(t, player.ErrProof)
	When(Given(guarded, tried(Now)), player.ProvePIN{Player: anna}).Refused(t, player.ErrProof)
	When(Given(), player.ProvePIN{Player: anna, Proof: 1}).Refused(t, player.ErrNoGuardian)
	When(Given(guarded, erased), player.ProvePIN{Player: anna, Proof: 1}).Refused(t, player.ErrErased)
}
