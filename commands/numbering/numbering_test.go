package numbering_test

import (
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/numbering"
	"github.com/playcast/playcast/events"
)

var (
	invoice = events.Document{Invoice: events.InvoiceID{1}}
	note    = events.Document{Invoice: events.InvoiceID{1}, CreditNote: events.CreditNoteID{1}}
	first   = events.NumberAssigned{Series: "2026-01", Number: 1, Printed: "2026-01-000001", Document: invoice, At: Now}
	second  = events.NumberAssigned{Series: "2026-01", Number: 2, Printed: "2026-01-000002", Document: note, At: Now}
)

func TestAssign(t *testing.T) {
	When(Given(), numbering.Assign{Series: "2026-01", Document: invoice}).Then(t, first)
	When(Given(first), numbering.Assign{Series: "2026-01", Document: invoice}).Then(t)
	When(Given(first), numbering.Assign{Series: "2026-01", Document: note}).Then(t, second)
	When(Given(first, second), numbering.Assign{Series: "2026-01", Document: invoice}).Then(t)
	When(Given(), numbering.Assign{Series: "2026-01"}).Refused(t, numbering.ErrDocument)
	for _, series := range []events.Series{"", "2026", "2026-13", "2026-1", "2026-01-01", "26-01", "abcd-01"} {
		When(Given(), numbering.Assign{Series: series, Document: invoice}).Refused(t, numbering.ErrSeries)
	}
}

// TestNumbersHaveNoGaps: whatever is asked for, the nth number given is n, and
// no document has two.
func TestNumbersHaveNoGaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var state numbering.Series
		given := map[events.Document]int{}
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			document := events.Document{
				Invoice:    events.InvoiceID(uuid.UUID{1, rapid.Byte().Draw(t, "invoice") % 9}),
				CreditNote: events.CreditNoteID(uuid.UUID{rapid.Byte().Draw(t, "note") % 2}),
			}
			decided, err := numbering.Assign{Series: "2026-01", Document: document}.Decide(state, Now)
			if err != nil {
				t.Fatal(err)
			}
			if _, had := given[document]; had != (len(decided) == 0) {
				t.Fatalf("%v had a number: %t, and gets %v", document, had, decided)
			}
			for _, e := range decided {
				given[document] = e.(events.NumberAssigned).Number
				if given[document] != len(given) {
					t.Fatalf("number %d is the %dth", given[document], len(given))
				}
				state = state.Evolve(e)
			}
		}
	})
}
