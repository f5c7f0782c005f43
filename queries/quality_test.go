package queries_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries"
)

// months makes the partitions of the picture's history that rows go to.
func (f *fixture) months(all ...string) {
	f.t.Helper()
	for _, month := range all {
		from, err := time.Parse("2006-01", month)
		if err != nil {
			f.t.Fatal(err)
		}
		f.exec(fmt.Sprintf(`CREATE TABLE read_session_1."%s" PARTITION OF read_session_1.picture_history FOR VALUES FROM ('%s') TO ('%s')`,
			month, from.Format(time.DateOnly), from.AddDate(0, 1, 0).Format(time.DateOnly)))
	}
}

// moment adds a window of five seconds, or a step, to a session's history.
func (f *fixture) moment(id events.SessionID, position int, told, at time.Time, quality, step string) {
	f.t.Helper()
	until := at
	if step == "NULL" {
		until = at.Add(5 * time.Second)
	}
	f.exec(`INSERT INTO read.picture_history (session_id, position, at, began_at, ended_at, quality, picture)
		VALUES ($1, $2, $3, $4, $5, `+quality+", "+step+")", uuid.UUID(id), position, told, at, until)
}

func TestSessionQualityPageByPage(t *testing.T) {
	f := newFixture(t)
	id, other := f.session("anna", events.SessionIsActive, 1), f.session("bert", events.SessionIsActive, 2)
	f.months("2026-01", "2026-02")
	// The last four are told of in the next month.
	told := [2]time.Time{noon, noon.AddDate(0, 1, 0)}
	var want []queries.Moment
	for i := range 7 {
		at := noon.Add(time.Duration(i) * 5 * time.Second)
		if i == 3 {
			f.moment(id, 100+i, told[1], at, "NULL", `'{"width":640,"cause":"path-narrow"}'`)
			want = append(want, queries.Moment{From: at, To: at, Step: &events.PictureAdapted{Width: 640, Cause: events.PicturePathNarrow}})
			continue
		}
		f.moment(id, 100+i, told[i/3%2|i/6], at, `'{"sent":{"bitRate":1000}}'`, "NULL")
		want = append(want, queries.Moment{From: at, To: at.Add(5 * time.Second), Quality: &events.Quality{Sent: events.SentQuality{BitRate: 1000}}})
	}
	f.moment(other, 103, told[0], noon, "'{}'", "NULL")
	f.exec(`UPDATE read.session_quality SET told_from = $2, told_to = $3 WHERE session_id = $1`, uuid.UUID(id), told[0], told[1])

	var got []queries.Moment
	pages := 0
	for cursor := ""; ; pages++ {
		page, err := f.db.SessionQuality(t.Context(), id, cursor, 3)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, page.Moments...)
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || pages != 2 {
		t.Errorf("in %d pages after the first (-want +got):\n%s", pages, diff)
	}
	if page, err := f.db.SessionQuality(t.Context(), events.NewSessionID(), "", 3); err != nil || len(page.Moments) > 0 || page.Next != "" {
		t.Errorf("an unknown session: %+v, %v", page, err)
	}
	if _, err := f.db.SessionQuality(t.Context(), id, "forged", 3); !errors.Is(err, queries.ErrCursor) {
		t.Errorf("a forged cursor: %v", err)
	}
}

// staysWithin holds questions about the session of the curve to a month of its
// history: of the other partitions none is read.
func (f *fixture) staysWithin(month string, questions ...string) {
	f.t.Helper()
	text, err := os.ReadFile("sql/quality.sql")
	if err != nil {
		f.t.Fatal(err)
	}
	for _, question := range questions {
		_, sql, _ := strings.Cut(string(text), "-- name: "+question+" :many")
		sql, _, _ = strings.Cut(sql, ";")
		sql = strings.NewReplacer("@session_id", "(SELECT session_id FROM read.session_quality WHERE windows > 0)",
			"@after", "-1", "@page_size", "100", "sqlc.arg(points)", "10").Replace(sql)
		rows, err := f.conn.Query(f.t.Context(), "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) "+sql)
		if err != nil {
			f.t.Fatal(err)
		}
		plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			f.t.Fatal(err)
		}
		for _, line := range plan {
			if strings.Contains(line, " on ") && strings.Contains(line, `"20`) && strings.Contains(line, month) == strings.Contains(line, "never executed") {
				f.t.Errorf("%s reads %s; the plan is\n%s", question, line, strings.Join(plan, "\n"))
			}
		}
		if !strings.Contains(strings.Join(plan, ""), month) {
			f.t.Errorf("%s reads nothing:\n%s", question, strings.Join(plan, "\n"))
		}
	}
}

// TestSessionCurve: the windows of a session in as many points as are asked for,
// and the months that it did not reach into are not looked at.
func TestSessionCurve(t *testing.T) {
	f := newFixture(t)
	id := f.session("anna", events.SessionIsEnded, 1)
	f.months("2025-12", "2026-01", "2026-02")
	for i := range 10 {
		f.exec(`INSERT INTO read.picture_history (session_id, position, at, began_at, ended_at, quality,
				frame_rate, bit_rate, lost, round_trip, delay, answer, freezes, freeze_ms)
			VALUES ($1, $2, $3, $3, $4, '{}', $5, 1000, 0.5, 10, 4, $6, 1, 100)`,
			uuid.UUID(id), 100+2*i, noon.Add(time.Duration(i)*5*time.Second), noon.Add(time.Duration(i+1)*5*time.Second), 50+i, []any{nil, 80}[i%2])
		f.moment(id, 101+2*i, noon.Add(time.Duration(i)*5*time.Second), noon, "NULL", "'{}'") // a step is in no curve
	}
	f.exec(`UPDATE read.session_quality SET windows = 10, last_at = $3, last_position = 1, told_from = $2, told_to = $3 WHERE session_id = $1`, uuid.UUID(id), noon, noon.Add(time.Minute))
	curve := func(points int) []queries.CurvePoint {
		t.Helper()
		got, err := f.db.SessionCurve(t.Context(), id, points)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	point := func(first, windows int, mean float64, answer queries.Figure) queries.CurvePoint {
		return queries.CurvePoint{
			From: noon.Add(time.Duration(first) * 5 * time.Second), To: noon.Add(time.Duration(first+windows) * 5 * time.Second),
			Figures: queries.Figures{
				Windows: int64(windows), FrameRate: queries.Figure{Mean: mean, Worst: float64(50 + first)}, BitRate: 1000,
				Lost: queries.Figure{Mean: 0.5, Worst: 0.5}, RoundTrip: queries.Figure{Mean: 10, Worst: 10},
				Delay: queries.Figure{Mean: 4, Worst: 4}, Answer: answer,
				Freezes: int64(windows), FreezeTime: time.Duration(windows) * 100 * time.Millisecond,
			},
		}
	}
	told := queries.Figure{Mean: 80, Worst: 80}
	want := []queries.CurvePoint{point(0, 4, 51.5, told), point(4, 4, 55.5, told), point(8, 2, 58.5, told)}
	if diff := cmp.Diff(want, curve(3)); diff != "" {
		t.Errorf("three points (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]queries.CurvePoint{point(0, 10, 54.5, told)}, curve(-1)); diff != "" {
		t.Errorf("as few points as there can be (-want +got):\n%s", diff)
	}
	if all := curve(1 << 30); len(all) != 10 || all[0].Figures.Answer != (queries.Figure{}) {
		t.Errorf("a point a window: %+v", all)
	}
	f.staysWithin("2026-01", "PictureHistory", "SessionCurve")
	if none, err := f.db.SessionCurve(t.Context(), events.NewSessionID(), 10); err != nil || len(none) > 0 {
		t.Errorf("an unknown session: %+v, %v", none, err)
	}
}
