package player_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/playcast/playcast/commands"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/player"
	"github.com/playcast/playcast/events"
)

// TestAnyHistory drives any commands through decide: what was accepted is not
// decided again, nothing follows an erasure, and only a proof of the newest PIN
// changes limits.
func TestAnyHistory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var state player.State
		var history []events.Event
		for range rapid.IntRange(1, 60).Draw(t, "commands") {
			proof := player.Proof(rapid.IntRange(0, 3).Draw(t, "proof"))
			command := rapid.SampledFrom([]commands.Command[player.State]{
				player.ChangeProfile{Player: anna, Name: sealed(rapid.IntRange(0, 3).Draw(t, "name"))},
				player.Grant{Player: anna, Role: events.RoleSupport, Authority: operator},
				player.Revoke{Player: anna, Role: events.RoleSupport, Authority: operator},
				player.Consent{Player: anna, Consent: events.ConsentTerms, Version: "1"},
				player.Dissent{Player: anna, Consent: events.ConsentTerms},
				player.SetGuardian{Player: anna, PIN: sealed(rapid.IntRange(60, 63).Draw(t, "pin")), Proof: proof},
				player.SetLimits{Player: anna, Limits: limits, Proof: proof},
				player.LiftLimits{Player: anna, Proof: proof},
				player.DeclareAge{Player: anna, Age: declared.Age, Proof: proof},
				player.Erase{Player: anna, Receipt: receipt},
			}).Draw(t, "command")
			decided, err := command.Decide(state, Now)
			if len(decided) > 0 && (err != nil || state.Receipt != nil) {
				t.Fatalf("%T decided %v after an erasure, or with %v", command, decided, err)
			}
			before := state
			for _, e := range decided {
				state = state.Evolve(e)
				switch e.(type) {
				case events.ParentalLimitsSet, events.ParentalLimitsLifted:
					if int(proof) != before.Guardian.Number || proof == 0 {
						t.Fatalf("limits changed by the proof %d of %d", proof, before.Guardian.Number)
					}
				}
			}
			history = append(history, decided...)
			if again, err := command.Decide(state, Now); len(decided) > 0 && err == nil && len(again) > 0 {
				t.Fatalf("%T, done already, decided %v", command, again)
			}
		}
		var replayed player.State
		for _, e := range history {
			replayed = replayed.Evolve(e)
		}
		if diff := cmp.Diff(state, replayed); diff != "" {
			t.Fatalf("replay differs: %s", diff)
		}
	})
}
