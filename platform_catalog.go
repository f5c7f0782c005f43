package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/catalog"
	"github.com/playcast/playcast/events"
)

// publishCatalog says which games there are. Workers don't fight over it: each
// says what it can play; only where the gateway is, too, games are withdrawn or
// said to be unavailable, and only those that no other worker has.
func (p *platform) publishCatalog(ctx context.Context) error {
	if !p.command.roles().has(gatewayRole) {
		return p.publish(ctx, p.installed(), nil)
	}
	elsewhere, err := p.queries.Offered(ctx, events.WorkerID(p.command.Worker))
	if err != nil {
		return err
	}
	if err := p.publish(ctx, nil, elsewhere); err != nil {
		return err
	}
	published, err := p.queries.WholeLibrary(ctx)
	if err != nil {
		return err
	}
	for _, old := range published {
		if _, kept := p.catalog.Find(old.ID); kept || slices.Contains(elsewhere, old.ID) {
			continue
		}
		if err := p.issue(ctx, catalog.Withdraw{Game: old.ID}); err != nil {
			return fmt.Errorf("withdraw %s: %w", old.ID, err)
		}
	}
	return nil
}

// publish publishes the games of the catalog, or only some of them. One that is
// not installed here is said to be unavailable unless it is there elsewhere.
func (p *platform) publish(ctx context.Context, only, elsewhere []events.GameID) error {
	for _, entry := range p.catalog {
		if only != nil && !slices.Contains(only, entry.ID) {
			continue
		}
		publish := catalog.Publish{Game: entry.Game}
		if err := entry.Installed(); err != nil && !slices.Contains(elsewhere, entry.ID) {
			publish.Reason = err.Error()
		}
		if err := p.issue(ctx, publish); err != nil {
			return fmt.Errorf("publish %s: %w", entry.ID, err)
		}
	}
	return nil
}

func (p *platform) issue(ctx context.Context, command commands.Command[catalog.State]) error {
	_, err := p.handler.Do(ctx, commands.Issue(command, commands.By(events.BySystem("catalog"))))
	return err
}
