package projections

import (
	"context"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/projections/internal/db"
)

// workerView is the table of workers: each as its latest process left it.
type workerView struct{}

var _ View = workerView{}

func (workerView) Name() string { return "worker" }

func (v workerView) Apply(ctx context.Context, q *db.Queries, n Noted) ([]events.Stream, error) {
	switch e := n.Event.(type) {
	case events.WorkerRegistered:
		return v.changed(e.Worker)(q.RegisterWorker(ctx, db.RegisterWorkerParams{
			WorkerID: string(e.Worker), Incarnation: e.Incarnation, Address: e.Address, Slots: int32(e.Slots),
			Encoders: e.Encoders, Games: texts(e.Games), RegisteredAt: e.At, Position: n.Position,
		}))
	case events.WorkerDraining:
		return v.changed(e.Worker)(q.SetWorkerState(ctx, db.SetWorkerStateParams{WorkerID: string(e.Worker), State: "draining", Position: n.Position}))
	case events.WorkerResumed:
		return v.changed(e.Worker)(q.SetWorkerState(ctx, db.SetWorkerStateParams{WorkerID: string(e.Worker), State: "running", Position: n.Position}))
	case events.WorkerLost:
		return v.changed(e.Worker)(q.EndWorker(ctx, db.EndWorkerParams{WorkerID: string(e.Worker), State: "lost", Position: n.Position}))
	case events.WorkerStopped:
		return v.changed(e.Worker)(q.EndWorker(ctx, db.EndWorkerParams{WorkerID: string(e.Worker), State: "stopped", Position: n.Position}))
	case events.SlotReserved:
		return v.changed(e.Worker)(q.HoldSlots(ctx, db.HoldSlotsParams{WorkerID: string(e.Worker), More: 1, Position: n.Position}))
	case events.SlotReleased:
		return v.changed(e.Worker)(q.HoldSlots(ctx, db.HoldSlotsParams{WorkerID: string(e.Worker), More: -1, Position: n.Position}))
	}
	return nil, nil
}

func (workerView) changed(id events.WorkerID) func(int64, error) ([]events.Stream, error) {
	return func(rows int64, err error) ([]events.Stream, error) {
		return []events.Stream{events.WorkerStream(id)}, one(rows, err)
	}
}

// texts is a list as a row has it; nil stays nil.
func texts[T ~string](list []T) []string {
	if list == nil {
		return nil
	}
	all := make([]string, len(list))
	for i, each := range list {
		all[i] = string(each)
	}
	return all
}
