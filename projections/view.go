package projections

import (
	"errors"
	"fmt"
	"time"

	"github.com/playcast/playcast/events"
)

// View is one set of tables and how events change them: a pure fold of rows by
// key. It is used by one goroutine.
type View interface {
	// Name is the view's name in its checkpoint, its notifications, and the file
	// of its tables.
	Name() string
	// Version is that of the tables and of what Fold makes of events: one more
	// with each change of either. A view whose rows are of another version is
	// built again.
	Version() int
	// Tables are the view's, those that others refer to first.
	Tables() []Rows
	// Wants are the types of events that Fold is to see.
	Wants() []events.Event
	// Fold changes rows for one event. What it does depends on the event and on
	// rows that it reads, and on nothing else: it is called more than once for
	// one event. An error stops the view.
	Fold(n *Noted) error
}

// Noted is an event as a view sees it.
type Noted struct {
	Event    events.Event
	ID       events.EventID
	Meta     events.Metadata
	Stream   events.Stream
	Position int64
	At       time.Time // when the store took it

	told []events.Stream
}

// Tell has readers look again at the state of a stream, besides the event's own.
func (n *Noted) Tell(stream events.Stream) { n.told = append(n.told, stream) }

// Views returns a new one of each view, in order of their names.
func Views() []View {
	return []View{
		newAccountView(),
		newAuditView(),
		newFiguresView(),
		newFriendsView(),
		newInvoiceView(),
		newLedgerView(),
		newLibraryView(),
		newLobbyView(),
		newNotificationView(),
		newPlanView(),
		newPlayerView(),
		newPresenceView(),
		newRecordingView(),
		newSessionView(),
		newWorkerView(),
	}
}

// Named returns a new view by its name.
func Named(name string) (View, error) {
	var names []string
	for _, view := range Views() {
		if view.Name() == name {
			return view, nil
		}
		names = append(names, view.Name())
	}
	return nil, fmt.Errorf("%w %q: there are %v", ErrUnknownView, name, names)
}

// ErrUnknownView says that there is no view of a name.
var ErrUnknownView = errors.New("no view is named")
