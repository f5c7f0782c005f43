package projections

import (
	"time"

	"github.com/playcast/playcast/events"
)

// auditView is the trail of what somebody has to answer for: roles, consent and
// guardians, erasures, money that was moved by hand, plans, the catalog, and
// what was done to workers and to events that were skipped. Not what the
// platform does by itself, and not what players do for themselves.
//
// It has ids, and nothing that an erased player's key would open; its rows
// outlast an erasure, as the log's events do.
type auditView struct {
	trail *Table[auditKey, auditRow]
}

var _ View = (*auditView)(nil)

type auditKey struct {
	At       time.Time
	Position int64
}

type auditRow struct {
	At          time.Time        `db:"at,key"`
	Position    int64            `db:"position,key"`
	Actor       events.Actor     `db:"actor"`
	Command     events.CommandID `db:"command_id"`
	Correlation string           `db:"correlation"`
	Stream      events.Stream    `db:"stream"`
	Type        string           `db:"type"`
	Subject     string           `db:"subject"`
}

func newAuditView() View {
	return &auditView{trail: NewTable("audit", func(r *auditRow) auditKey { return auditKey{r.At, r.Position} }).Monthly("at")}
}

func (*auditView) Name() string     { return "audit" }
func (*auditView) Version() int     { return 1 }
func (v *auditView) Tables() []Rows { return []Rows{v.trail} }

func (*auditView) Wants() []events.Event {
	return []events.Event{
		events.RoleGranted{}, events.RoleRevoked{}, events.PlayerErased{}, events.ConsentGiven{}, events.ConsentWithdrawn{},
		events.GuardianSet{}, events.AgeDeclared{}, events.ParentalLimitsSet{}, events.ParentalLimitsLifted{},
		events.CreditGranted{}, events.CreditRevoked{}, events.SpendingLimitSet{}, events.SpendingLimitLifted{}, events.SubscriptionEnded{},
		events.InvoiceDiscarded{}, events.InvoiceVoided{}, events.InvoiceWrittenOff{}, events.CreditNoteIssued{}, events.BillRetried{},
		events.PaymentSucceeded{}, events.RefundAsked{}, events.PaymentRefunded{}, events.RefundFailed{}, events.RefundGivenUp{},
		events.PlanPublished{}, events.PlanWithdrawn{},
		events.GamePublished{}, events.GameChanged{}, events.GameWithdrawn{}, events.AgeLimitChanged{},
		events.WorkerDraining{}, events.WorkerResumed{}, events.PoisonReplayAsked{}, events.PoisonDropped{},
	}
}

func (v *auditView) Fold(n *Noted) error {
	for _, audited := range []func(events.Event) (string, time.Time){auditedPerson, auditedMoney, auditedHouse} {
		if subject, at := audited(n.Event); subject != "" {
			v.trail.Add(auditRow{
				At: at, Position: n.Position, Actor: n.Meta.Actor, Command: n.Meta.Command,
				Correlation: n.Meta.Correlation, Stream: n.Stream, Type: n.Event.EventType(), Subject: subject,
			})
			return nil
		}
	}
	return nil
}

func ofPlayer(id events.PlayerID, at time.Time) (string, time.Time) {
	return string(events.ByPlayer(id)), at
}

func ofInvoice(id events.InvoiceID, at time.Time) (string, time.Time) {
	return "invoice:" + id.String(), at
}

// auditedPerson is whom an event is about, and its time; "": it is none of these.
func auditedPerson(e events.Event) (string, time.Time) {
	switch e := e.(type) {
	case events.RoleGranted:
		return ofPlayer(e.Player, e.At)
	case events.RoleRevoked:
		return ofPlayer(e.Player, e.At)
	case events.PlayerErased:
		return ofPlayer(e.Player, e.At)
	case events.ConsentGiven:
		return ofPlayer(e.Player, e.At)
	case events.ConsentWithdrawn:
		return ofPlayer(e.Player, e.At)
	case events.GuardianSet:
		return ofPlayer(e.Player, e.At)
	case events.AgeDeclared:
		return ofPlayer(e.Player, e.At)
	case events.ParentalLimitsSet:
		return ofPlayer(e.Player, e.At)
	case events.ParentalLimitsLifted:
		return ofPlayer(e.Player, e.At)
	}
	return "", time.Time{}
}

// auditedMoney is whose money an event moves or bounds, and its time.
func auditedMoney(e events.Event) (string, time.Time) {
	switch e := e.(type) {
	case events.CreditGranted:
		return ofPlayer(e.Player, e.At)
	case events.CreditRevoked:
		return ofPlayer(e.Player, e.At)
	case events.SpendingLimitSet:
		return ofPlayer(e.Player, e.At)
	case events.SpendingLimitLifted:
		return ofPlayer(e.Player, e.At)
	case events.SubscriptionEnded:
		if e.Reason == events.SubscriptionStopped {
			return ofPlayer(e.Player, e.At)
		}
	case events.PaymentSucceeded:
		if e.Attempt == 0 { // playcast did not ask for it
			return ofPlayer(e.Player, e.At)
		}
	case events.InvoiceDiscarded:
		return ofInvoice(e.Invoice, e.At)
	case events.BillRetried:
		return ofInvoice(e.Invoice, e.At)
	case events.InvoiceVoided:
		return ofPlayer(e.Player, e.At)
	case events.InvoiceWrittenOff:
		return ofPlayer(e.Player, e.At)
	case events.CreditNoteIssued:
		return ofPlayer(e.Player, e.At)
	case events.RefundAsked:
		return ofPlayer(e.Player, e.At)
	case events.PaymentRefunded:
		return ofPlayer(e.Player, e.At)
	case events.RefundFailed:
		return ofPlayer(e.Player, e.At)
	case events.RefundGivenUp:
		return ofPlayer(e.Player, e.At)
	}
	return "", time.Time{}
}

// auditedHouse is what of the platform an event changes, and its time.
func auditedHouse(e events.Event) (string, time.Time) {
	switch e := e.(type) {
	case events.PlanPublished:
		return "plan:" + string(e.Plan), e.At
	case events.PlanWithdrawn:
		return "plan:" + string(e.Plan), e.At
	case events.GamePublished:
		return "game:" + string(e.Game.ID), e.At
	case events.GameChanged:
		return "game:" + string(e.Game.ID), e.At
	case events.GameWithdrawn:
		return "game:" + string(e.Game), e.At
	case events.AgeLimitChanged:
		return "game:" + string(e.Game), e.At
	case events.WorkerDraining:
		return string(events.ByWorker(e.Worker)), e.At
	case events.WorkerResumed:
		return string(events.ByWorker(e.Worker)), e.At
	case events.PoisonReplayAsked:
		return "handler:" + string(e.Handler), e.At
	case events.PoisonDropped:
		return "handler:" + string(e.Handler), e.At
	}
	return "", time.Time{}
}
