package friends_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/playcast/playcast/commands"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/friends"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/memstore"
)

var (
	annaErased = events.PlayerErased{Player: "anna", At: Now}
	forget     = friends.Forget{Pair: ab}
)

func TestWhoIsErasedIsForgotten(t *testing.T) {
	for _, c := range []struct {
		name  string
		given []events.Event
		want  []any
	}{
		{"as a friend", []events.Event{annaAsked, formed, annaErased}, []any{forget}},
		{"as one who asks", []events.Event{annaAsked, annaErased}, []any{forget}},
		{"as one who asks in vain", []events.Event{bertBlocks, annaHidden, annaErased}, []any{forget}},
		{"as one who is asked", []events.Event{bertAsked, annaErased}, []any{forget}},
		{"as one who blocks", []events.Event{annaBlocks, annaErased}, []any{forget}},
		{"but not as one who is blocked", []events.Event{bertBlocks, annaErased}, nil},
		{"nobody else", []events.Event{annaAsked, formed, events.PlayerErased{Player: "cora"}}, nil},
		{"nobody who had ended it", []events.Event{annaAsked, formed, ended, annaErased}, nil},
		{"once", []events.Event{annaAsked, formed, annaErased, ended}, nil},
		{"wholly", []events.Event{bertAsked, annaBlocks, annaErased, bertTook}, []any{forget}},
		{"by all", []events.Event{annaAsked, events.FriendshipFormed{By: "cora", To: "anna"}, annaErased},
			[]any{forget, friends.Forget{Pair: friends.Pair{By: "anna", To: "cora"}}}},
	} {
		t.Run(c.name, func(t *testing.T) { Due(t, Told(friends.NewErasing(), c.given...), Now, c.want...) })
	}
}

// TestErasingSettles: whatever the two had, after the farewell nothing is due, and
// nothing is left but the other's block.
func TestErasingSettles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		policy, state := friends.NewErasing(), friends.State{}
		apply := func(command commands.Command[friends.State]) {
			decided, err := command.Decide(state, Now)
			if err != nil {
				return
			}
			for _, e := range decided {
				state = state.Evolve(e)
				policy.Evolve(commands.Noted{Event: e, Cause: CauseOf(e)})
			}
		}
		for range rapid.IntRange(0, 30).Draw(t, "commands") {
			apply(anyCommand(t))
		}
		policy.Evolve(commands.Noted{Event: annaErased, Cause: CauseOf(annaErased)})
		for _, order := range policy.Due(Now) {
			apply(order.Command.(friends.Forget))
		}
		if due := policy.Due(Now); len(due) > 0 {
			t.Fatalf("due is still %v of %+v", due, state)
		}
		if state.Friends || len(state.Requests) > 0 || len(state.Blockers) > 1 || len(state.Blockers) == 1 && state.Blockers[0] != "bert" {
			t.Fatalf("left is %+v", state)
		}
	})
}

func TestNothingComesBackOfWhatIsDone(t *testing.T) {
	handler := commands.NewHandler(memstore.New(time.Now), time.Now)
	if err := friends.Do(t.Context(), handler, friends.Block{Pair: ba}, commands.By("player:bert")); err != nil {
		t.Error(err)
	}
	if err := friends.Do(t.Context(), handler, friends.Request{Pair: ba}, commands.By("player:bert")); err != friends.ErrBlocking {
		t.Errorf("a refusal is %v", err)
	}
}

// BenchmarkErasingDue looks at 2,000 players with 20 friends each.
func BenchmarkErasingDue(b *testing.B) {
	policy := friends.NewErasing()
	name := func(n int) events.PlayerID { return events.PlayerID([]byte{'p', byte(n), byte(n >> 8)}) }
	for one := range 2000 {
		for other := range 20 {
			policy.Evolve(commands.Noted{Event: events.FriendshipFormed{By: name(one), To: name((one + other + 1) % 2000)}})
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if due := policy.Due(Now); len(due) > 0 {
			b.Fatal(due)
		}
	}
}
