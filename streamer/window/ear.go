package window

import (
	"sync"

	"github.com/jezek/xgb"
)

// ear takes the events of a connection as they come: xgb stops reading, replies
// too, when 5000 wait, so that who waits for a reply can't be who takes them.
type ear struct {
	woken chan struct{} // of capacity 1: full, there is something; closed at the end
	hear  sync.WaitGroup

	mu     sync.Mutex
	events []xgb.Event
	lost   bool // more came than are kept
}

// maxEvents is how many events wait. What comes beyond is lost, and the windows
// are counted anew then.
const maxEvents = 20_000

// newEar listens until the connection ends.
func newEar(conn *xgb.Conn) *ear {
	e := &ear{woken: make(chan struct{}, 1)}
	e.hear.Go(func() {
		defer close(e.woken)
		for {
			event, err := conn.WaitForEvent()
			if event == nil && err == nil {
				return
			}
			if event != nil { // an error is of a window that has gone meanwhile
				e.add(event)
			}
		}
	})
	return e
}

func (e *ear) add(event xgb.Event) {
	e.mu.Lock()
	if len(e.events) < maxEvents {
		e.events = append(e.events, event)
	} else {
		e.lost = true
	}
	e.mu.Unlock()
	select {
	case e.woken <- struct{}{}:
	default:
	}
}

// take returns what has come, and whether something was lost.
func (e *ear) take() (events []xgb.Event, lost bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	events, lost = e.events, e.lost
	e.events, e.lost = nil, false
	return events, lost
}

// close waits for the end; the connection is closed.
func (e *ear) close() { e.hear.Wait() }
