package invoice_test

import (
	"encoding/binary"
	"testing"

	"github.com/playcast/playcast/commands"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/invoice"
	"github.com/playcast/playcast/events"
)

// tenThousand is as many charges, each by an event of its own.
func tenThousand(policy commands.Policy) {
	for n := range 10_000 {
		var id events.EventID
		binary.BigEndian.PutUint64(id[:], uint64(n+1))
		policy.Evolve(commands.Noted{Event: events.CreditGranted{Player: "anna", Charge: eur(500)}, Cause: commands.Cause{Event: id}})
	}
}

func BenchmarkInvoicingDue(b *testing.B) {
	policy := invoice.NewInvoicing(1900)
	tenThousand(policy)
	b.ReportAllocs()
	for b.Loop() {
		if len(policy.Due(Now)) != 64 {
			b.Fatal("another number is due")
		}
	}
}

func BenchmarkInvoicingTenThousandCharges(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		policy := invoice.NewInvoicing(1900)
		tenThousand(policy)
		for due := policy.Due(Now); len(due) > 0; due = policy.Due(Now) {
			for _, order := range due {
				policy.Evolve(commands.Noted{Event: events.InvoiceDrafted{Invoice: order.Command.(invoice.Bill).Invoice}})
			}
		}
	}
}

func BenchmarkBill(b *testing.B) {
	bill := invoice.Bill{Invoice: id, Player: "anna", Currency: "EUR", Lines: []invoice.Line{line}}
	b.ReportAllocs()
	for b.Loop() {
		if decided, err := bill.Decide(invoice.State{}, Now); err != nil || len(decided) != 3 {
			b.Fatal(decided, err)
		}
	}
}
