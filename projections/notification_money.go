package projections

import (
	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
)

// moneyNotice tells of bills, of what is paid, and of what is had for it.
func moneyNotice(n *Noted) (told notice, of bool) {
	switch e := n.Event.(type) {
	case events.InvoiceIssued:
		return notice{to: e.Player, about: uuid.UUID(e.Invoice), title: string(e.Number), money: e.Sums.Total}, true
	case events.InvoiceVoided:
		return notice{to: e.Player, about: uuid.UUID(e.Invoice), money: e.Sums.Total}, true
	case events.CreditNoteIssued:
		return notice{to: e.Player, about: uuid.UUID(e.Invoice), title: string(e.Number), money: e.Sums.Total}, true
	case events.PaymentSucceeded:
		return notice{to: e.Player, about: uuid.UUID(e.Invoice), money: e.Amount}, true
	case events.PaymentFailed:
		return notice{to: e.Player, about: uuid.UUID(e.Invoice), reason: string(e.Reason), money: e.Open}, true
	case events.PaymentRefunded:
		return notice{to: e.Player, about: uuid.UUID(e.Invoice), money: e.Amount}, true
	case events.DunningExhausted:
		return notice{to: e.Player, about: uuid.UUID(e.Invoice), money: e.Open}, true
	case events.CreditGranted:
		return notice{to: e.Player, about: uuid.UUID(e.Credit), money: e.Charge, ends: e.Expires}, true
	case events.CreditExpired:
		return notice{to: e.Player, about: uuid.UUID(e.Credit), money: e.Value}, true
	case events.CreditRevoked:
		return notice{to: e.Player, about: uuid.UUID(e.Credit)}, true
	case events.SpendingLimitReached:
		return notice{to: e.Player, about: uuid.UUID(e.Subscription), money: e.Limit}, true
	}
	return subscriptionNotice(n)
}

func subscriptionNotice(n *Noted) (told notice, of bool) {
	switch e := n.Event.(type) {
	case events.SubscriptionRenewed:
		return notice{to: e.Player, about: uuid.UUID(e.Subscription), title: string(e.Offer.Plan), money: e.Charge, ends: e.Period.To}, true
	case events.SubscriptionChanged:
		return notice{to: e.Player, about: uuid.UUID(e.Subscription), title: string(e.Offer.Plan), money: e.Charge}, true
	case events.SubscriptionCancelled:
		return notice{to: e.Player, about: uuid.UUID(e.Subscription), ends: e.Until}, true
	case events.SubscriptionKept:
		return notice{to: e.Player, about: uuid.UUID(e.Subscription)}, true
	case events.SubscriptionPaused:
		return notice{to: e.Player, about: uuid.UUID(e.Subscription), ends: e.From}, true
	case events.SubscriptionResumed:
		return notice{to: e.Player, about: uuid.UUID(e.Subscription), title: string(e.Offer.Plan), money: e.Charge}, true
	case events.SubscriptionEnded:
		return notice{to: e.Player, about: uuid.UUID(e.Subscription), reason: string(e.Reason)}, e.Reason != events.SubscriptionErased
	}
	return notice{}, false
}
