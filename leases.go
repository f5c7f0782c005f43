package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/streamer/signalling"
)

// How often workers and gateways are asked whether they are there, and how long
// one may take to answer. With the answers that it may miss (commands.Missable),
// one that is gone is noticed after a second, one that is silent after three.
const (
	leaseEvery  = 300 * time.Millisecond
	leaseWithin = 700 * time.Millisecond
)

// leases asks every process of a kind again and again whether it is there.
type leases[ID ~string] struct {
	kind  string // of process, for the log
	given *commands.Leases[ID]
	ask   func(ctx context.Context, address string) (incarnation string, err error)
	log   *slog.Logger
}

func newLeases[ID ~string](kind string, given *commands.Leases[ID], client *signalling.Client, log *slog.Logger) *leases[ID] {
	return &leases[ID]{kind: kind, given: given, ask: client.Ask, log: log}
}

// keep asks until the context ends. A round waits for all that are asked, each
// for a bounded time.
func (l *leases[ID]) keep(ctx context.Context) {
	ticker := time.NewTicker(leaseEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		var round sync.WaitGroup
		for _, one := range l.given.Holders() {
			round.Go(func() { l.askOne(ctx, one) })
		}
		round.Wait()
	}
}

// errOther is the answer of another process.
var errOther = errors.New("another process answers there")

func (l *leases[ID]) askOne(ctx context.Context, one commands.Holder[ID]) {
	within, cancel := context.WithTimeout(ctx, leaseWithin)
	defer cancel()
	answered, err := l.ask(within, one.Address)
	if err == nil && answered != one.Incarnation {
		err = fmt.Errorf("%w: %s", errOther, answered)
	}
	switch {
	case err == nil:
		l.given.Answered(one)
	case ctx.Err() != nil: // the question was given up, not left unanswered
	case l.given.Missed(one):
		l.log.Warn("a process does not answer and is lost", "kind", l.kind, "name", one.Name, "address", one.Address, "error", err)
	}
}
