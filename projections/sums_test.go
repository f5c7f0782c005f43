package projections_test

import (
	"strings"
	"testing"
	"time"

	"github.com/playcast/playcast/events/memstore"
)

// atOdds are what rows must have in common with other rows: each statement returns
// those that are at odds.
var atOdds = map[string]string{
	"the queue's lengths and who waits": `
		SELECT * FROM (SELECT date_bin('15 seconds', queued_as, '0001-01-01 00:00:00Z') AS step, priority, count(*)::integer AS waiting
			FROM read.session WHERE state IN ('requested', 'queued') GROUP BY 1, 2) waiting
		FULL JOIN read.queue_length USING (step, priority, waiting)
		WHERE queue_length IS NULL OR waiting IS NULL`,
	"the sums of quality and its windows": `
		SELECT * FROM read.session_quality q LEFT JOIN (
			SELECT session_id, count(*) FILTER (WHERE quality IS NOT NULL) AS windows, min(at) AS first, max(at) AS last,
				min(frame_rate) FILTER (WHERE quality IS NOT NULL) AS slowest, max(round_trip) AS round_trip, count(answer) AS answered,
				max(position) FILTER (WHERE quality IS NOT NULL) AS last_position, sum(freezes) AS freezes
			FROM read.picture_history GROUP BY 1) h USING (session_id)
		WHERE q.windows <> coalesce(h.windows, 0) OR q.freezes <> coalesce(h.freezes, 0) OR q.answered <> coalesce(h.answered, 0)
			OR q.told_from > h.first OR q.told_to < h.last OR q.last_position <> h.last_position
			OR q.frame_rate_worst <> h.slowest OR q.round_trip_worst <> h.round_trip`,
	"slots that are held and the sessions in them": `
		SELECT * FROM read.worker w WHERE w.held <> (SELECT count(session_id) FROM read.slot s WHERE s.worker_id = w.worker_id)`,
	"workers that run and their slots": `
		SELECT * FROM read.worker w
		WHERE (SELECT count(*) FROM read.slot s WHERE s.worker_id = w.worker_id)
			<> CASE WHEN w.state IN ('running', 'draining') THEN w.slots ELSE 0 END`,
	"what workers ran and what is over": `
		SELECT * FROM read.running r JOIN read.session s USING (session_id) WHERE s.ended_at IS NOT NULL`,
	"failures and sessions that workers ran": `SELECT * FROM read.worker WHERE failed > ran`,
}

// TestRowsAddUp: after any part of a history, what is counted is what there is.
func TestRowsAddUp(t *testing.T) {
	url, store := postgres.Database(t), memstore.New(time.Now)
	all := lived(t, 11, 1)
	h := newHistory(t, store)
	h.play()
	h.standing()
	run(t, url, store)
	const parts = 5
	for i := range parts {
		told(t, store, all[i*len(all)/parts:(i+1)*len(all)/parts])
		settle(t, url, store, "session", "worker")
		for what, sql := range atOdds {
			if row := scanRow(t, url, "SELECT count(*), coalesce(min(odd::text), '') FROM ("+sql+") odd"); row[0] != int64(0) {
				t.Errorf("part %d: %s are at odds in %v rows, as in %s", i, what, row[0], row[1])
			}
		}
	}
	row := scanRow(t, url, `SELECT (SELECT count(*) FROM read.session WHERE ended_at IS NOT NULL), (SELECT sum(windows) FROM read.session_quality)::bigint,
		(SELECT sum(ran) FROM read.worker)::bigint`)
	for i, what := range strings.Fields("ends windows slots") {
		if row[i].(int64) < 20 {
			t.Errorf("the history has too few %s to show anything: %d", what, row[i])
		}
	}
}
