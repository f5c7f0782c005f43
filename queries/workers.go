package queries

import (
	"context"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// Worker is a worker as its latest process left it.
type Worker struct {
	ID           events.WorkerID
	State        string // running, draining, stopped or lost
	Address      string // where it hears signalling; empty: within the gateway's own process
	Region       string // empty: none is named
	GPU          string // empty: it has none
	Encoders     []string
	Games        []events.GameID // that it can play; nil: any
	RegisteredAt time.Time
	Sessions     WorkerSessions
	Slots        []Slot // by number; none: it does not run
	Last         WorkerAct
	Position     events.Position
}

// WorkerSessions counts the sessions that a worker's process was given, and
// those of them that failed.
type WorkerSessions struct{ Ran, Failed int64 }

// Slot is a slot of a worker that runs.
type Slot struct {
	Number  int
	Session events.SessionID // zero: it is free
	Since   time.Time
}

// WorkerAct is what a worker did last: registered, draining, resumed, stopped,
// lost; took, freed, failed with a session.
type WorkerAct struct {
	What    string
	Session events.SessionID // zero: it was about none
	At      time.Time
}

// ErrWorkerUnknown says that no worker has ever had the id.
var ErrWorkerUnknown = &events.Fault{Kind: events.NotFound, Code: "unknown-worker",
	Message: "There is no such worker."}

// Worker answers: what does the worker have, and what does it do?
func (d *DB) Worker(ctx context.Context, id events.WorkerID) (Worker, error) {
	row, err := d.q.Worker(ctx, string(id))
	if err != nil {
		return Worker{}, failed("query the worker", err, ErrWorkerUnknown)
	}
	all := []Worker{workerOf(row.ReadWorker)}
	err = d.addSlots(ctx, all)
	return all[0], err
}

// WorkerPage is some of the workers, by id.
type WorkerPage struct {
	Workers []Worker
	Next    string // the next page's cursor; empty: this was the last
}

// Workers answers: which workers are there, or were there, and what do they do?
// cursor is the Next of the page before, empty for the first; size is 1 to 100.
func (d *DB) Workers(ctx context.Context, cursor string, size int) (WorkerPage, error) {
	of, after := listOf("workers"), byText{}
	if err := of.after(cursor, &after); err != nil {
		return WorkerPage{}, err
	}
	size = pageSize(size)
	rows, err := d.q.Workers(ctx, db.WorkersParams{After: after.id, PageSize: int32(size + 1)})
	if err != nil {
		return WorkerPage{}, failed("query the workers", err, nil)
	}
	var page WorkerPage
	page.Workers, page.Next = pageOf(of, rows, size, func(r db.WorkersRow) (Worker, key) {
		return workerOf(r.ReadWorker), &byText{id: r.ReadWorker.WorkerID}
	})
	return page, d.addSlots(ctx, page.Workers)
}

// addSlots fills in the slots of workers.
func (d *DB) addSlots(ctx context.Context, all []Worker) error {
	index := map[string]*Worker{}
	ids := make([]string, len(all))
	for i := range all {
		ids[i] = string(all[i].ID)
		index[ids[i]] = &all[i]
	}
	rows, err := d.q.Slots(ctx, ids)
	if err != nil {
		return failed("query the workers' slots", err, nil)
	}
	for _, row := range rows {
		s := row.ReadSlot
		of := index[s.WorkerID]
		of.Slots = append(of.Slots, Slot{Number: int(s.Slot), Session: events.SessionID(value(s.SessionID)), Since: s.Since.UTC()})
	}
	return nil
}

func workerOf(r db.ReadWorker) Worker {
	w := Worker{
		ID: events.WorkerID(r.WorkerID), State: r.State, Address: r.Address, Region: r.Region, GPU: r.Gpu,
		Encoders: r.Encoders, RegisteredAt: r.RegisteredAt.UTC(),
		Sessions: WorkerSessions{Ran: r.Ran, Failed: r.Failed},
		Last:     WorkerAct{What: r.Last, Session: events.SessionID(value(r.LastSession)), At: r.LastAt.UTC()},
		Position: events.Position(r.Position),
	}
	if r.Games != nil {
		w.Games = make([]events.GameID, len(r.Games))
		for i, id := range r.Games {
			w.Games[i] = events.GameID(id)
		}
	}
	return w
}
