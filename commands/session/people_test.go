package session_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
)

var (
	toPlay  = events.InvitationID(uuid.MustParse("01970000-0000-7000-8000-0000000000a1"))
	toWatch = events.InvitationID(uuid.MustParse("01970000-0000-7000-8000-0000000000a2"))
	playing = events.HashOfCode("play")
	seeing  = events.HashOfCode("watch")

	mayPlay     = events.InvitationGiven{Session: id, Invitation: toPlay, Kind: events.InvitationToPlay, CodeHash: playing, At: before}
	mayWatch    = events.InvitationGiven{Session: id, Invitation: toWatch, Kind: events.InvitationToWatch, CodeHash: seeing, At: before}
	bertJoined  = events.GuestJoined{Session: id, Player: "bert", Invitation: toPlay, At: before}
	bertPlays   = events.ControlGiven{Session: id, Player: "bert", Pads: 1, At: before}
	coraJoined  = events.GuestJoined{Session: id, Player: "cora", Invitation: toPlay, At: before}
	coraTypes   = events.ControlGiven{Session: id, Player: "cora", Keyboard: true, At: before}
	bertRemoved = events.GuestLeft{Session: id, Player: "bert", Removed: true, At: before}
)

// shared is a session in play with an invitation of each kind, and what
// happened since.
func shared(since ...events.Event) History {
	return Given(append([]events.Event{requested, allocated, launched, ready, activated, mayPlay, mayWatch}, since...)...)
}

func TestInvite(t *testing.T) {
	wish := session.Invite{Session: id, By: "anna", Invitation: toPlay, Kind: events.InvitationToPlay, CodeHash: playing}
	given1 := mayPlay
	given1.At = Now
	for _, state := range states {
		switch decision := When(given(state), wish); state {
		case events.SessionNone:
			decision.Refused(t, session.ErrUnknown)
		case events.SessionIsRequested, events.SessionIsQueued:
			decision.Refused(t, session.ErrNotNow)
		case events.SessionIsEnding, events.SessionIsEnded, events.SessionIsFailed:
			decision.Refused(t, session.ErrOver)
		default:
			decision.Then(t, given1)
		}
	}
	wish.By = "bert"
	When(given(events.SessionIsActive), wish).Refused(t, session.ErrNotYours)
	wish.By, wish.Kind = "anna", "admire"
	When(given(events.SessionIsActive), wish).Refused(t, session.ErrKind)
	full := []events.Event{}
	for len(full) < session.MaxInvitations-2 {
		full = append(full, mayPlay)
	}
	wish.Kind = events.InvitationToWatch
	When(shared(), wish).Then(t) // it stands
	wish.Invitation = events.InvitationOf(events.NewCommandID())
	When(shared(full...), wish).Refused(t, session.ErrTooManyInvitations)
	wish.CodeHash = events.CodeHash{}
	When(shared(), wish).Refused(t, session.ErrNoCode)
}

func TestJoin(t *testing.T) {
	join := session.Join{Session: id, Player: "bert", CodeHash: playing}
	joined, plays := bertJoined, bertPlays
	joined.At, plays.At = Now, Now
	When(shared(), join).Then(t, joined, plays)
	When(shared(bertJoined, bertPlays), join).Then(t)
	When(shared(), session.Join{Session: id, Player: "bert", CodeHash: seeing}).Refused(t, session.ErrInvitation)
	When(shared(), session.Join{Session: id, Player: "bert", CodeHash: events.HashOfCode("guess")}).Refused(t, session.ErrInvitation)
	When(shared(), session.Join{Session: id, Player: "anna", CodeHash: playing}).Refused(t, session.ErrNoHostGuest)
	When(shared(events.InvitationWithdrawn{Session: id, Invitation: toPlay}), join).Refused(t, session.ErrInvitation)
	When(shared(ending), join).Refused(t, session.ErrOver)
	When(Given(), join).Refused(t, session.ErrUnknown)
	// The host keeps a gamepad unless it is given away.
	When(shared(coraJoined, events.ControlGiven{Session: id, Player: "cora", Pads: 3}), join).Then(t, joined)
}

func TestWhoWasRemovedNeedsANewInvitation(t *testing.T) {
	join := session.Join{Session: id, Player: "bert", CodeHash: playing}
	When(shared(bertJoined, bertRemoved), join).Refused(t, session.ErrRemoved)
	again := mayPlay
	again.Invitation, again.CodeHash, again.At = toWatch, events.HashOfCode("again"), before.Add(time.Second)
	join.CodeHash = again.CodeHash
	joined, plays := bertJoined, bertPlays
	joined.Invitation, joined.At, plays.At = again.Invitation, Now, Now
	When(shared(bertJoined, bertRemoved, again), join).Then(t, joined, plays)
	left := bertRemoved
	left.Removed = false
	joined.Invitation, join.CodeHash = toPlay, playing
	When(shared(bertJoined, left), join).Then(t, joined, plays)
}

func TestLeave(t *testing.T) {
	left := events.GuestLeft{Session: id, Player: "bert", At: Now}
	When(shared(bertJoined), session.Leave{Session: id, By: "bert", Player: "bert"}).Then(t, left)
	left.Removed = true
	When(shared(bertJoined), session.Leave{Session: id, By: "anna", Player: "bert"}).Then(t, left)
	When(shared(bertJoined), session.Leave{Session: id, By: "cora", Player: "bert"}).Refused(t, session.ErrNotYours)
	When(shared(), session.Leave{Session: id, By: "bert", Player: "bert"}).Then(t)
	When(shared(bertJoined, ended), session.Leave{Session: id, By: "bert", Player: "bert"}).Then(t)
	When(Given(), session.Leave{Session: id, By: "bert", Player: "bert"}).Refused(t, session.ErrUnknown)
}

func TestWithdraw(t *testing.T) {
	gone := events.InvitationWithdrawn{Session: id, Invitation: toPlay, At: Now}
	wish := session.Withdraw{Session: id, By: "anna", Invitation: toPlay}
	When(shared(bertJoined), wish).Then(t, gone)
	wish.Remove, gone.Remove = true, true
	When(shared(bertJoined, coraJoined), wish).Then(t, gone,
		events.GuestLeft{Session: id, Player: "bert", Removed: true, At: Now},
		events.GuestLeft{Session: id, Player: "cora", Removed: true, At: Now})
	When(shared(gone), wish).Refused(t, session.ErrInvitation)
	wish.By = "bert"
	When(shared(), wish).Refused(t, session.ErrNotYours)
}

func TestControl(t *testing.T) {
	wish := func(keyboard bool, pads int) session.Control {
		return session.Control{Session: id, By: "anna", Player: "bert", Keyboard: keyboard, Pads: pads}
	}
	given := func(keyboard bool, pads int) events.Event {
		return events.ControlGiven{Session: id, Player: "bert", Keyboard: keyboard, Pads: pads, At: Now}
	}
	taken := func(keyboard bool, pads int) events.Event {
		return events.ControlTaken{Session: id, Player: "bert", Keyboard: keyboard, Pads: pads, At: Now}
	}
	bert := shared(bertJoined, bertPlays)
	When(bert, wish(false, 1)).Then(t)
	When(bert, wish(true, 1)).Then(t, given(true, 1))
	When(bert, wish(false, 0)).Then(t, taken(false, 0))
	When(bert, wish(true, 0)).Then(t, taken(false, 0), given(true, 0))
	When(shared(bertJoined, bertPlays, coraJoined, coraTypes), wish(true, 1)).Then(t,
		events.ControlTaken{Session: id, Player: "cora", At: Now}, given(true, 1))
	When(shared(bertJoined, bertPlays, coraJoined, events.ControlGiven{Session: id, Player: "cora", Pads: 3}), wish(false, 2)).
		Refused(t, session.ErrTooManyPads)
	When(bert, wish(false, 5)).Refused(t, session.ErrPads)
	When(bert, wish(false, -1)).Refused(t, session.ErrPads)
	When(shared(), wish(false, 1)).Refused(t, session.ErrNoGuest)
	When(shared(bertJoined, ended), wish(false, 1)).Refused(t, session.ErrOver)
	other := wish(true, 1)
	other.By = "bert"
	When(bert, other).Refused(t, session.ErrNotYours)
}

// Whatever is asked in whatever order, a game has four pads and one keyboard,
// nothing happens after the end, and states share nothing that changes.
func TestPeopleKeepTheirInvariants(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 7))
		past := []events.Event{requested, allocated, launched, ready, activated}
		var state session.State
		for _, e := range past {
			state = state.Evolve(e)
		}
		for range 150 {
			before, kept := state, slices.Clone(state.People.Guests)
			decided, err := randomWish(random, state)
			if err == nil && before.Phase.Over() && len(decided) > 0 {
				t.Fatalf("seed %d: %v after the end", seed, decided)
			}
			for _, e := range decided {
				state = state.Evolve(e)
			}
			past = append(past, decided...)
			if diff := cmp.Diff(kept, before.People.Guests); diff != "" && len(kept) > 0 {
				t.Fatalf("seed %d: a state changed behind its holder's back:\n%s", seed, diff)
			}
			holdPeople(t, seed, state)
		}
		var again session.State
		for _, e := range past {
			again = again.Evolve(e)
		}
		if diff := cmp.Diff(state, again); diff != "" {
			t.Fatalf("seed %d: replayed differently:\n%s", seed, diff)
		}
	}
}

func randomWish(random *rand.Rand, s session.State) ([]events.Event, error) {
	players := []events.PlayerID{"anna", "bert", "cora", "dora", "emil", "finn", "gerd", "hans", "ida"}
	someone := players[random.IntN(len(players))]
	code := strconv.Itoa(random.IntN(6))
	invitation := events.InvitationID(uuid.NewSHA1(uuid.Nil, []byte(code)))
	kinds := []events.InvitationKind{events.InvitationToPlay, events.InvitationToPlay, events.InvitationToWatch}
	switch random.IntN(12) {
	case 0, 1:
		return session.Invite{Session: id, By: "anna", Invitation: invitation, Kind: kinds[random.IntN(3)], CodeHash: events.HashOfCode(code)}.Decide(s, Now)
	case 2:
		return session.Withdraw{Session: id, By: "anna", Invitation: invitation, Remove: random.IntN(2) == 0}.Decide(s, Now)
	case 3, 4, 5:
		return session.Join{Session: id, Player: someone, CodeHash: events.HashOfCode(code)}.Decide(s, Now)
	case 6:
		return session.Leave{Session: id, By: []events.PlayerID{"anna", someone}[random.IntN(2)], Player: someone}.Decide(s, Now)
	case 7:
		if random.IntN(20) == 0 {
			return session.Finish{Session: id, Reason: events.EndedByGame}.Decide(s, Now)
		}
	}
	return session.Control{Session: id, By: "anna", Player: someone, Keyboard: random.IntN(3) == 0, Pads: random.IntN(6) - 1}.Decide(s, Now)
}

func holdPeople(t *testing.T, seed uint64, s session.State) {
	t.Helper()
	pads, keyboards := 0, 0
	for _, g := range s.People.Guests {
		pads += g.Pads
		if g.Keyboard {
			keyboards++
		}
		if g.Player == s.Player {
			t.Fatalf("seed %d: the host is a guest", seed)
		}
	}
	if pads > events.MaxPads || keyboards > 1 || len(s.People.Guests) > session.MaxGuests || len(s.People.Invitations) > session.MaxInvitations {
		t.Fatalf("seed %d: %d pads, %d keyboards: %+v", seed, pads, keyboards, s.People)
	}
	if s.Phase.Over() && len(s.People.Guests)+len(s.People.Invitations) > 0 {
		t.Fatalf("seed %d: people after the end: %+v", seed, s.People)
	}
}
