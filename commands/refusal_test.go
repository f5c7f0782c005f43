package commands_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/invoice"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/memstore"
)

// TestRefusedBillsMakeWayAndAreSeen puts charges that no invoice takes before one
// that is right: that is billed, the others are in the log as given up, and can
// be tried again, each as an order of its own.
func TestRefusedBillsMakeWayAndAreSeen(t *testing.T) {
	store := memstore.New(clock)
	handler := commands.NewHandler(store, clock)
	charged := func(player events.PlayerID, nth byte) events.InvoiceID {
		proposed, err := events.Encode(events.EventID(uuid.New()), events.CreditGranted{
			Player: player, Credit: events.CreditID{nth}, Play: time.Hour, Charge: events.Money{Amount: 500, Currency: "EUR"}, At: now,
		}, events.Metadata{Correlation: "c"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := store.Append(t.Context(), events.Stream("account-"+uuid.NewString()), events.NoStream(), []events.Proposed{proposed}); err != nil {
			t.Fatal(err)
		}
		return events.InvoiceOf(proposed.ID)
	}
	var bad []events.InvoiceID
	for n := range byte(70) {
		bad = append(bad, charged("An na", n))
	}
	good := charged("anna", 99)
	reactor := commands.NewReactor(invoice.NewInvoicing(0), handler, clock, slog.New(slog.DiscardHandler))
	react(t, store, reactor)
	if got := types(t, store, events.InvoiceStream(good)); len(got) != 3 || got[2] != "InvoiceApproved" {
		t.Errorf("behind those that are refused, a bill comes to %v", got)
	}
	for _, id := range bad {
		if got := types(t, store, events.InvoiceStream(id)); len(got) != 1 || got[0] != "BillGivenUp" {
			t.Fatalf("a bill that can't be comes to %v", got)
		}
	}
	if _, err := handler.Do(t.Context(), commands.Issue(invoice.Retry{Invoice: bad[0]}, commands.By("support:carl"))); err != nil {
		t.Fatal(err)
	}
	react(t, store, reactor)
	if got := types(t, store, events.InvoiceStream(bad[0])); len(got) != 3 || got[2] != "BillGivenUp" {
		t.Errorf("a bill that is retried comes to %v", got)
	}
}

// refused counts what it is told of an order that is always refused.
type refused struct {
	*invoice.Collection
	order commands.Order
	told  int
}

func (r *refused) Due(time.Time) []commands.Order { return []commands.Order{r.order, r.order} }

func (r *refused) Refused(order commands.Order, why *events.Fault, at time.Time) {
	if order.ID == r.order.ID && why.Code == invoice.ErrUnknown.Code && at.Equal(now) {
		r.told++
	}
}

func TestAPolicyIsToldOfRefusals(t *testing.T) {
	policy := &refused{order: commands.Issue(invoice.Approve{Invoice: events.InvoiceID{1}}, commands.By("policy:test")), Collection: invoice.NewCollection(invoice.DefaultLadder())}
	reactor := commands.NewReactor(policy, commands.NewHandler(memstore.New(clock), clock), clock, slog.New(slog.DiscardHandler))
	if err := reactor.CaughtUp(context.Background()); err != nil || policy.told != 2 {
		t.Errorf("two orders are refused, it is told of %d (%v)", policy.told, err)
	}
	standby := commands.NewReactor(policy, commands.NewHandler(memstore.New(clock), clock), clock, slog.New(slog.DiscardHandler)).While(func() bool { return false })
	if err := standby.CaughtUp(context.Background()); err != nil || policy.told != 2 {
		t.Errorf("who stands by carries out nothing, and is told of %d (%v)", policy.told, err)
	}
}
