package gateway

import (
	"sync"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/gateway/auth"
)

// maxNames bounds the memory of names. Beyond it some name is forgotten, until
// its player is here again.
const maxNames = 10_000

// names are how players who have been here since the start call themselves, as
// their tokens say. They are in no event and no table: who plays together sees
// them, and a player of whom nothing is known has none.
type names struct {
	mu   sync.Mutex
	held map[events.PlayerID]string
}

func newNames() *names { return &names{held: map[events.PlayerID]string{}} }

func (n *names) note(who auth.Identity) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, known := n.held[who.Player]; !known && len(n.held) >= maxNames {
		for other := range n.held {
			delete(n.held, other)
			break
		}
	}
	n.held[who.Player] = who.Name
}

// of returns a player's name, empty where it is not known.
func (n *names) of(player events.PlayerID) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.held[player]
}
