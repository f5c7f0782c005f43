package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/streamer/signalling"
)

// How often workers are asked whether they are there, and how long one may take
// to answer. With the answers that it may miss (worker.Missable), one that is
// gone is noticed after a second, one that is silent after three.
const (
	leaseEvery  = 300 * time.Millisecond
	leaseWithin = 700 * time.Millisecond
)

// leases asks every worker again and again whether its process is there.
type leases struct {
	policy *worker.Leases
	ask    func(ctx context.Context, address string) (incarnation string, err error)
	log    *slog.Logger
}

func newLeases(client *signalling.Client, log *slog.Logger) *leases {
	return &leases{policy: worker.NewLeases(), ask: client.Ask, log: log}
}

// keep asks until the context ends. A round waits for all that are asked, each
// for a bounded time.
func (l *leases) keep(ctx context.Context) {
	ticker := time.NewTicker(leaseEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		var round sync.WaitGroup
		for _, holder := range l.policy.Holders() {
			round.Go(func() { l.askOne(ctx, holder) })
		}
		round.Wait()
	}
}

// errOther is the answer of another process.
var errOther = errors.New("another process answers there")

func (l *leases) askOne(ctx context.Context, holder worker.Holder) {
	within, cancel := context.WithTimeout(ctx, leaseWithin)
	defer cancel()
	incarnation, err := l.ask(within, holder.Address)
	if err == nil && incarnation != holder.Incarnation {
		err = fmt.Errorf("%w: %s", errOther, incarnation)
	}
	switch {
	case err == nil:
		l.policy.Answered(holder)
	case ctx.Err() != nil: // the question was given up, not left unanswered
	case l.policy.Missed(holder):
		l.log.Warn("a worker does not answer and is lost", "worker", holder.Worker, "address", holder.Address, "error", err)
	}
}
