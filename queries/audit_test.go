package queries_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries"
)

func positions(deeds []queries.Deed) []events.Position {
	var all []events.Position
	for _, d := range deeds {
		all = append(all, d.Position)
	}
	return all
}

func TestAudit(t *testing.T) {
	f := newFixture(t)
	command := uuid.New()
	for month := range 3 { // a partition each
		begins := time.Date(2026, time.Month(1+month), 1, 0, 0, 0, 0, time.UTC)
		f.exec(fmt.Sprintf("CREATE TABLE read_audit_1.audit_%d PARTITION OF read_audit_1.audit FOR VALUES FROM ('%s') TO ('%s')",
			month, begins.Format(time.RFC3339), begins.AddDate(0, 1, 0).Format(time.RFC3339)))
	}
	for i := range 9 {
		at := time.Date(2026, time.Month(1+i/3), 2, 0, 0, 0, 0, time.UTC) // three of one moment
		f.exec(`INSERT INTO read.audit (at, position, actor, command_id, correlation, stream, type, subject) VALUES ($1, $2, $3, $4, 'c', 'player-anna', $5, $6)`,
			at, i, []string{"player:boss", "policy:dunning"}[i%2], command, []string{"RoleGranted", "RoleRevoked", "GameWithdrawn"}[i%3], []string{"player:anna", "player:bert"}[i/5])
	}
	february := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		filter queries.AuditFilter
		want   []events.Position
	}{
		{queries.AuditFilter{}, []events.Position{8, 7, 6, 5, 4, 3, 2, 1, 0}},
		{queries.AuditFilter{Actor: "policy:dunning"}, []events.Position{7, 5, 3, 1}},
		{queries.AuditFilter{Subject: "player:bert"}, []events.Position{8, 7, 6, 5}},
		{queries.AuditFilter{Type: "RoleRevoked"}, []events.Position{7, 4, 1}},
		{queries.AuditFilter{Since: february}, []events.Position{8, 7, 6, 5, 4, 3}},
		{queries.AuditFilter{Until: february}, []events.Position{2, 1, 0}},
		{queries.AuditFilter{Since: february, Until: february.AddDate(0, 1, 0), Actor: "player:boss"}, []events.Position{4}},
		{queries.AuditFilter{Since: february, Until: february}, nil},
		{queries.AuditFilter{Since: february.AddDate(20_000, 0, 0)}, nil},
		{queries.AuditFilter{Until: time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC)}, nil},
		{queries.AuditFilter{Actor: "' OR 1=1 --"}, nil},
	} {
		for _, size := range []int{100, 2, 1} {
			var got []events.Position
			for cursor := ""; ; {
				page, err := f.db.Audit(t.Context(), c.filter, cursor, size)
				if err != nil {
					t.Fatalf("%+v: %v", c.filter, err)
				}
				got = append(got, positions(page.Deeds)...)
				if cursor = page.Next; cursor == "" {
					break
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%+v in pages of %d: %v; want %v", c.filter, size, got, c.want)
			}
		}
	}
	page, err := f.db.Audit(t.Context(), queries.AuditFilter{}, "", 1)
	want := queries.Deed{Position: 8, At: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), Actor: "player:boss", Command: events.CommandID(command),
		Correlation: "c", Stream: "player-anna", Type: "GameWithdrawn", Subject: "player:bert"}
	if err != nil || len(page.Deeds) != 1 || page.Deeds[0] != want {
		t.Errorf("%+v, %v", page, err)
	}
	if _, err := f.db.Audit(t.Context(), queries.AuditFilter{Actor: "player:boss"}, page.Next, 1); !errors.Is(err, queries.ErrCursor) {
		t.Errorf("a cursor of another filter: %v", err)
	}
	if _, err := f.db.Audit(t.Context(), queries.AuditFilter{Subject: "\xff"}, "", 1); !errors.Is(err, queries.ErrSearch) {
		t.Errorf("no text: %v", err)
	}
}
