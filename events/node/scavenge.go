package node

import (
	"context"

	"github.com/playcast/playcast/events/node/internal/eventlog"
)

// ErrScavenging is the answer to Scavenge while another one runs.
var ErrScavenging = eventlog.ErrScavenging

// Scavenged says what a scavenge did.
type Scavenged = eventlog.Scavenged

// Scavenge takes out of the log what nobody can see any more: what stream
// metadata, deletes and tombstones have cut off, with its links in system
// streams. Revisions and positions of the rest stay as they are, so that
// positions have gaps afterwards. Readers and writers go on meanwhile. It ends
// with ctx or with Close; the next one goes on from there.
func (n *Node) Scavenge(ctx context.Context) (Scavenged, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ended := make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case <-n.closing:
			cancel(eventlog.ErrClosed)
		case <-ended:
		}
	}()
	done, err := n.log.Scavenge(ctx)
	close(ended)
	<-watched
	return done, err
}
