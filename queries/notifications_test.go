package queries_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries"
)

// notified has a player told of four things over two months, two of them from
// others, and returns the bill that the first is about.
func notified(f *fixture) uuid.UUID {
	f.t.Helper()
	f.exec(`CREATE TABLE read_notification_1.m1 PARTITION OF read_notification_1.notification FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')`)
	f.exec(`CREATE TABLE read_notification_1.m2 PARTITION OF read_notification_1.notification FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')`)
	bill, later := uuid.New(), noon.AddDate(0, 1, 0)
	f.exec(`INSERT INTO read_notification_1.inbox VALUES ('anna', 4, $1, $2, false, 9)`, noon, later)
	f.exec(`INSERT INTO read_notification_1.notification VALUES
		('anna', 1, $1, 'PaymentFailed', NULL, $3, '', 'declined', 990, 'EUR', NULL, 3),
		('anna', 2, $1, 'FriendRequested', 'bert', NULL, '', '', 0, '', NULL, 5),
		('anna', 3, $2, 'FriendRequested', 'dora', NULL, '', '', 0, '', NULL, 7),
		('anna', 4, $2, 'SubscriptionCancelled', NULL, $3, '', '', 0, '', $2, 9)`, noon, later, bill)
	return bill
}

func TestNotifications(t *testing.T) {
	f := newFixture(t)
	bill := notified(f)
	f.exec(`INSERT INTO read.block VALUES ('dora', 'anna', $1)`, noon)
	later := noon.AddDate(0, 1, 0)
	want := []queries.Notification{
		{Number: 4, Event: "SubscriptionCancelled", At: later, About: bill, Ends: &later, Position: 9},
		{Number: 2, Event: "FriendRequested", At: noon, From: "bert", Position: 5},
		{Number: 1, Event: "PaymentFailed", At: noon, About: bill, Reason: "declined", Money: events.Money{Amount: 990, Currency: "EUR"}, Position: 3},
	}
	for _, size := range []int{1, 2, 100} {
		var got []queries.Notification
		for cursor, first := "", true; first || cursor != ""; first = false {
			page, err := f.db.Notifications(t.Context(), "anna", cursor, size)
			if err != nil {
				t.Fatal(err)
			}
			got, cursor = append(got, page.Notifications...), page.Next
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("pages of %d: -want +got:\n%s", size, diff)
		}
	}
	page, err := f.db.Notifications(t.Context(), "anna", "", 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.db.Notifications(t.Context(), "bert", page.Next, 1); !errors.Is(err, queries.ErrCursor) {
		t.Errorf("a cursor of another player's: %v", err)
	}
	if page, err := f.db.Notifications(t.Context(), "nobody", "", 1); err != nil || page.Notifications != nil {
		t.Errorf("nobody is told %+v, %v", page, err)
	}
}

func TestUnseenNotifications(t *testing.T) {
	f := newFixture(t)
	notified(f)
	f.exec(`INSERT INTO read.block VALUES ('anna', 'bert', $1)`, noon)
	for seen, want := range map[int]int{-1: 3, 0: 3, 1: 2, 2: 2, 3: 1, 4: 0, 1 << 40: 0} {
		got, err := f.db.Unseen(t.Context(), "anna", seen)
		if err != nil || got != (queries.Unseen{Count: want, Last: 4, Position: 9}) {
			t.Errorf("up to %d seen: %+v, %v", seen, got, err)
		}
	}
	for _, seen := range []int{-1, 0, 1} {
		if got, err := f.db.Unseen(t.Context(), "nobody", seen); err != nil || got != (queries.Unseen{}) {
			t.Errorf("nobody has %+v, %v", got, err)
		}
	}
	f.exec(`INSERT INTO read_notification_1.notification SELECT 'anna', n, $1, 'CreditRevoked', NULL, NULL, '', '', 0, '', NULL, n
		FROM generate_series(5, 300) n`, noon.Add(time.Hour))
	f.exec(`UPDATE read_notification_1.inbox SET last_number = 300`)
	if got, err := f.db.Unseen(t.Context(), "anna", 0); err != nil || got.Count != queries.MostUnseen || got.Last != 300 {
		t.Errorf("of many: %+v, %v", got, err)
	}
}
