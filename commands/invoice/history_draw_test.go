package invoice_test

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/playcast/playcast/commands/billing"
	"github.com/playcast/playcast/commands/invoice"
	"github.com/playcast/playcast/events"
)

// The players, who are in these currencies.
var (
	players    = []events.PlayerID{"anna", "bert", "carl"}
	currencies = map[events.PlayerID]events.Currency{"anna": "EUR", "bert": "USD", "carl": "EUR"}
)

// step is whatever may happen next.
func (h *history) step() {
	player := rapid.SampledFrom(players).Draw(h.t, "player")
	switch rapid.IntRange(0, 9).Draw(h.t, "step") {
	case 0, 1:
		h.play(player)
	case 2, 3:
		h.serve(true)
	case 4:
		h.answer()
	case 5:
		h.staff(player)
	case 6:
		h.holiday(player)
	default:
		h.wish(player)
	}
}

// play is a segment of a session of its own, or one more of the last.
func (h *history) play(player events.PlayerID) {
	h.played++
	id := events.SessionID(uuid.NewSHA1(uuid.Nil, fmt.Append(nil, h.played)))
	h.note("", events.SessionRequested{Session: id, Player: player, Game: "doom", At: h.now})
	for number := range rapid.IntRange(1, 3).Draw(h.t, "segments") {
		from := h.now.Add(-time.Duration(rapid.IntRange(0, 30_000).Draw(h.t, "seconds")) * time.Second)
		h.note("", events.SessionPaused{Session: id, Closed: &events.Segment{Number: number + 1, From: from, To: h.now}, At: h.now})
	}
	h.note("", events.SessionEnded{Session: id, At: h.now})
}

// holiday is a pause that lasts into a paused period, and what is resumed then.
func (h *history) holiday(player events.PlayerID) {
	sub := h.accounts[events.AccountStream(player)].Subscription.ID
	if sub.IsZero() {
		return
	}
	h.do(billing.Pause{Player: player, Subscription: sub})
	h.serve(true)
	h.now = h.now.Add(35 * 24 * time.Hour)
	h.do(billing.Change{Player: player, Subscription: sub, Offer: h.offer(player)})
	h.do(billing.Resume{Player: player, Subscription: sub})
}

// money is in the player's currency, but for mistakes.
func (h *history) money(player events.PlayerID, amount int64) events.Money {
	if rapid.IntRange(0, 12).Draw(h.t, "mistaken") == 0 {
		return events.Money{Amount: amount, Currency: "JPY"}
	}
	return events.Money{Amount: amount, Currency: currencies[player]}
}

// offer is one of three sizes, of which the least has no price for overage.
func (h *history) offer(player events.PlayerID) events.Offer {
	size := int64(rapid.IntRange(1, 3).Draw(h.t, "size"))
	offer := events.Offer{Plan: "plan", Version: int(size), Terms: events.Terms{
		Price: h.money(player, size*999), Interval: rapid.SampledFrom([]events.Interval{events.Monthly, events.Monthly, events.Yearly}).Draw(h.t, "interval"),
		Included: time.Duration(size*5) * time.Hour, Rollover: time.Duration(size) * time.Hour, Access: events.Access{Sessions: 1, Longest: time.Hour, Resolution: 720},
	}}
	if size > 1 {
		offer.Terms.Overage = events.Money{Amount: 100*size + 1, Currency: offer.Terms.Price.Currency}
	}
	return offer
}

// wish is what a player asks for of the account.
func (h *history) wish(player events.PlayerID) {
	offer := h.offer(player)
	sub := h.accounts[events.AccountStream(player)].Subscription.ID
	if sub.IsZero() || rapid.IntRange(0, 15).Draw(h.t, "another") == 0 {
		sub = events.SubscriptionID(uuid.NewSHA1(uuid.Nil, fmt.Append(nil, player, rapid.IntRange(1, 5).Draw(h.t, "subscription"))))
	}
	credit := events.CreditID(uuid.NewSHA1(uuid.Nil, fmt.Append(nil, player, rapid.IntRange(1, 20).Draw(h.t, "credit"))))
	grant := billing.Grant{Player: player, Credit: credit, Play: time.Duration(rapid.IntRange(1, 20_000).Draw(h.t, "bought")) * time.Second, Price: h.money(player, int64(rapid.IntRange(0, 500).Draw(h.t, "price")))}
	if rapid.Bool().Draw(h.t, "expires") {
		grant.Expires = h.now.Add(200 * time.Hour)
	}
	all := []any{
		billing.Start{Player: player, Subscription: sub, Offer: offer}, billing.Start{Player: player, Subscription: sub, Offer: offer},
		billing.Change{Player: player, Subscription: sub, Offer: offer}, billing.Change{Player: player, Subscription: sub, Offer: offer},
		billing.Cancel{Player: player, Subscription: sub}, billing.Keep{Player: player, Subscription: sub},
		billing.Pause{Player: player, Subscription: sub}, billing.Resume{Player: player, Subscription: sub}, billing.Resume{Player: player, Subscription: sub},
		billing.End{Player: player, Subscription: sub, Reason: events.SubscriptionStopped},
		grant, grant, billing.Revoke{Player: player, Credit: credit}, billing.Renew{Player: player},
		billing.Limit{Player: player, Most: h.money(player, int64(rapid.IntRange(0, 900).Draw(h.t, "limit")))}, billing.Unlimit{Player: player},
	}
	h.do(all[rapid.IntRange(0, len(all)-1).Draw(h.t, "wish")])
}

// staff is what is done to invoices by hand: to any that there is, or to one of
// their own, which has other taxes.
func (h *history) staff(player events.PlayerID) {
	ids := h.model.ids
	if len(ids) == 0 || rapid.IntRange(0, 3).Draw(h.t, "new") == 0 {
		id := events.InvoiceID(uuid.NewSHA1(uuid.Nil, fmt.Append(nil, "by hand", len(h.log))))
		var lines []invoice.Line
		for _, rate := range []int{500, 2100} {
			price := events.Money{Amount: int64(rapid.IntRange(1, 999).Draw(h.t, "price")), Currency: currencies[player]}
			lines = append(lines, invoice.Line{Kind: events.LineSubscription, Text: "by-hand", Quantity: 3, Per: 2, Price: price, TaxRate: rate})
		}
		h.do(invoice.Bill{Invoice: id, Player: player, Currency: currencies[player], Lines: lines})
		return
	}
	id := rapid.SampledFrom(ids).Draw(h.t, "invoice")
	state := h.invoices[events.InvoiceStream(id)]
	note := events.CreditNoteID{byte(rapid.IntRange(1, 3).Draw(h.t, "note"))}
	part := []events.CreditLine{{Line: 1, Net: events.Money{Amount: int64(rapid.IntRange(1, 600).Draw(h.t, "part")), Currency: state.Currency}}}
	payment, amount := events.PaymentOf(id, 1), events.Money{Amount: int64(rapid.IntRange(-1, 600).Draw(h.t, "amount")), Currency: state.Currency}
	all := []any{
		invoice.Credit{Invoice: id, CreditNote: note, Reason: events.CreditOutage}, invoice.Credit{Invoice: id, CreditNote: note, Reason: events.CreditMistake, Lines: part},
		invoice.Credit{Invoice: id, CreditNote: note, Reason: events.CreditMistake, Lines: part}, invoice.Void{Invoice: id}, invoice.WriteOff{Invoice: id},
		invoice.Ask{Invoice: id, Attempt: state.Attempts + 1}, invoice.Retry{Invoice: id},
		invoice.AskRefund{Invoice: id, Payment: payment, Refund: events.RefundID{byte(note[0])}, Amount: amount, Reason: events.CreditGoodwill},
		invoice.Succeed{Invoice: id, Payment: events.PaymentID{note[0]}, Reference: "cash", Amount: amount},
	}
	h.do(all[rapid.IntRange(0, len(all)-1).Draw(h.t, "by staff")])
}
