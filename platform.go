package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events/esdb"
	"github.com/playcast/playcast/queries"
	"github.com/playcast/playcast/streamer/signalling"
)

// platform is a running playcast, or some roles of one. Each step of its start
// leaves behind how to undo it; stop undoes them in the reverse order.
//
//	data ─▶ address ─▶ node ─▶ store ─▶ database ─▶ projections ─▶ worker ─▶ policies ─▶ catalog ─▶ gateway
type platform struct {
	command  *upCommand
	terminal *terminal
	undo     []step
	signs

	connection string
	database   string
	store      *esdb.Store
	handler    *commands.Handler
	queries    *queries.DB
	metrics    *prometheus.Registry
	playing
	between
	taping
	entrance
}

// between is what processes of one platform share, and reach each other by.
type between struct {
	secret  signalling.Secret
	workers *signalling.Client // to workers in other processes
	address string             // of the worker here; empty: none reaches it
}

// signs are what the running parts tell those who wait.
type signs struct {
	failed  chan error    // takes the first failure of something that runs
	stopped chan error    // takes what has stopped a view, during the start
	started chan struct{} // closed at the end of the start
}

type step struct {
	name string
	stop func(context.Context) error
}

func (p *platform) start(ctx context.Context) error {
	defer close(p.started)
	for _, step := range []struct {
		of role // any of these
		do func(context.Context) error
	}{
		{everyRole, p.openData},
		{gatewayRole, p.listen},
		{everyRole, p.serveMetrics},
		{nodeRole, p.openNode},
		{everyRole, p.openStore},
		{readRoles, p.openDatabase},
		{gatewayRole, p.openVault},
		{projectionsRole, p.runProjections},
		{gatewayRole, p.openQueries},
		{askingRoles | streamerRole, p.knowSecret},
		{askingRoles, p.askOthers},
		{streamerRole | gatewayRole | policiesRole, p.openRecordings},
		{streamerRole, p.runWorker},
		{streamerRole, p.runSavesEraser},
		{streamerRole, p.runStreamer},
		{streamerRole, p.hearOthers},
		{streamerRole, p.registerWorker},
		{policiesRole, p.runPolicies},
		{policiesRole, p.runEraser},
		{streamerRole, p.publishCatalog},
		{gatewayRole, p.awaitViews},
		{gatewayRole, p.openGateway},
	} {
		if !p.command.roles().has(step.of) {
			continue
		}
		if err := step.do(ctx); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// onStop says how to undo a step.
func (p *platform) onStop(name string, stop func(context.Context) error) {
	p.undo = append(p.undo, step{name: name, stop: stop})
}

func (p *platform) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	var all []error
	for i := len(p.undo) - 1; i >= 0; i-- {
		if err := p.undo[i].stop(ctx); err != nil {
			all = append(all, fmt.Errorf("stop %s: %w", p.undo[i].name, err))
		}
	}
	return errors.Join(all...)
}

// fail ends the run because of something that should have gone on.
func (p *platform) fail(err error) {
	select {
	case p.failed <- err:
	default: // it ends already
	}
}

func (p *platform) openData(context.Context) error {
	dir, err := openDataDir(p.command.Data)
	if err != nil {
		return err
	}
	p.onStop("data directory", func(context.Context) error { return dir.Close() })
	return nil
}
