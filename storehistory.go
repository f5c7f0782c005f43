package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	eventstore "github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/playcast/playcast/events/history"
	"github.com/playcast/playcast/events/node"
)

type storeExportCommand struct {
	To         string `default:"-" placeholder:"FILE|-" help:"The file, which may not be there; - is the standard output."`
	EventStore string `name:"eventstore" placeholder:"esdb://…" help:"Export this event store instead of the one in the data directory."`
	System     bool   `help:"Export the events of the store itself too: streams whose names begin with $$."`
}

// Run exports the files of a stopped store; a running one, or one that is
// named, over the protocol.
func (e *storeExportCommand) Run(ctx context.Context, t *terminal, c *storeCommand) error {
	var count uint64
	write := func(to io.Writer) (err error) {
		count, err = e.export(ctx, t, c, history.NewWriter(to))
		return err
	}
	var err error
	if e.To == "-" {
		err = write(t.out)
	} else {
		err = wholeFile(e.To, write)
	}
	if err == nil {
		t.log.Info("exported", "events", count)
	}
	return err
}

func (e *storeExportCommand) export(ctx context.Context, t *terminal, c *storeCommand, to *history.Writer) (uint64, error) {
	d, remote, err := c.either(t, e.EventStore, true)
	if err != nil {
		return 0, err
	}
	if remote != nil {
		count, err := history.Export(ctx, remote, to, e.System)
		return count, errors.Join(err, remote.Close())
	}
	count, err := d.Export(ctx, to, e.System)
	return count, errors.Join(err, d.Close())
}

type storeImportCommand struct {
	From       string `default:"-" placeholder:"FILE|-" help:"The file; - is the standard input."`
	EventStore string `name:"eventstore" placeholder:"esdb://…" help:"Import into this event store instead of the one in the data directory."`
	Renumber   bool   `help:"Over the protocol: number streams from 0 whose beginning was scavenged."`
}

// Run imports into the files of a stopped store, which keeps the times; into a
// running one, or one that is named, over the protocol, which does not.
func (i *storeImportCommand) Run(ctx context.Context, t *terminal, c *storeCommand) error {
	var from io.Reader = os.Stdin
	if i.From != "-" {
		f, err := os.Open(i.From)
		if err != nil {
			return fmt.Errorf("--from: %w", err)
		}
		defer f.Close()
		from = f
	}
	d, remote, err := c.either(t, i.EventStore, false)
	if err != nil {
		return err
	}
	var counts history.Counts
	if remote != nil {
		counts, err = history.Import(ctx, history.NewReader(from), remote, i.Renumber)
		err = errors.Join(err, remote.Close())
	} else {
		counts, err = d.Import(ctx, history.NewReader(from))
		err = errors.Join(err, d.Close())
	}
	if err != nil {
		return fmt.Errorf("after %d events: %w (repeat the import when that is mended: what is there is passed over)", counts.Written+counts.Present, err)
	}
	_, err = fmt.Fprintf(t.out, "imported %d events, %d were there\n", counts.Written, counts.Present)
	return err
}

// either opens the store that is meant: the named one over the protocol, the
// one in the data directory by its files, or over the protocol when it runs.
func (c *storeCommand) either(t *terminal, named string, mustExist bool) (*node.Directory, *eventstore.Client, error) {
	if named == "" {
		if c.At != "" {
			return nil, nil, errors.New("--at names a page, which has no events: name the running store with --eventstore")
		}
		if mustExist {
			if err := c.exists(); err != nil {
				return nil, nil, err
			}
		}
		d, err := node.OpenDirectory(c.dir(), t.log.With("part", "node"))
		if !errors.Is(err, node.ErrInUse) {
			return d, nil, err
		}
		connection, err := os.ReadFile(filepath.Join(c.Data, connectionFile))
		if err != nil {
			return nil, nil, fmt.Errorf("the store runs, and where is not known: name it with --eventstore: %w", err)
		}
		named = strings.TrimSpace(string(connection))
	}
	config, err := eventstore.ParseConnectionString(named)
	if err != nil {
		return nil, nil, fmt.Errorf("--eventstore: %w", err)
	}
	config.Logger = eventstore.NoopLogging()
	remote, err := eventstore.NewClient(config)
	if err != nil {
		return nil, nil, fmt.Errorf("--eventstore: %w", err)
	}
	return nil, remote, nil
}
