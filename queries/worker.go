package queries

import (
	"context"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
)

// Holder is the worker that has a session.
type Holder struct {
	Worker events.WorkerID
	// Address is where it hears signalling; empty: within the gateway's own process.
	Address string
	Running bool // else it is stopped or lost, and the session is about to fail
}

// ErrNoHolder says that no worker has the session, or not yet.
var ErrNoHolder = &events.Fault{Kind: events.Conflict, Code: "session-not-running",
	Message: "The session is not running at the moment. Wait until it is ready, or start a new one."}

// Holder answers: which worker has the session, and where is it?
func (d *DB) Holder(ctx context.Context, id events.SessionID) (Holder, error) {
	row, err := d.q.Holder(ctx, uuid.UUID(id))
	if err != nil {
		return Holder{}, failed("query who holds the session", err, ErrNoHolder)
	}
	running := row.State == "running" || row.State == "draining"
	return Holder{Worker: events.WorkerID(row.WorkerID), Address: row.Address, Running: running}, nil
}

// Offered answers: which games have workers that run, other than one?
func (d *DB) Offered(ctx context.Context, otherThan events.WorkerID) ([]events.GameID, error) {
	rows, err := d.q.OfferedGames(ctx, string(otherThan))
	if err != nil {
		return nil, failed("query the games that are offered", err, nil)
	}
	games := make([]events.GameID, len(rows))
	for i, id := range rows {
		games[i] = events.GameID(id)
	}
	return games, nil
}
