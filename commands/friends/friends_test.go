package friends_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/playcast/playcast/commands"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/friends"
	"github.com/playcast/playcast/events"
)

var (
	ab = friends.Pair{By: "anna", To: "bert"}
	ba = friends.Pair{By: "bert", To: "anna"}

	annaAsked   = events.FriendRequested{By: "anna", To: "bert", At: Now}
	bertAsked   = events.FriendRequested{By: "bert", To: "anna", At: Now}
	annaHidden  = events.FriendRequested{By: "anna", To: "bert", Hidden: true, At: Now}
	annaTook    = events.FriendRequestWithdrawn{By: "anna", To: "bert", At: Now}
	bertTook    = events.FriendRequestWithdrawn{By: "bert", To: "anna", At: Now}
	bertRefused = events.FriendRequestDeclined{By: "bert", To: "anna", At: Now}
	formed      = events.FriendshipFormed{By: "bert", To: "anna", At: Now}
	ended       = events.FriendshipEnded{By: "bert", To: "anna", At: Now}
	bertBlocks  = events.PlayerBlocked{By: "bert", To: "anna", At: Now}
	annaBlocks  = events.PlayerBlocked{By: "anna", To: "bert", At: Now}
	bertOpens   = events.PlayerUnblocked{By: "bert", To: "anna", At: Now}
)

func TestEveryCommand(t *testing.T) {
	for _, c := range []struct {
		name    string
		given   []events.Event
		when    commands.Command[friends.State]
		then    []events.Event
		refused error
	}{
		{"a request", nil, friends.Request{Pair: ab}, []events.Event{annaAsked}, nil},
		{"a request again", []events.Event{annaAsked}, friends.Request{Pair: ab}, nil, nil},
		{"a request to a friend", []events.Event{annaAsked, formed}, friends.Request{Pair: ab}, nil, nil},
		{"requests that cross", []events.Event{annaAsked}, friends.Request{Pair: ba}, []events.Event{formed}, nil},
		{"a request after a refusal", []events.Event{annaAsked, bertRefused}, friends.Request{Pair: ab}, []events.Event{annaAsked}, nil},
		{"a request of who is blocked", []events.Event{bertBlocks}, friends.Request{Pair: ab}, []events.Event{annaHidden}, nil},
		{"the same again", []events.Event{bertBlocks, annaHidden}, friends.Request{Pair: ab}, nil, nil},
		{"one too many", nil, friends.Request{Pair: ab, Open: friends.MaxRequests}, nil, friends.ErrTooManyRequests},
		{"one too many, to who blocks", []events.Event{bertBlocks}, friends.Request{Pair: ab, Open: friends.MaxRequests}, nil, friends.ErrTooManyRequests},
		{"the last that may be", nil, friends.Request{Pair: ab, Open: friends.MaxRequests - 1}, []events.Event{annaAsked}, nil},
		{"an agreement, with many open", []events.Event{annaAsked}, friends.Request{Pair: ba, Open: friends.MaxRequests}, []events.Event{formed}, nil},
		{"one of many again", []events.Event{annaAsked}, friends.Request{Pair: ab, Open: friends.MaxRequests}, nil, nil},
		{"one of many, no longer hidden", []events.Event{bertBlocks, annaHidden, bertOpens}, friends.Request{Pair: ab, Open: friends.MaxRequests}, []events.Event{annaAsked}, nil},
		{"a hidden one, after the unblock", []events.Event{bertBlocks, annaHidden, bertOpens}, friends.Request{Pair: ab}, []events.Event{annaAsked}, nil},
		{"one to who was hidden from", []events.Event{bertBlocks, annaHidden, bertOpens}, friends.Request{Pair: ba}, []events.Event{formed}, nil},
		{"a request of who blocks", []events.Event{bertBlocks}, friends.Request{Pair: ba}, nil, friends.ErrBlocking},
		{"a request to oneself", nil, friends.Request{Pair: friends.Pair{By: "anna", To: "anna"}}, nil, friends.ErrSelf},
		{"a request to nobody", nil, friends.Request{Pair: friends.Pair{By: "anna"}}, nil, friends.ErrNobody},
		{"a request of nobody", nil, friends.Request{Pair: friends.Pair{By: "An/na", To: "bert"}}, nil, friends.ErrNobody},

		{"an agreement", []events.Event{annaAsked}, friends.Accept{Pair: ba}, []events.Event{formed}, nil},
		{"an agreement again", []events.Event{annaAsked, formed}, friends.Accept{Pair: ba}, nil, nil},
		{"an agreement to nothing", nil, friends.Accept{Pair: ba}, nil, friends.ErrNoRequest},
		{"an agreement to one's own request", []events.Event{annaAsked}, friends.Accept{Pair: ab}, nil, friends.ErrNoRequest},
		{"an agreement to what was withdrawn", []events.Event{annaAsked, annaTook}, friends.Accept{Pair: ba}, nil, friends.ErrNoRequest},
		{"an agreement to what is hidden", []events.Event{bertBlocks, annaHidden}, friends.Accept{Pair: ba}, nil, friends.ErrNoRequest},
		{"an agreement of who is blocked", []events.Event{bertAsked, bertTook, bertBlocks}, friends.Accept{Pair: ab}, nil, friends.ErrNoRequest},
		{"an agreement with oneself", nil, friends.Accept{Pair: friends.Pair{By: "anna", To: "anna"}}, nil, friends.ErrSelf},

		{"a refusal", []events.Event{annaAsked}, friends.Decline{Pair: ba}, []events.Event{bertRefused}, nil},
		{"a refusal again", []events.Event{annaAsked, bertRefused}, friends.Decline{Pair: ba}, nil, nil},
		{"a refusal of what is hidden", []events.Event{bertBlocks, annaHidden}, friends.Decline{Pair: ba}, nil, nil},
		{"a refusal too late", []events.Event{annaAsked, formed}, friends.Decline{Pair: ba}, nil, friends.ErrFriends},
		{"a refusal of nobody", nil, friends.Decline{Pair: friends.Pair{}}, nil, friends.ErrNobody},

		{"a withdrawal", []events.Event{annaAsked}, friends.Withdraw{Pair: ab}, []events.Event{annaTook}, nil},
		{"a withdrawal of what is hidden", []events.Event{bertBlocks, annaHidden}, friends.Withdraw{Pair: ab}, []events.Event{annaTook}, nil},
		{"a withdrawal again", []events.Event{annaAsked, annaTook}, friends.Withdraw{Pair: ab}, nil, nil},
		{"a withdrawal too late", []events.Event{annaAsked, formed}, friends.Withdraw{Pair: ab}, nil, friends.ErrFriends},
		{"a withdrawal of nobody", nil, friends.Withdraw{Pair: friends.Pair{}}, nil, friends.ErrNobody},

		{"a removal", []events.Event{annaAsked, formed}, friends.Remove{Pair: ba}, []events.Event{ended}, nil},
		{"a removal again", []events.Event{annaAsked, formed, ended}, friends.Remove{Pair: ba}, nil, nil},
		{"a removal of oneself", nil, friends.Remove{Pair: friends.Pair{By: "bert", To: "bert"}}, nil, friends.ErrSelf},

		{"a block", nil, friends.Block{Pair: ba}, []events.Event{bertBlocks}, nil},
		{"a block of a friend", []events.Event{annaAsked, formed}, friends.Block{Pair: ba}, []events.Event{ended, bertBlocks}, nil},
		{"a block of whom one has asked", []events.Event{bertAsked}, friends.Block{Pair: ba}, []events.Event{bertTook, bertBlocks}, nil},
		{"a block of who asks", []events.Event{annaAsked}, friends.Block{Pair: ba}, []events.Event{bertRefused, bertBlocks}, nil},
		{"a block of whose request is hidden", []events.Event{bertBlocks, annaHidden, bertOpens}, friends.Block{Pair: ba}, []events.Event{bertBlocks}, nil},
		{"a block by who is blocked", []events.Event{bertBlocks, annaHidden}, friends.Block{Pair: ab}, []events.Event{annaTook, annaBlocks}, nil},
		{"a block again", []events.Event{bertBlocks}, friends.Block{Pair: ba}, nil, nil},
		{"a block of oneself", nil, friends.Block{Pair: friends.Pair{By: "bert", To: "bert"}}, nil, friends.ErrSelf},

		{"an unblock", []events.Event{bertBlocks}, friends.Unblock{Pair: ba}, []events.Event{bertOpens}, nil},
		{"an unblock again", []events.Event{bertBlocks, bertOpens}, friends.Unblock{Pair: ba}, nil, nil},
		{"an unblock by the other", []events.Event{bertBlocks}, friends.Unblock{Pair: ab}, nil, nil},
		{"an unblock of nobody", nil, friends.Unblock{Pair: friends.Pair{}}, nil, friends.ErrNobody},

		{"a farewell to a friend", []events.Event{annaAsked, formed}, friends.Forget{Pair: ba}, []events.Event{ended}, nil},
		{"a farewell to who was asked", []events.Event{bertAsked}, friends.Forget{Pair: ba}, []events.Event{bertTook}, nil},
		{"a farewell to who asks", []events.Event{annaAsked}, friends.Forget{Pair: ba}, []events.Event{bertRefused}, nil},
		{"a farewell to who is blocked, and asks", []events.Event{bertBlocks, annaHidden}, friends.Forget{Pair: ba}, []events.Event{bertRefused, bertOpens}, nil},
		{"a farewell to who blocks", []events.Event{bertBlocks, annaHidden}, friends.Forget{Pair: ab}, []events.Event{annaTook}, nil},
		{"a farewell to a stranger", nil, friends.Forget{Pair: ba}, nil, nil},
		{"a farewell to nobody", nil, friends.Forget{Pair: friends.Pair{By: "bert"}}, nil, friends.ErrNobody},
	} {
		t.Run(c.name, func(t *testing.T) {
			decision := When(Given(c.given...), c.when)
			if c.refused != nil {
				decision.Refused(t, c.refused)
				return
			}
			decision.Then(t, c.then...)
		})
	}
}

func TestBothOrdersOfAPairAreOne(t *testing.T) {
	if (friends.Request{Pair: ab}).Target() != (friends.Accept{Pair: ba}).Target() {
		t.Error("the two orders of a pair have a stream each")
	}
	one, other := friends.Pair{By: "a-b", To: "c"}, friends.Pair{By: "a", To: "b-c"}
	if one.Target() == other.Target() {
		t.Error("two pairs share a stream")
	}
}

func anyCommand(t *rapid.T) commands.Command[friends.State] {
	pair := rapid.SampledFrom([]friends.Pair{ab, ba}).Draw(t, "pair")
	return rapid.SampledFrom([]commands.Command[friends.State]{
		friends.Request{Pair: pair}, friends.Request{Pair: pair}, friends.Accept{Pair: pair}, friends.Decline{Pair: pair},
		friends.Withdraw{Pair: pair}, friends.Remove{Pair: pair}, friends.Block{Pair: pair}, friends.Unblock{Pair: pair}, friends.Forget{Pair: pair},
		friends.Request{Pair: pair, Open: friends.MaxRequests},
	}).Draw(t, "command")
}

func other(player events.PlayerID) events.PlayerID {
	if player == "anna" {
		return "bert"
	}
	return "anna"
}

// TestEveryHistory: nothing passes a block, no friendship without both having
// wanted it, no friends who block, and a command again decides nothing.
func TestEveryHistory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var state friends.State
		blocks, wants := map[events.PlayerID]bool{}, map[events.PlayerID]bool{}
		for range rapid.IntRange(1, 40).Draw(t, "commands") {
			command := anyCommand(t)
			decided, err := command.Decide(state, Now)
			if err != nil && len(decided) > 0 {
				t.Fatalf("refused, but decided %v", decided)
			}
			for _, e := range decided {
				state = state.Evolve(e)
				switch e := e.(type) {
				case events.FriendRequested:
					if !e.Hidden && blocks[e.To] {
						t.Fatal("a request passed a block")
					}
					wants[e.By] = true
				case events.FriendRequestWithdrawn:
					wants[e.By] = false
				case events.FriendRequestDeclined:
					wants[e.To] = false
				case events.FriendshipFormed:
					if blocks[e.By] || blocks[e.To] || !wants[e.To] {
						t.Fatalf("friends who block (%v), or whom nobody asked (%v)", blocks, wants)
					}
					wants = map[events.PlayerID]bool{}
				case events.PlayerBlocked:
					blocks[e.By] = true
				case events.PlayerUnblocked:
					blocks[e.By] = false
				}
			}
			if state.Apart() != (blocks["anna"] || blocks["bert"]) {
				t.Fatalf("apart: %v, with the blocks %v", state.Apart(), blocks)
			}
			for _, r := range state.Requests {
				if to := other(r.By); !r.Hidden && blocks[to] {
					t.Fatalf("%+v is shown to %s, who blocks", r, to)
				}
			}
			if state.Friends && (len(state.Blockers) > 0 || len(state.Requests) > 0) {
				t.Fatalf("friends, and yet %+v", state)
			}
			if again, err := command.Decide(state, Now); len(decided) > 0 && (len(again) > 0 || err != nil) {
				t.Fatalf("%T again decided %v, %v", command, again, err)
			}
		}
	})
}

// TestWhoIsBlockedIsNotTold: two worlds differ in that bert has declined, in the
// one, what he has blocked in the other. Whatever anna does, she is answered alike
// in both, as long as he does nothing.
func TestWhoIsBlockedIsNotTold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var open, blocked friends.State
		for _, e := range rapid.SampledFrom([][]events.Event{nil, {annaAsked}, {annaAsked, formed}, {bertAsked}}).Draw(t, "before") {
			open, blocked = open.Evolve(e), blocked.Evolve(e)
		}
		block, err := friends.Block{Pair: ba}.Decide(blocked, Now)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range block {
			if blocked = blocked.Evolve(e); e != bertBlocks {
				open = open.Evolve(e)
			}
		}
		for range rapid.IntRange(1, 20).Draw(t, "commands") {
			command := rapid.SampledFrom([]commands.Command[friends.State]{
				friends.Request{Pair: ab}, friends.Accept{Pair: ab}, friends.Decline{Pair: ab}, friends.Withdraw{Pair: ab},
				friends.Remove{Pair: ab}, friends.Block{Pair: ab}, friends.Unblock{Pair: ab},
			}).Draw(t, "command")
			one, errOne := command.Decide(open, Now)
			two, errTwo := command.Decide(blocked, Now)
			if len(one) != len(two) || errOne != errTwo {
				t.Fatalf("%T is answered %v %v, and blocked %v %v", command, one, errOne, two, errTwo)
			}
			for i := range one {
				open, blocked = open.Evolve(one[i]), blocked.Evolve(two[i])
			}
		}
	})
}
