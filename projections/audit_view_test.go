package projections

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/events"
)

func TestTheTrail(t *testing.T) {
	at := noon.Add(123_456_789 * time.Nanosecond)
	v, f := folded[*auditView](t, newAuditView)
	f.take("player:boss",
		events.RoleGranted{Player: "anna", Role: events.RoleSupport, By: "player:boss", At: at},
		events.SubscriptionEnded{Player: "bert", Reason: events.SubscriptionRanOut, At: at},
		events.SubscriptionEnded{Player: "bert", Reason: events.SubscriptionStopped, At: at},
		events.PaymentSucceeded{Player: "bert", Attempt: 1, At: at},
		events.PaymentSucceeded{Player: "bert", Attempt: 0, At: at},
		events.PlanPublished{Offer: events.Offer{Plan: "basic"}, At: at},
		events.GameWithdrawn{Game: "doom", At: at},
		events.WorkerDraining{Worker: "w", At: at},
		events.PoisonDropped{Handler: "mail", At: at})
	got := map[int64]string{}
	for key, row := range rows(v.trail) {
		if !key.At.Equal(at.Truncate(time.Microsecond)) || row.Actor != "player:boss" {
			t.Errorf("%+v", row)
		}
		got[key.Position] = row.Type + " " + row.Subject
	}
	want := map[int64]string{1: "RoleGranted player:anna", 3: "SubscriptionEnded player:bert", 5: "PaymentSucceeded player:bert", 6: "PlanPublished plan:basic",
		7: "GameWithdrawn game:doom", 8: "WorkerDraining worker:w", 9: "PoisonDropped handler:mail"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestWhatIsWantedIsAudited: no type is asked for in vain, but for those of
// which only some events are.
func TestWhatIsWantedIsAudited(t *testing.T) {
	v := newAuditView().(*auditView)
	for _, rows := range v.Tables() {
		rows.begin()
	}
	for i, e := range v.Wants() {
		if ended, is := e.(events.SubscriptionEnded); is {
			ended.Reason = events.SubscriptionStopped
			e = ended
		}
		if err := v.Fold(&Noted{Event: e, Position: int64(i)}); err != nil {
			t.Fatal(err)
		}
		if _, there := v.trail.Get(auditKey{time.Time{}, int64(i)}); !there {
			t.Errorf("%s is not in the trail", e.EventType())
		}
	}
}
