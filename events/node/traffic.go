package node

import (
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/playcast/playcast/events/node/internal/eventlog"
)

// traffic counts what goes through a node's calls. Calls write it, whoever
// watches reads it.
type traffic struct {
	started time.Time

	reads   atomic.Uint64 // calls that read, subscriptions too
	sent    atomic.Uint64 // events sent to readers
	damaged atomic.Uint64 // calls that ended at a record that is not what was written
	refused atomic.Uint64 // calls of users that were not let in, or may not

	mu        sync.Mutex
	followers map[*follower]struct{}
}

// follower is a subscription, as those who watch see it.
type follower struct {
	stream string        // "": all
	next   atomic.Uint64 // the position, or revision, that it will look at next
}

func newTraffic() *traffic {
	return &traffic{started: time.Now(), followers: map[*follower]struct{}{}}
}

// ended counts how a call ended, and passes that on.
func (t *traffic) ended(err error) error {
	switch status.Code(err) {
	case codes.DataLoss:
		t.damaged.Add(1)
	case codes.Unauthenticated, codes.PermissionDenied:
		t.refused.Add(1)
	}
	return err
}

// follow counts a subscription until the func that it returns is called.
func (t *traffic) follow(f *follower) (leave func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.followers[f] = struct{}{}
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.followers, f)
	}
}

// subscriptions counts them, and how many events the slowest is behind.
func (t *traffic) subscriptions(log *eventlog.Log) (count int, slowest uint64) {
	t.mu.Lock()
	all := make([]*follower, 0, len(t.followers))
	for f := range t.followers {
		all = append(all, f)
	}
	t.mu.Unlock()
	for _, f := range all {
		next, end := f.next.Load(), log.Head()+1
		if f.stream != "" {
			view, _ := log.Stream(f.stream) // of one that is gone, Last is what it should be
			end = uint64(view.Last + 1)
		}
		if end > next {
			slowest = max(slowest, end-next)
		}
	}
	return len(all), slowest
}
