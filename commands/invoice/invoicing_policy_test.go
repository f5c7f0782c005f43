package invoice_test

import (
	"testing"

	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/invoice"
	"github.com/playcast/playcast/events"
)

func TestChargesAreBilledOnce(t *testing.T) {
	bought := events.CreditGranted{Player: "anna", Charge: eur(500), At: Now}
	played := events.PlaytimeCharged{Player: "anna", Session: events.SessionID{1}, Overage: events.Overage{Charge: eur(70)}, At: Now}
	ended := events.SubscriptionEnded{Player: "anna", At: Now}
	bill := func(because, of events.Event, kind events.LineKind, text string, price int64, session events.SessionID) invoice.Bill {
		return invoice.Bill{Invoice: events.InvoiceOf(CauseOf(because).Event), Player: "anna", Currency: "EUR", Lines: []invoice.Line{{
			Kind: kind, Text: text, Quantity: 1, Per: 1, Price: eur(price), TaxRate: 1900, Sources: []events.LineSource{{Event: CauseOf(of).Event, Session: session}}}}}
	}
	first := bill(bought, bought, events.LineCredits, "credits.bought", 500, events.SessionID{})
	invoicing := Told(invoice.NewInvoicing(1900), bought, played)
	Due(t, invoicing, Now, first)
	Due(t, Told(invoicing, events.InvoiceDrafted{Invoice: first.Invoice}), Now)
	Due(t, Told(invoicing, ended), Now, bill(ended, played, events.LinePlaytime, "playtime.overage", 70, events.SessionID{1}))
	Due(t, Told(invoice.NewInvoicing(0), events.CreditGranted{Player: "anna", At: Now}, ended), Now)
}
