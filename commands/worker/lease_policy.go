package worker

import (
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// Leases loses workers that answer no more.
//
//	WorkerRegistered ─▶ asked, and no answer too often in a row ─▶ Lose
type Leases struct {
	commands.Leases[events.WorkerID]
}

// NewLeases returns the policy before the first event.
func NewLeases() *Leases { return &Leases{} }

var _ commands.Policy = (*Leases)(nil)

func (*Leases) Name() string { return "leases" }

// Evolve gives no lease to a worker without an address: it is of the process whose
// gateway has it, and goes with that.
func (p *Leases) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.WorkerRegistered:
		p.Begin(commands.Holder[events.WorkerID]{Name: e.Worker, Incarnation: e.Incarnation, Address: e.Address}, n.Cause)
	case events.WorkerLost:
		p.End(e.Worker)
	case events.WorkerStopped:
		p.End(e.Worker)
	}
}

func (p *Leases) Due(time.Time) []commands.Order {
	return p.Lost(func(h commands.Holder[events.WorkerID], cause commands.Cause) commands.Order {
		return commands.Issue(Lose{Worker: h.Name, Incarnation: h.Incarnation}, commands.Because(cause, p.Name(), "lose"))
	})
}
