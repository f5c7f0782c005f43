package queries

import (
	"context"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// SessionFilter selects sessions of all players; what is empty selects all.
type SessionFilter struct {
	State  events.SessionState
	Game   events.GameID
	Worker events.WorkerID // that has it, or had it last
	Player events.PlayerID
}

// SessionHistory answers: which sessions were there, of all players, the newest
// first? cursor is the Next of the page before, empty for the first; size is 1
// to 100.
func (d *DB) SessionHistory(ctx context.Context, filter SessionFilter, cursor string, size int) (SessionPage, error) {
	of, before := listOf("session-history", filter.State, filter.Game, filter.Worker, filter.Player), newest()
	if err := of.after(cursor, &before); err != nil {
		return SessionPage{}, err
	}
	size = pageSize(size)
	rows, err := d.history(ctx, filter, before, int32(size+1)) // one more tells whether there is a next page
	if err != nil {
		return SessionPage{}, failed("query the sessions of all", err, nil)
	}
	return sessionPage(of, rows, size)
}

// LiveSessions answers: which sessions are not over, of all players, the newest
// first? cursor and size are as of SessionHistory.
func (d *DB) LiveSessions(ctx context.Context, cursor string, size int) (SessionPage, error) {
	of, before := listOf("live-sessions"), newest()
	if err := of.after(cursor, &before); err != nil {
		return SessionPage{}, err
	}
	size = pageSize(size)
	rows, err := d.q.LiveSessions(ctx, db.LiveSessionsParams{BeforeAt: before.at, BeforeID: before.id, PageSize: int32(size + 1)})
	if err != nil {
		return SessionPage{}, failed("query the sessions that are not over", err, nil)
	}
	all := historyRows(rows, func(r db.LiveSessionsRow) db.HistoryOfAllRow { return db.HistoryOfAllRow(r) })
	return sessionPage(of, all, size)
}

// history asks by the index that fits the filter: a player's sessions and a
// worker's are few enough to look through for the rest of it.
func (d *DB) history(ctx context.Context, by SessionFilter, before byTime, limit int32) ([]db.SessionRow, error) {
	state, game, worker := string(by.State), string(by.Game), string(by.Worker)
	switch {
	case by.Player != "":
		rows, err := d.q.HistoryOfPlayer(ctx, db.HistoryOfPlayerParams{PlayerID: string(by.Player),
			State: state, GameID: game, WorkerID: worker, BeforeAt: before.at, BeforeID: before.id, PageSize: limit})
		return historyRows(rows, func(r db.HistoryOfPlayerRow) db.HistoryOfAllRow { return db.HistoryOfAllRow(r) }), err
	case worker != "" && state != "":
		rows, err := d.q.HistoryOfWorkerInState(ctx, db.HistoryOfWorkerInStateParams{WorkerID: worker,
			State: state, GameID: game, BeforeAt: before.at, BeforeID: before.id, PageSize: limit})
		return historyRows(rows, func(r db.HistoryOfWorkerInStateRow) db.HistoryOfAllRow { return db.HistoryOfAllRow(r) }), err
	case worker != "":
		rows, err := d.q.HistoryOfWorker(ctx, db.HistoryOfWorkerParams{WorkerID: worker,
			GameID: game, BeforeAt: before.at, BeforeID: before.id, PageSize: limit})
		return historyRows(rows, func(r db.HistoryOfWorkerRow) db.HistoryOfAllRow { return db.HistoryOfAllRow(r) }), err
	case game != "" && state != "":
		rows, err := d.q.HistoryOfGameInState(ctx, db.HistoryOfGameInStateParams{GameID: game,
			State: state, BeforeAt: before.at, BeforeID: before.id, PageSize: limit})
		return historyRows(rows, func(r db.HistoryOfGameInStateRow) db.HistoryOfAllRow { return db.HistoryOfAllRow(r) }), err
	case game != "":
		rows, err := d.q.HistoryOfGame(ctx, db.HistoryOfGameParams{GameID: game, BeforeAt: before.at, BeforeID: before.id, PageSize: limit})
		return historyRows(rows, func(r db.HistoryOfGameRow) db.HistoryOfAllRow { return db.HistoryOfAllRow(r) }), err
	case state != "":
		rows, err := d.q.HistoryInState(ctx, db.HistoryInStateParams{State: state, BeforeAt: before.at, BeforeID: before.id, PageSize: limit})
		return historyRows(rows, func(r db.HistoryInStateRow) db.HistoryOfAllRow { return db.HistoryOfAllRow(r) }), err
	}
	rows, err := d.q.HistoryOfAll(ctx, db.HistoryOfAllParams{BeforeAt: before.at, BeforeID: before.id, PageSize: limit})
	return historyRows(rows, func(r db.HistoryOfAllRow) db.HistoryOfAllRow { return r }), err
}

// historyRows are rows as any question of sessions has them.
func historyRows[R any](rows []R, plain func(R) db.HistoryOfAllRow) []db.SessionRow {
	all := make([]db.SessionRow, len(rows))
	for i, row := range rows {
		r := plain(row)
		all[i] = db.SessionRow{ReadSession: r.ReadSession, ReadSessionQuality: r.ReadSessionQuality, BilledMs: r.BilledMs}
	}
	return all
}
