package simulation

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// recorded is a simulated history as a log.
func recorded(t *testing.T) (log []commands.Noted, report Report) {
	t.Helper()
	report, history, err := Run(t.Context(), Config{Seed: 3, Players: 20, Workers: 2, Days: 1})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	sub, err := history.store.Subscribe(ctx, events.Start)
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	for {
		d, err := sub.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if d.CaughtUp() {
			return log, report
		}
		n, err := commands.Note(*d.Event)
		if err != nil {
			t.Fatal(err)
		}
		log = append(log, n)
	}
}

func TestAnAuditFindsWhatIsDoubledAndWhatIsMissing(t *testing.T) {
	log, report := recorded(t)
	audit := NewAudit()
	for _, n := range log {
		if err := audit.Take(n); err != nil {
			t.Fatalf("in a good log: %v", err)
		}
	}
	end := log[len(log)-1].Time
	if err := audit.Settled(end); err != nil {
		t.Fatalf("at the end of a good log: %v", err)
	}
	if got := audit.Report(); got.Sessions != report.Sessions || got.MeteredHours != report.MeteredHours || got.Sessions == 0 {
		t.Errorf("the audit tells of %d sessions and %v hours, the simulation of %d and %v", got.Sessions, got.MeteredHours, report.Sessions, report.MeteredHours)
	}
	for _, kind := range []string{"SlotReserved", "SlotReleased", "SessionEnded", "SessionActivated", "PlaytimeMetered"} {
		at := len(log) - 1
		for log[at].Event.EventType() != kind {
			at--
		}
		for what, changed := range map[string][]commands.Noted{
			"twice":   append(append([]commands.Noted{}, log[:at+1]...), log[at:]...),
			"missing": append(append([]commands.Noted{}, log[:at]...), log[at+1:]...),
		} {
			if err := held(changed, end); !errors.As(err, new(*Violation)) {
				t.Errorf("%s %s: %v, want a violation", kind, what, err)
			}
		}
	}
}

// held is the first violation of a log.
func held(log []commands.Noted, end time.Time) error {
	audit := NewAudit()
	for _, n := range log {
		if err := audit.Take(n); err != nil {
			return err
		}
	}
	return audit.Settled(end)
}
