package invoice_test

import (
	"fmt"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/invoice"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/projections/ledger"
)

// moneyModel is what has become of an invoice.
type moneyModel struct {
	currency                                events.Currency
	issued, voided, paid, refunded, credits int64
	payments, refunds                       map[events.PaymentID]int64
}

func (m *model) takeInvoice(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.InvoiceDrafted:
		m.drafted[e.Invoice] = true
		m.money[e.Invoice] = &moneyModel{currency: e.Currency, payments: map[events.PaymentID]int64{}, refunds: map[events.PaymentID]int64{}}
	case events.InvoiceLineAdded:
		for _, source := range e.Line.Sources {
			if _, twice := m.invoiced[source.Event]; twice || len(e.Line.Sources) != 1 {
				m.t.Fatalf("what is charged is invoiced twice: %+v", e)
			}
			m.invoiced[source.Event] = e.Line.Amount
		}
	case events.InvoiceIssued:
		m.ids = append(m.ids, e.Invoice)
		m.money[e.Invoice].issued = e.Sums.Total.Amount
	case events.InvoiceVoided:
		m.money[e.Invoice].voided = e.Sums.Total.Amount
	case events.CreditNoteIssued:
		m.money[e.Invoice].credits += e.Sums.Total.Amount
	case events.PaymentSucceeded:
		of := m.money[e.Invoice]
		of.paid += e.Amount.Amount
		of.payments[e.Payment] += e.Amount.Amount
	case events.PaymentRefunded:
		of := m.money[e.Invoice]
		of.refunded += e.Amount.Amount
		if of.refunds[e.Payment] += e.Amount.Amount; of.refunds[e.Payment] > of.payments[e.Payment] {
			m.t.Fatalf("%d came in and %d went back: %+v", of.payments[e.Payment], of.refunds[e.Payment], e)
		}
	}
}

// check holds the books, and every invoice, to add up at any time.
func (m *model) check(h *history) {
	sums, want := map[events.Currency]int64{}, map[string]int64{}
	for _, row := range m.books.TrialBalance() {
		sums[row.Amount.Currency] += row.Amount.Amount
	}
	for currency, sum := range sums {
		if sum != 0 {
			m.t.Fatalf("the books are off by %d %s", sum, currency)
		}
	}
	for id, of := range m.money {
		b := h.invoices[events.InvoiceStream(id)].Balance
		if b.Open < 0 || b.WrittenOff < 0 || b.Goodwill < 0 || b.Owed < 0 {
			m.t.Fatalf("negative: %+v", b)
		}
		// What was issued is open, written off, credited, voided or paid; what
		// was paid beyond is owed to the player, or went back.
		kept := of.paid - of.refunded
		if of.issued != b.Open+b.WrittenOff+of.credits+of.voided+kept+b.Goodwill-b.Owed {
			m.t.Fatalf("an invoice over %d has %+v, %d credited, %d voided, %d paid and kept", of.issued, b, of.credits, of.voided, kept)
		}
		for account, amount := range map[ledger.Account]int64{
			ledger.Receivable: b.Open, ledger.WrittenOff: b.WrittenOff, ledger.Refunds: b.Goodwill, ledger.Payable: -b.Owed, ledger.Cash: kept,
		} {
			want[fmt.Sprint(account, of.currency)] += amount
		}
	}
	for _, currency := range []events.Currency{"EUR", "USD", "JPY"} {
		for _, account := range []ledger.Account{ledger.Receivable, ledger.WrittenOff, ledger.Refunds, ledger.Payable, ledger.Cash} {
			if got := m.books.Balance(account, currency).Amount; got != want[fmt.Sprint(account, currency)] {
				m.t.Fatalf("%s is %d %s, and all invoices come to %d", account, got, currency, want[fmt.Sprint(account, currency)])
			}
		}
	}
}

// final holds everything to be billed that is to be, and nothing else, when
// all is done.
func (m *model) final(h *history) {
	for key, played := range m.play.active {
		if !m.play.metered[key] {
			m.t.Fatalf("%v were played and are not metered", played)
		}
		if of := m.play.of[key]; !of.IsZero() && !m.play.charged[key] {
			m.t.Fatalf("%v were played of %s and are not charged", played, of)
		}
	}
	for id, charge := range m.charges {
		if m.invoiced[id] != charge {
			m.t.Fatalf("%v is charged, and %v invoiced", charge, m.invoiced[id])
		}
	}
	if len(m.invoiced) != len(m.charges) {
		m.t.Fatalf("%d charges are on %d lines", len(m.charges), len(m.invoiced))
	}
	for id := range m.drafted {
		if s := h.invoices[events.InvoiceStream(id)]; s.Phase != invoice.Issued && s.Phase != invoice.Voided {
			m.t.Fatalf("an invoice is not issued: %+v", s)
		}
	}
	earned := map[events.Currency]int64{}
	for _, c := range m.credits {
		if c.earned > c.price.Amount || c.left == 0 && !c.gone && c.earned != c.price.Amount {
			m.t.Fatalf("a credit of %v has earned %d with %v left", c.price, c.earned, c.left)
		}
		earned[c.price.Currency] += c.earned
	}
	for currency, amount := range earned {
		if got := m.books.Balance(ledger.CreditsRevenue, currency).Amount; got != -amount {
			m.t.Fatalf("credits have earned %d %s, and the books say %d", amount, currency, got)
		}
	}
}
