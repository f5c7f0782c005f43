package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events/esdb"
	"github.com/playcast/playcast/events/node"
	"github.com/playcast/playcast/queries"
	"github.com/playcast/playcast/schema"
	"github.com/playcast/playcast/schema/local"
)

// openStore starts the embedded node, unless another store is named.
func (p *platform) openStore(ctx context.Context) error {
	p.connection = p.command.EventStore
	if p.connection == "" {
		embedded, err := node.Open(node.Config{
			Dir:    p.command.path("events"),
			Listen: net.JoinHostPort("127.0.0.1", strconv.Itoa(p.command.StorePort)),
			Watch:  p.command.MetricsAt,
			Logger: p.terminal.log.With("part", "node"),
		})
		if errors.Is(err, node.ErrAddress) {
			return fmt.Errorf("%w (--store-port and --metrics-listen say where)", err)
		}
		if err != nil {
			return err
		}
		p.onStop("event store node", func(context.Context) error { return embedded.Close() })
		p.connection = embedded.ConnectionString()
		if err := p.nameWatch(embedded.WatchAddr()); err != nil {
			return err
		}
	}
	store, err := esdb.Open(p.connection)
	if err != nil {
		return err
	}
	p.onStop("event store", func(context.Context) error { return store.Close() })
	// What follows tries again and again: a store that can't be reached at the
	// start is rather a wrong name.
	if _, err := store.Head(ctx); err != nil {
		return fmt.Errorf("read the event store's head: %w (--eventstore names the store)", err)
	}
	p.store, p.handler = store, commands.NewHandler(store, time.Now)
	return os.WriteFile(p.command.path(connectionFile), []byte(p.connection+"\n"), 0o600)
}

// nameWatch leaves in the data directory where the node is watched, for
// playcast store.
func (p *platform) nameWatch(address string) error {
	path := p.command.path(watchFile)
	if address == "" {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		return nil
	}
	p.terminal.log.Info("metrics of the event store", "at", "http://"+address+"/metrics")
	return os.WriteFile(path, []byte("http://"+address+"\n"), 0o600)
}

// openDatabase starts the private PostgreSQL, unless another database is
// named, and brings its schema up to date.
func (p *platform) openDatabase(ctx context.Context) error {
	p.database = p.command.Postgres
	if p.database == "" {
		server, err := local.Start(ctx, local.Config{Dir: p.command.path("postgres"), Logger: p.terminal.log.With("part", "postgresql")})
		if err != nil {
			return err
		}
		p.onStop("private postgresql", func(context.Context) error { return server.Close() })
		go func() {
			<-server.Exited()
			p.fail(errors.New("the private PostgreSQL has ended: its log is in the data directory, under postgres"))
		}()
		p.database = server.URL()
	}
	err := schema.Apply(ctx, p.database)
	if err != nil && p.command.Postgres != "" {
		return fmt.Errorf("%w (--postgres names the database)", err)
	}
	return err
}

func (p *platform) openQueries(ctx context.Context) error {
	db, err := queries.Open(ctx, p.database, p.terminal.log.With("part", "queries"))
	if err != nil {
		return err
	}
	p.onStop("queries", func(context.Context) error { db.Close(); return nil })
	p.queries = db
	return nil
}

func (p *platform) openPool(ctx context.Context) (*pgxpool.Pool, error) {
	pool, err := pgxpool.New(ctx, p.database)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	p.onStop("database", func(context.Context) error { pool.Close(); return nil })
	return pool, nil
}
