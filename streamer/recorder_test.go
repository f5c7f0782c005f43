package streamer

import (
	"context"
	"testing"

	"github.com/playcast/playcast/events"
)

// recorder takes the reports of all sessions, as a store that is there or, from
// shut to open, one that is not.
type recorder struct {
	reports chan recorded
	gate    chan chan struct{} // holds what is closed while the store is there
}

type recorded struct {
	session events.SessionID
	report  Report
}

var _ Reporter = (*recorder)(nil)

func newRecorder() *recorder {
	r := &recorder{reports: make(chan recorded, 1024), gate: make(chan chan struct{}, 1)}
	there := make(chan struct{})
	close(there)
	r.gate <- there
	return r
}

func (r *recorder) Report(ctx context.Context, session events.SessionID, report Report) error {
	there := <-r.gate
	r.gate <- there
	select {
	case <-there:
		r.reports <- recorded{session, report}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// shut makes the store unreachable until open is called.
func (r *recorder) shut() (open func()) {
	<-r.gate
	there := make(chan struct{})
	r.gate <- there
	return func() { close(there) }
}

// isAside says that a report comes when it comes.
func isAside(r Report) bool {
	switch r.(type) {
	case Measured, RecordingProgressed:
		return true
	}
	return false
}

// report takes the next report, which has to be of that type and session.
// Measurements come when they come, and are left out unless asked for.
func report[T Report](t *testing.T, r *recorder, session events.SessionID) T {
	t.Helper()
	for {
		next := soon(t, "report", r.reports)
		got, ok := next.report.(T)
		if ok && next.session == session {
			return got
		}
		if !isAside(next.report) {
			var want T
			t.Fatalf("%T %+v of %s is reported, want %T of %s", next.report, next.report, next.session, want, session)
		}
	}
}

// next takes the next report but measurements.
func (r *recorder) next(t *testing.T) recorded {
	t.Helper()
	for {
		next := soon(t, "report", r.reports)
		if !isAside(next.report) {
			return next
		}
	}
}

// none fails if there is a report that nobody asked for.
func (r *recorder) none(t *testing.T) {
	t.Helper()
	for {
		select {
		case next := <-r.reports:
			if !isAside(next.report) {
				t.Errorf("%T %+v of %s is reported, want nothing", next.report, next.report, next.session)
			}
		default:
			return
		}
	}
}
