package presence

import (
	"cmp"
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// batch bounds what one policy has due at once. The rest follows as the log
// shows what was done, so that the loss of a gateway with thousands of
// connections is not issued as a whole after every event.
const batch = 64

// Lingering settles devices that do not come back in time. It keeps those that
// linger, by the time at which their grace is over; Due looks at those only
// whose time it is.
type Lingering struct {
	of  map[events.PlayerID][]linger
	due []linger // by time
}

type linger struct {
	at         time.Time
	player     events.PlayerID
	connection events.ConnectionID
	device     events.DeviceID
	cause      commands.Cause
	issued     time.Time
}

func compareLinger(a, b linger) int {
	return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.player, b.player), cmp.Compare(a.connection, b.connection))
}

// NewLingering returns the policy before the first event.
func NewLingering() *Lingering { return &Lingering{of: map[events.PlayerID][]linger{}} }

var _ commands.Policy = (*Lingering)(nil)

func (*Lingering) Name() string { return "presence-grace" }

func (p *Lingering) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.DeviceDisconnected:
		l := linger{at: e.At.Add(Grace), player: e.Player, connection: e.Connection.ID, device: e.Connection.Device, cause: n.Cause}
		p.of[e.Player] = append(p.of[e.Player], l)
		i, _ := slices.BinarySearchFunc(p.due, l, compareLinger)
		p.due = slices.Insert(p.due, i, l)
	case events.DeviceConnected:
		p.forget(e.Player, func(l linger) bool { return l.device == e.Connection.Device })
	case events.DeviceGone:
		p.forget(e.Player, func(l linger) bool { return l.connection == e.Connection })
	}
}

func (p *Lingering) forget(player events.PlayerID, over func(linger) bool) {
	left := slices.DeleteFunc(p.of[player], func(l linger) bool {
		if !over(l) {
			return false
		}
		if i, found := slices.BinarySearchFunc(p.due, l, compareLinger); found {
			p.due = slices.Delete(p.due, i, i+1)
		}
		return true
	})
	if p.of[player] = left; len(left) == 0 {
		delete(p.of, player)
	}
}

func (p *Lingering) Due(now time.Time) []commands.Order {
	var orders []commands.Order
	for i := range p.due {
		l := &p.due[i]
		if now.Before(l.at) || len(orders) == batch {
			break
		}
		if commands.Repeatable(l.issued, now) {
			l.issued = now
			orders = append(orders, commands.Issue(Settle{Player: l.player, Connection: l.connection}, commands.Because(l.cause, p.Name(), "settle")))
		}
	}
	return orders
}
