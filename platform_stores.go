package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events/esdb"
	"github.com/playcast/playcast/events/node"
	"github.com/playcast/playcast/projections"
	"github.com/playcast/playcast/queries"
	"github.com/playcast/playcast/schema"
	"github.com/playcast/playcast/schema/local"
)

// nodeFlags are about the embedded event store.
type nodeFlags struct {
	StoreHost  string `default:"127.0.0.1" help:"Address that the embedded event store node listens on. Other machines reach it only with a certificate and users." env:"STORE_HOST"`
	StorePort  int    `default:"2113" help:"Port of the embedded event store node; 0 takes a free one." env:"STORE_PORT"`
	StoreCert  string `type:"path" placeholder:"FILE" help:"The node's certificate, in PEM." env:"STORE_CERT"`
	StoreKey   string `type:"path" placeholder:"FILE" help:"The certificate's key." env:"STORE_KEY"`
	StoreUsers string `type:"path" placeholder:"FILE" help:"Who may use the node: lines of playcast store user." env:"STORE_USERS"`
	MetricsAt  string `name:"metrics-listen" placeholder:"127.0.0.1:9113" help:"Where metrics are served, and stats and backups of the embedded event store; nowhere by default." env:"METRICS_LISTEN"`
}

func (f nodeFlags) validate() error {
	if f.StorePort < 0 || f.StorePort > 65535 {
		return fmt.Errorf("a port is a number from 0 to 65535")
	}
	return nil
}

// openNode starts the embedded event store.
func (p *platform) openNode(context.Context) error {
	flags := p.command.Node
	access, self, err := flags.access()
	if err != nil {
		return err
	}
	embedded, err := node.Open(node.Config{
		Dir:    p.command.path("events"),
		Listen: net.JoinHostPort(flags.StoreHost, strconv.Itoa(flags.StorePort)),
		Access: access,
		Watch:  flags.MetricsAt, Metrics: p.metrics,
		Logger: p.terminal.log.With("part", "node"),
	})
	switch {
	case errors.Is(err, node.ErrExposed):
		return fmt.Errorf("%w: --store-cert, --store-key and --store-users open it to other machines", err)
	case errors.Is(err, node.ErrAddress):
		return fmt.Errorf("%w (--store-host, --store-port and --metrics-listen say where)", err)
	case err != nil:
		return err
	}
	p.onStop("event store node", func(context.Context) error { return embedded.Close() })
	p.connection = embedded.ConnectionString()
	if self != nil {
		// This is our own address: there is nobody whose certificate to check.
		p.connection = strings.Replace(p.connection, "://", "://"+self.String()+"@", 1) + "&tlsVerifyCert=false"
	}
	return p.nameWatch(embedded.WatchAddr())
}

// access lets in who is named, and, where that is anybody, this process by a
// password that lasts as long as it does.
func (f nodeFlags) access() (node.Access, *url.Userinfo, error) {
	access := node.Access{CertFile: f.StoreCert, KeyFile: f.StoreKey, UsersFile: f.StoreUsers}
	if f.StoreUsers == "" {
		return access, nil, nil
	}
	password := rand.Text()
	hash, err := node.HashPassword(password)
	if err != nil {
		return access, nil, err
	}
	const name = "playcast-itself"
	access.Users = []node.User{{Name: name, Hash: hash, Roles: []string{node.RoleAdmins}}}
	return access, url.UserPassword(name, password), nil
}

// openStore connects to the node, or to the event store that is named.
func (p *platform) openStore(ctx context.Context) error {
	if p.command.EventStore != "" {
		p.connection = p.command.EventStore
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
	p.terminal.log.Info("metrics", "at", "http://"+address+"/metrics")
	return os.WriteFile(path, []byte("http://"+address+"\n"), 0o600)
}

// openDatabase starts the private PostgreSQL, unless another database is
// named, and brings its schema up to date.
func (p *platform) openDatabase(ctx context.Context) error {
	p.database = p.command.Postgres
	if p.database == "" {
		own, err := openOwnDatabase(ctx, local.Config{Dir: p.command.path("postgres"), Logger: p.terminal.log.With("part", "postgresql")}, p.fail)
		if err != nil {
			return err
		}
		p.onStop("private postgresql", own.close)
		p.database = own.url
	}
	err := schema.Apply(ctx, p.database)
	if err == nil {
		err = projections.Prepare(ctx, p.database)
	}
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
