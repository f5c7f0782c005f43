package gatewaylease

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// Missable is how many questions in a row a gateway may leave unanswered. It
// counts questions, not time: who has slept himself has missed no answers.
const Missable = 2

// Leases loses gateways that answer no more. A lease is no event: as long as a
// gateway answers, nothing is recorded. Who asks says what came of it by
// Answered and Missed, while the log is folded.
//
//	GatewayRegistered ─▶ Holders ─▶ asked ─▶ Answered
//	                                  └───▶ Missed, too often in a row ─▶ Lose
type Leases struct {
	mu     sync.Mutex
	leases map[events.GatewayID]*lease
}

// Holder is a gateway process that is to be asked whether it is there.
type Holder struct {
	Gateway     events.GatewayID
	Incarnation string
	Address     string
}

// Process is what it is called, which process of that name it is, and where it
// answers.
func (h Holder) Process() (name, incarnation, address string) {
	return string(h.Gateway), h.Incarnation, h.Address
}

type lease struct {
	Holder
	cause  commands.Cause
	missed int // in a row
}

// NewLeases returns the policy before the first event.
func NewLeases() *Leases { return &Leases{leases: map[events.GatewayID]*lease{}} }

var _ commands.Policy = (*Leases)(nil)

func (*Leases) Name() string { return "gateway-leases" }

func (p *Leases) Evolve(n commands.Noted) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := n.Event.(type) {
	case events.GatewayRegistered:
		delete(p.leases, e.Gateway)
		if e.Address != "" { // else nobody can ask it
			p.leases[e.Gateway] = &lease{Holder: Holder{Gateway: e.Gateway, Incarnation: e.Incarnation, Address: e.Address}, cause: n.Cause}
		}
	case events.GatewayLost:
		delete(p.leases, e.Gateway)
	case events.GatewayStopped:
		delete(p.leases, e.Gateway)
	}
}

func (p *Leases) Due(time.Time) []commands.Order {
	p.mu.Lock()
	defer p.mu.Unlock()
	var orders []commands.Order
	for _, l := range p.sorted() {
		if l.missed > Missable {
			orders = append(orders, commands.Issue(Lose{Gateway: l.Gateway, Incarnation: l.Incarnation}, commands.Because(l.cause, p.Name(), "lose")))
		}
	}
	return orders
}

// Holders are the gateway processes that are there, as far as is known.
func (p *Leases) Holders() []Holder {
	p.mu.Lock()
	defer p.mu.Unlock()
	var holders []Holder
	for _, l := range p.sorted() {
		holders = append(holders, l.Holder)
	}
	return holders
}

// Answered renews a gateway's lease.
func (p *Leases) Answered(h Holder) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l := p.leases[h.Gateway]; l != nil && l.Holder == h && l.missed <= Missable {
		l.missed = 0
	}
}

// Missed notes a question that was left unanswered, or answered by another. It
// says whether that was one too many: then the gateway is lost, whatever it may
// answer yet.
func (p *Leases) Missed(h Holder) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.leases[h.Gateway]
	if l == nil || l.Holder != h {
		return false
	}
	l.missed++
	return l.missed == Missable+1
}

func (p *Leases) sorted() []*lease {
	all := make([]*lease, 0, len(p.leases))
	for _, l := range p.leases {
		all = append(all, l)
	}
	slices.SortFunc(all, func(a, b *lease) int { return cmp.Compare(a.Gateway, b.Gateway) })
	return all
}
