package projections

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/events"
)

func asks(by, to events.PlayerID, hidden bool) events.Event {
	return events.FriendRequested{By: by, To: to, Hidden: hidden, At: noon}
}

// circle is what a player is told to have, but for its position.
func circle(v *friendsView, player events.PlayerID) circleRow {
	row, _ := v.circles.Get(player)
	row.Player, row.Position = "", 0
	return row
}

func TestFriendshipIsMutual(t *testing.T) {
	v, f := folded[*friendsView](t, newFriendsView, asks("anna", "bert", false))
	if a, b := circle(v, "anna"), circle(v, "bert"); a != (circleRow{Asking: 1}) || b != (circleRow{Asked: 1}) {
		t.Errorf("anna asks and has %+v, bert %+v", a, b)
	}
	f.take("", events.FriendshipFormed{By: "bert", To: "anna", At: noon})
	want := map[playerPair]friendRow{
		{"anna", "bert"}: {Player: "anna", Friend: "bert", Since: noon},
		{"bert", "anna"}: {Player: "bert", Friend: "anna", Since: noon},
	}
	if diff := cmp.Diff(want, rows(v.friends)); diff != "" || len(rows(v.requests)) != 0 {
		t.Errorf("-want +got:\n%s\nrequests %v", diff, rows(v.requests))
	}
	if a, b := circle(v, "anna"), circle(v, "bert"); a != (circleRow{Friends: 1}) || b != a {
		t.Errorf("friends have %+v and %+v", a, b)
	}
	f.take("", events.FriendshipEnded{By: "anna", To: "bert", At: noon})
	if len(rows(v.friends)) != 0 || circle(v, "anna") != (circleRow{}) || circle(v, "bert") != (circleRow{}) {
		t.Errorf("who have parted have %v, %v", rows(v.friends), rows(v.circles))
	}
}

func TestRequestThatComesToNothing(t *testing.T) {
	for name, end := range map[string]events.Event{
		"withdrawn": events.FriendRequestWithdrawn{By: "anna", To: "bert", At: noon},
		"declined":  events.FriendRequestDeclined{By: "bert", To: "anna", At: noon},
	} {
		v, _ := folded[*friendsView](t, newFriendsView, asks("anna", "bert", false), end, end)
		if len(rows(v.requests)) != 0 || circle(v, "anna") != (circleRow{}) || circle(v, "bert") != (circleRow{}) {
			t.Errorf("%s: %v, %v", name, rows(v.requests), rows(v.circles))
		}
	}
}

// TestRequestOfTheBlocked: who is blocked asks as anybody does, who blocks sees
// nothing of it, and when it is shown at last nothing changes for who has asked.
func TestRequestOfTheBlocked(t *testing.T) {
	pair := playerPair{"bert", "anna"}
	v, f := folded[*friendsView](t, newFriendsView, events.PlayerBlocked{By: "anna", To: "bert", At: noon}, asks("bert", "anna", true))
	want := friendRequestRow{By: "bert", To: "anna", AskedAt: noon, AskedPos: 2}
	if row, _ := v.requests.Get(pair); row != want {
		t.Error(cmp.Diff(want, row))
	}
	if a, b := circle(v, "anna"), circle(v, "bert"); a != (circleRow{Blocking: 1}) || b != (circleRow{Asking: 1}) {
		t.Errorf("anna blocks and has %+v, bert %+v", a, b)
	}
	of, _ := v.circles.Get("bert")
	later := noon.Add(time.Hour)
	f.take("", events.PlayerUnblocked{By: "anna", To: "bert", At: noon}, events.FriendRequested{By: "bert", To: "anna", At: later})
	want.ShownAt, want.ShownPos = later, 4
	if row, _ := v.requests.Get(pair); row != want {
		t.Error(cmp.Diff(want, row))
	}
	if now, _ := v.circles.Get("bert"); now != of || circle(v, "anna") != (circleRow{Asked: 1}) || len(rows(v.blocks)) != 0 {
		t.Errorf("bert's %+v became %+v, anna's is %+v", of, now, circle(v, "anna"))
	}
}

// TestCircleOfTheErased: what ends after an erasure is counted for the others
// only.
func TestCircleOfTheErased(t *testing.T) {
	v, f := folded[*friendsView](t, newFriendsView,
		events.FriendshipFormed{By: "anna", To: "bert", At: noon}, events.PlayerBlocked{By: "cora", To: "anna", At: noon},
		events.PlayerErased{Player: "anna", At: noon})
	f.take("", asks("dora", "anna", false), events.FriendshipEnded{By: "anna", To: "bert", At: noon},
		events.FriendRequestDeclined{By: "anna", To: "dora", At: noon})
	if got := circle(v, "anna"); got != (circleRow{}) || circle(v, "bert") != (circleRow{}) || len(rows(v.friends)) != 0 {
		t.Errorf("%+v, %+v, %v", got, circle(v, "bert"), rows(v.friends))
	}
	if len(rows(v.blocks)) != 1 {
		t.Errorf("blocks are %v", rows(v.blocks))
	}
}
