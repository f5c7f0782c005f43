package invoice_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/billing"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/invoice"
	"github.com/playcast/playcast/commands/numbering"
	"github.com/playcast/playcast/events"
)

// history is a business: accounts in several currencies, their play, invoices,
// a payment provider that answers when and how it likes, staff, and the policies
// that join them, to which everything is delivered once or more often.
type history struct {
	t        *rapid.T
	now      time.Time
	served   time.Time
	tax      int
	accounts map[events.Stream]billing.Account
	invoices map[events.Stream]invoice.State
	series   map[events.Stream]numbering.Series
	log      []commands.Noted
	streams  []events.Stream // of the log
	policies []commands.Policy
	done     map[events.CommandID]bool // orders that brought events, as the handler knows them
	played   int                       // segments
	provider []any                     // answers that are to come
	model    *model
}

func newHistory(t *rapid.T) *history {
	h := &history{
		t: t, now: Now, served: Now, tax: rapid.SampledFrom([]int{0, 700, 1900}).Draw(t, "tax"), accounts: map[events.Stream]billing.Account{},
		invoices: map[events.Stream]invoice.State{}, series: map[events.Stream]numbering.Series{}, done: map[events.CommandID]bool{}, model: newModel(t),
	}
	h.policies = h.everyPolicy()
	return h
}

func (h *history) everyPolicy() []commands.Policy {
	ladder := invoice.DefaultLadder()
	return []commands.Policy{
		billing.NewMetering(), billing.NewRenewal(), billing.NewArrears(),
		invoice.NewInvoicing(h.tax), invoice.NewNumbers(), invoice.NewCollection(ladder), invoice.NewRefunds(ladder),
	}
}

// do decides a command on its stream, and notes what follows.
func (h *history) do(command any) ([]events.Event, error) {
	var decided []events.Event
	var err error
	var stream events.Stream
	switch c := command.(type) {
	case commands.Command[billing.Account]:
		stream = c.Target()
		decided, err = c.Decide(h.accounts[stream], h.now)
	case commands.Command[invoice.State]:
		stream = c.Target()
		decided, err = c.Decide(h.invoices[stream], h.now)
	case numbering.Assign:
		stream = c.Target()
		decided, err = c.Decide(h.series[stream], h.now)
	default:
		h.t.Fatalf("nobody decides %T", command)
	}
	if err != nil && len(decided) > 0 {
		h.t.Fatalf("%+v is refused, but decided %v", command, decided)
	}
	var fault *events.Fault
	if err != nil && !errors.As(err, &fault) {
		h.t.Fatalf("%+v is refused by %v, which is no fault", command, err)
	}
	for _, e := range decided {
		h.evolve(stream, e)
		h.note(stream, e)
	}
	return decided, err
}

func (h *history) evolve(stream events.Stream, e events.Event) {
	switch {
	case stream == "":
	case reflect.TypeOf(e) == reflect.TypeFor[events.NumberAssigned]():
		h.series[stream] = h.series[stream].Evolve(e)
	case len(stream) > 8 && stream[:8] == "account-":
		h.accounts[stream] = h.accounts[stream].Evolve(e)
	default:
		h.invoices[stream] = h.invoices[stream].Evolve(e)
	}
}

func (h *history) note(stream events.Stream, e events.Event) {
	var id events.EventID
	binary.BigEndian.PutUint64(id[:], uint64(len(h.log)+1))
	n := commands.Noted{Event: e, Cause: commands.Cause{Event: id, Correlation: "c"}, Position: events.Position(len(h.log) + 1), Time: h.now}
	h.log, h.streams = append(h.log, n), append(h.streams, stream)
	h.model.take(n)
	switch e := e.(type) {
	case events.PaymentAsked:
		h.provider = append(h.provider, e)
	case events.RefundAsked:
		h.provider = append(h.provider, e)
	}
	for _, policy := range h.policies {
		policy.Evolve(n)
	}
	if rapid.IntRange(0, 5).Draw(h.t, "again") == 0 {
		old := h.log[rapid.IntRange(max(0, len(h.log)-30), len(h.log)-1).Draw(h.t, "which")]
		for _, policy := range h.policies {
			policy.Evolve(old)
		}
	}
}

// serve carries out what is due. Where there is trouble, some of it is refused
// that could be done.
func (h *history) serve(trouble bool) {
	for _, policy := range h.policies {
		refusable, told := policy.(commands.Refusable)
		for _, order := range policy.Due(h.now) {
			if h.done[order.ID] {
				continue
			}
			var fault *events.Fault
			_, isPlay := order.Command.(billing.Meter) // which is refused for good when it is too old
			if chance := h.chance(trouble && told && !isPlay, "trouble", 12); chance == 1 {
				fault = busy
			} else if _, isBill := order.Command.(invoice.Bill); chance == 2 && isBill {
				fault = wrong
			} else {
				decided, err := h.do(order.Command)
				h.done[order.ID] = len(decided) > 0
				errors.As(err, &fault)
			}
			if fault != nil && told {
				refusable.Refused(order, fault, h.now)
			}
		}
	}
	h.served = h.now
}

// chance draws from 1 to n; 0 where there is none.
func (h *history) chance(is bool, name string, n int) int {
	if !is {
		return 0
	}
	return rapid.IntRange(1, n).Draw(h.t, name)
}

// answer has the provider answer, in any order, sometimes twice.
func (h *history) answer() {
	if len(h.provider) == 0 {
		return
	}
	i := rapid.IntRange(0, len(h.provider)-1).Draw(h.t, "answered")
	kind := rapid.IntRange(0, 5).Draw(h.t, "answer")
	switch asked := h.provider[i].(type) {
	case events.PaymentAsked:
		amount := asked.Amount
		if kind == 0 {
			amount.Amount += 7
		}
		if kind < 4 {
			h.do(invoice.Succeed{Invoice: asked.Invoice, Payment: asked.Payment, Reference: asked.Payment.String(), Amount: amount})
		} else {
			h.do(invoice.Fail{Invoice: asked.Invoice, Payment: asked.Payment, Reason: events.PaymentDeclined})
		}
	case events.RefundAsked:
		if kind < 3 {
			h.do(invoice.Refund{Invoice: asked.Invoice, Payment: asked.Payment, Refund: asked.Refund, Amount: asked.Amount})
		} else {
			h.do(invoice.FailRefund{Invoice: asked.Invoice, Refund: asked.Refund})
		}
	}
	if rapid.IntRange(0, 3).Draw(h.t, "and again") > 0 {
		h.provider = slices.Delete(h.provider, i, i+1)
	}
}

// settle ends all subscriptions, and lets time pass until nothing is due.
func (h *history) settle() {
	for _, player := range players {
		if a := h.accounts[events.AccountStream(player)]; !a.Subscription.ID.IsZero() {
			h.do(billing.End{Player: player, Subscription: a.Subscription.ID, Reason: events.SubscriptionStopped})
		}
	}
	h.serve(false) // what is played is metered before it is too late
	quiet := 0
	for day := 0; quiet < 20; day++ {
		if day > 400 {
			h.t.Fatalf("nothing comes to an end: %+v", h.log[len(h.log)-4:])
		}
		before := len(h.log)
		h.now = h.now.Add(24 * time.Hour)
		for _, n := range slices.Clone(h.log) {
			if given, ok := n.Event.(events.BillGivenUp); ok && !h.model.drafted[given.Invoice] {
				h.do(invoice.Retry{Invoice: given.Invoice})
			}
		}
		h.serve(false)
		for range 5 {
			h.answer()
		}
		if quiet++; len(h.log) > before {
			quiet = 0
		}
	}
}

// rebuilt holds states that are folded anew, and policies that begin at the
// start of the log, to be where the others are.
func (h *history) rebuilt() {
	again := &history{t: h.t, accounts: map[events.Stream]billing.Account{}, invoices: map[events.Stream]invoice.State{}, series: map[events.Stream]numbering.Series{}, tax: h.tax}
	policies := again.everyPolicy()
	for i, n := range h.log {
		again.evolve(h.streams[i], n.Event)
		for _, policy := range policies {
			policy.Evolve(n)
		}
	}
	if !reflect.DeepEqual(h.accounts, again.accounts) || fmt.Sprintf("%+v", h.invoices) != fmt.Sprintf("%+v", again.invoices) || !reflect.DeepEqual(h.series, again.series) {
		h.t.Fatal("what is folded anew differs")
	}
	for i, policy := range policies {
		for _, order := range policy.Due(h.now) {
			if !h.done[order.ID] {
				h.t.Fatalf("%s that begins anew has %+v due, the other %+v", policy.Name(), order.Command, h.policies[i].Due(h.now))
			}
		}
	}
}

func TestWholeHistoriesBalance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory(t)
		for range rapid.IntRange(10, 80).Draw(t, "steps") {
			h.now = h.now.Add(time.Duration(rapid.SampledFrom([]int{1, 0, -3, 12, 60, 200}).Draw(t, "hours")) * time.Hour)
			h.step()
			if h.now.Sub(h.served) > 10*24*time.Hour {
				h.serve(true)
			}
			h.model.check(h)
		}
		h.settle()
		h.model.check(h)
		h.model.final(h)
		h.rebuilt()
	})
}
