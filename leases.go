package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/playcast/playcast/commands/gatewaylease"
	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/streamer/signalling"
)

// How often workers and gateways are asked whether they are there, and how long
// one may take to answer. With the answers that it may miss (worker.Missable,
// gatewaylease.Missable), one that is gone is noticed after a second, one that
// is silent after three.
const (
	leaseEvery  = 300 * time.Millisecond
	leaseWithin = 700 * time.Millisecond
)

// leased is a policy that loses processes that answer no more.
type leased[H holder] interface {
	Holders() []H
	Answered(H)
	Missed(H) (lost bool)
}

// holder is a process that keeps its lease by answering.
type holder interface {
	Process() (name, incarnation, address string)
}

// leases asks every process of a kind again and again whether it is there.
type leases[H holder] struct {
	kind   string // of process, for the log
	policy leased[H]
	ask    func(ctx context.Context, address string) (incarnation string, err error)
	log    *slog.Logger
}

func workerLeases(policy *worker.Leases, client *signalling.Client, log *slog.Logger) *leases[worker.Holder] {
	return &leases[worker.Holder]{kind: "worker", policy: policy, ask: client.Ask, log: log}
}

func gatewayLeases(policy *gatewaylease.Leases, client *signalling.Client, log *slog.Logger) *leases[gatewaylease.Holder] {
	return &leases[gatewaylease.Holder]{kind: "gateway", policy: policy, ask: client.Ask, log: log}
}

// keep asks until the context ends. A round waits for all that are asked, each
// for a bounded time.
func (l *leases[H]) keep(ctx context.Context) {
	ticker := time.NewTicker(leaseEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		var round sync.WaitGroup
		for _, one := range l.policy.Holders() {
			round.Go(func() { l.askOne(ctx, one) })
		}
		round.Wait()
	}
}

// errOther is the answer of another process.
var errOther = errors.New("another process answers there")

func (l *leases[H]) askOne(ctx context.Context, one H) {
	within, cancel := context.WithTimeout(ctx, leaseWithin)
	defer cancel()
	name, incarnation, address := one.Process()
	answered, err := l.ask(within, address)
	if err == nil && answered != incarnation {
		err = fmt.Errorf("%w: %s", errOther, answered)
	}
	switch {
	case err == nil:
		l.policy.Answered(one)
	case ctx.Err() != nil: // the question was given up, not left unanswered
	case l.policy.Missed(one):
		l.log.Warn("a process does not answer and is lost", "kind", l.kind, "name", name, "address", address, "error", err)
	}
}
