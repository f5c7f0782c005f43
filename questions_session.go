package main

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries"
)

// sessionQuestions are about sessions, as their players and support ask.
func sessionQuestions(ctx context.Context, s *samples) []question {
	session, billed := views(queries.ViewSession), views(queries.ViewSession, queries.ViewAccount)
	all := ids[events.SessionID](ctx, s, "SELECT session_id AS id, windows AS n FROM read.session_quality")
	waiting := ids[events.SessionID](ctx, s, "SELECT session_id AS id, -priority AS n FROM read.session WHERE state IN ('requested', 'queued')")
	players := texts[events.PlayerID](ctx, s, "SELECT player_id AS id, count(*) AS n FROM read.session GROUP BY 1")
	invited := texts[events.PlayerID](ctx, s, "SELECT player_id AS id, count(*) AS n FROM read.guest GROUP BY 1")
	shared := ids[events.SessionID](ctx, s, "SELECT session_id AS id, count(*) AS n FROM read.guest GROUP BY 1")
	codes := rowsOf[struct{ Hash []byte }](ctx, s, `SELECT i.code_hash FROM read.invitation i JOIN read.session s USING (session_id)
		WHERE s.state NOT IN ('ending', 'ended', 'failed') ORDER BY i.given_at LIMIT 100`)
	now := rowsOf[struct{ At time.Time }](ctx, s, "SELECT coalesce(max(requested_at), now()) FROM read.session")[0].At
	return []question{
		about("Session", billed, all, (*queries.DB).Session),
		about("Session:that waits", billed, waiting, (*queries.DB).Session),
		paged("Sessions", billed, players, (*queries.DB).Sessions),
		about("SessionCurve", session, all, func(db *queries.DB, ctx context.Context, id events.SessionID) ([]queries.CurvePoint, error) {
			return db.SessionCurve(ctx, id, 200)
		}),
		paged("SessionQuality", session, all, (*queries.DB).SessionQuality),
		about("People", session, shared, (*queries.DB).People),
		about("Invited", session, codes, func(db *queries.DB, ctx context.Context, code struct{ Hash []byte }) (queries.Invited, error) {
			return db.Invited(ctx, events.CodeHash(code.Hash))
		}),
		about("GuestSessions", billed, invited, (*queries.DB).GuestSessions),
		once("Pace", session, func(db *queries.DB, ctx context.Context) (queries.Pace, error) { return db.Pace(ctx, 50) }),
		everything("Queue", session, (*queries.DB).Queue),
		once("QueueLengths", session, (*queries.DB).QueueLengths),
		about("OpenSessions", session, players, (*queries.DB).OpenSessions),
		about("Unmetered", billed, players, func(db *queries.DB, ctx context.Context, player events.PlayerID) (time.Duration, error) {
			return db.Unmetered(ctx, player, now)
		}),
		about("PlayedSince", billed, players, func(db *queries.DB, ctx context.Context, player events.PlayerID) ([]queries.Played, error) {
			return db.PlayedSince(ctx, player, now.Add(-48*time.Hour), now)
		}),
		everything("LiveSessions", billed, (*queries.DB).LiveSessions),
		paged("SessionHistory", billed, historyFilters(ctx, s, players), (*queries.DB).SessionHistory),
	}
}

// historyFilters are all combinations, of what is there the most and the least.
func historyFilters(ctx context.Context, s *samples, players []events.PlayerID) []queries.SessionFilter {
	extremes := func(column string) []string {
		of := func(order string) string {
			return collected(ctx, s, "SELECT "+column+" FROM read.session WHERE "+column+" IS NOT NULL GROUP BY 1 ORDER BY count(*) "+order+", 1 LIMIT 1", pgx.RowTo[string])[0]
		}
		return []string{"", of("DESC"), of("ASC")}
	}
	var all []queries.SessionFilter
	states, games, workers := extremes("state"), extremes("game_id"), extremes("worker_id")
	for _, state := range states {
		for _, game := range games {
			for _, worker := range workers {
				filter := queries.SessionFilter{State: events.SessionState(state), Game: events.GameID(game), Worker: events.WorkerID(worker)}
				all = append(all, filter)
				filter.Player = players[0]
				all = append(all, filter)
			}
		}
	}
	return all
}

// machineQuestions are about what runs sessions, and what is kept of them.
func machineQuestions(ctx context.Context, s *samples) []question {
	worker, recording, session := views(queries.ViewWorker), views(queries.ViewRecording), views(queries.ViewSession)
	held := ids[events.SessionID](ctx, s, `SELECT s.session_id AS id, 1 AS n FROM read.session s JOIN read.worker USING (worker_id)
		WHERE s.state NOT IN ('ended', 'failed')`)
	workers := texts[events.WorkerID](ctx, s, "SELECT worker_id AS id, slots AS n FROM read.worker")
	recordings := ids[events.RecordingID](ctx, s, "SELECT recording_id AS id, count(*) AS n FROM read.clip GROUP BY 1")
	recorded := texts[events.PlayerID](ctx, s, "SELECT player_id AS id, count(*) AS n FROM read.recording GROUP BY 1")
	savers := texts[events.PlayerID](ctx, s, "SELECT player_id AS id, count(*) AS n FROM read.save_set GROUP BY 1")
	saves := rowsOf[struct{ Player, Game string }](ctx, s, "SELECT player_id, game_id FROM read.save_set ORDER BY hashtext(player_id || game_id) LIMIT 100")
	states := []events.RecordingState{"", events.RecordingIsFinished, events.RecordingIsOpen, events.RecordingIsFailed}
	return []question{
		about("Holder", views(queries.ViewSession, queries.ViewWorker), held, (*queries.DB).Holder),
		about("Offered", worker, workers, (*queries.DB).Offered),
		about("Worker", worker, workers, (*queries.DB).Worker),
		everything("Workers", worker, (*queries.DB).Workers),
		about("Recording", recording, recordings, (*queries.DB).Recording),
		paged("Recordings", recording, recorded, (*queries.DB).Recordings),
		paged("AllRecordings", recording, states, (*queries.DB).AllRecordings),
		about("SavesOf", session, saves, func(db *queries.DB, ctx context.Context, of struct{ Player, Game string }) (queries.Saves, error) {
			return db.SavesOf(ctx, events.PlayerID(of.Player), events.GameID(of.Game))
		}),
		paged("SavesOfPlayer", session, savers, (*queries.DB).SavesOfPlayer),
		everything("TroubledSaves", session, (*queries.DB).TroubledSaves),
	}
}
