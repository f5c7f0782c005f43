package main_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/simulation"
	"github.com/playcast/playcast/events"
)

// settledLog waits until nothing is open, held or owed any more, and returns the
// log and what it tells. What must never be is looked for by what finds it in simulated ones.
func settledLog(t *testing.T, node *product) (all []fact, report simulation.Report) {
	t.Helper()
	eventuallyIn(t, 3*bound, "everything to be settled", func() (bool, any) {
		all = facts(t, node.log())
		audit := simulation.NewAudit()
		for _, f := range all {
			noted := commands.Noted{Event: f.event, Cause: commands.Cause{Event: f.ID, Correlation: f.meta.Correlation}, Position: f.Position, Time: f.Time}
			if err := audit.Take(noted); err != nil {
				t.Fatalf("%s@%d: %v\n%s", f.Stream, f.Revision, err, storyOf(all, err))
			}
		}
		err := audit.Settled(time.Now())
		report = audit.Report()
		return err == nil, err
	})
	return all, report
}

// storyOf is the events of the streams that a violation names.
func storyOf(all []fact, err error) string {
	var violation *simulation.Violation
	if !errors.As(err, &violation) {
		return ""
	}
	var story strings.Builder
	for _, f := range all {
		for _, stream := range violation.Streams {
			if f.Stream == stream && !f.beside() {
				story.WriteString(f.Time.Format("15:04:05.000 ") + string(f.Stream) + "@" + strconv.FormatUint(uint64(f.Revision), 10) + " " + string(f.meta.Actor) + " " + f.String() + "\n")
			}
		}
	}
	return story.String()
}

// onceOnly wants each command to have had its effect at one place, whole, and
// nothing to have happened after the end of a session's story.
func onceOnly(t *testing.T, all []fact) {
	t.Helper()
	type place struct {
		stream events.Stream
		last   events.Revision
	}
	effects, over, ids := map[events.CommandID]place{}, map[events.Stream]string{}, map[events.EventID]bool{}
	for _, f := range all {
		if ids[f.ID] {
			t.Errorf("%s@%d %s is in the log twice", f.Stream, f.Revision, f.Type)
		}
		ids[f.ID] = true
		if was, known := effects[f.meta.Command]; known && (was.stream != f.Stream || was.last+1 != f.Revision) {
			t.Errorf("one command has had its effect at %s@%d and at %s@%d (%s by %s)", was.stream, was.last, f.Stream, f.Revision, f.Type, f.meta.Actor)
		}
		effects[f.meta.Command] = place{f.Stream, f.Revision}
		if end := over[f.Stream]; end != "" && !f.beside() {
			t.Errorf("%s@%d: %s follows %s", f.Stream, f.Revision, f, end)
		}
		switch f.event.(type) {
		case events.SessionEnded, events.SessionFailed:
			over[f.Stream] = f.Type
		}
	}
}
