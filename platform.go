package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/catalog"
	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/esdb"
	"github.com/playcast/playcast/events/node"
	"github.com/playcast/playcast/gateway"
	"github.com/playcast/playcast/gateway/auth"
	"github.com/playcast/playcast/gateway/auth/devissuer"
	"github.com/playcast/playcast/queries"
	"github.com/playcast/playcast/schema"
	"github.com/playcast/playcast/schema/local"
	"github.com/playcast/playcast/streamer"
	"github.com/playcast/playcast/streamer/encode"
	"github.com/playcast/playcast/streamer/game"
	"github.com/playcast/playcast/streamer/transport"
)

// platform is a running playcast. Each step of its start leaves behind how to
// undo it; stop undoes them in the reverse order.
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
	catalog    game.Catalog
	worker     *streamer.Worker
	entrance
}

// entrance is where people come in.
type entrance struct {
	listener net.Listener
	issuer   *devissuer.Issuer // nil: another one signs players in
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
	steps := []func(context.Context) error{
		p.openData, p.listen, p.openStore, p.openDatabase, p.runProjections, p.openQueries,
		p.runWorker, p.runStreamer, p.registerWorker, p.runPolicies, p.publishCatalog, p.openGateway,
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
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

// listen takes the gateway's address before anything is recorded: one that is
// in use leaves no trace in the log. Nobody is answered until openGateway.
func (p *platform) listen(ctx context.Context) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", p.command.Listen)
	if err != nil {
		return fmt.Errorf("the gateway can't listen on %s: %w (name another address with --listen)", p.command.Listen, err)
	}
	p.onStop("gateway's address", func(context.Context) error {
		_ = listener.Close() // the gateway may have closed it
		return nil
	})
	p.listener = listener
	return nil
}

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

// runWorker makes the streamer ready, after clearing what an earlier playcast
// left behind.
func (p *platform) runWorker(context.Context) error {
	games, err := game.Load(p.command.Games)
	if err != nil {
		return err
	}
	p.catalog = games
	log := p.terminal.log.With("part", "streamer")
	swept, err := game.Sweep(p.command.path("run"))
	if err != nil {
		return fmt.Errorf("clear what an earlier run left behind: %w", err)
	}
	if swept.Directories > 0 {
		log.Warn("an earlier run had left sessions behind", "sessions", swept.Directories, "processes", swept.Processes)
	}
	launcher, err := game.NewLauncher(game.Config{RunDir: p.command.path("run"), DataDir: p.command.path("players")})
	if err != nil {
		return err
	}
	p.onStop("games", func(context.Context) error { return launcher.Close() })
	media, err := transport.Listen(p.mediaConfig())
	if err != nil {
		return fmt.Errorf("%w (another port can be named with --media-port)", err)
	}
	p.onStop("media", func(context.Context) error { return media.Close() })
	p.worker = streamer.NewWorker(events.WorkerID(p.command.Worker), streamer.Parts{
		Launcher: launcher, Catalog: games, Media: media,
		Reporter: &reporter{handler: p.handler, worker: events.WorkerID(p.command.Worker)}, Log: log,
	})
	p.onStop("worker", p.worker.Close)
	return nil
}

// mediaConfig keeps the media to this machine where the gateway is.
func (p *platform) mediaConfig() transport.Config {
	host, _, err := net.SplitHostPort(p.command.Listen)
	if err != nil || !auth.IsLoopback(host) {
		host = ""
	} else {
		host = "127.0.0.1"
	}
	config := transport.Config{
		UDPAddr: net.JoinHostPort(host, strconv.Itoa(p.command.MediaPort)),
		Logger:  p.terminal.log.With("part", "media"),
	}
	if p.command.MediaIP != "" {
		config.PublicIPs = []string{p.command.MediaIP}
	}
	return config
}

// registerWorker offers the slots, now that the worker hears of allocations.
func (p *platform) registerWorker(ctx context.Context) error {
	id, err := events.ParseWorkerID(p.command.Worker)
	if err != nil {
		return fmt.Errorf("--worker: %w", err)
	}
	incarnation := uuid.NewString()
	encoder, err := encode.Preferred()
	if err != nil {
		return err
	}
	register := worker.Register{Worker: id, Incarnation: incarnation, Slots: p.command.Slots, Encoders: []string{encoder}}
	if err := p.do(ctx, commands.Issue(register, commands.By(events.ByWorker(id)))); err != nil {
		return err
	}
	p.onStop("worker's registration", func(ctx context.Context) error {
		// Its sessions end first: then the slots are nobody's.
		if err := p.worker.Close(ctx); err != nil {
			return err
		}
		return p.do(ctx, commands.Issue(worker.Stop{Worker: id, Incarnation: incarnation}, commands.By(events.ByWorker(id))))
	})
	return nil
}

// publishCatalog says which games there are, and waits until players see them.
func (p *platform) publishCatalog(ctx context.Context) error {
	published, err := p.queries.Library(ctx)
	if err != nil {
		return err
	}
	by := events.BySystem("catalog")
	for _, entry := range p.catalog {
		publish := catalog.Publish{Game: entry.Game}
		if err := entry.Installed(); err != nil {
			publish.Reason = err.Error()
		}
		if err := p.do(ctx, commands.Issue(publish, commands.By(by))); err != nil {
			return fmt.Errorf("publish %s: %w", entry.ID, err)
		}
	}
	for _, old := range published {
		if _, kept := p.catalog.Find(old.ID); !kept {
			if err := p.do(ctx, commands.Issue(catalog.Withdraw{Game: old.ID}, commands.By(by))); err != nil {
				return fmt.Errorf("withdraw %s: %w", old.ID, err)
			}
		}
	}
	head, err := p.store.Head(ctx)
	if err != nil {
		return fmt.Errorf("read the log's head: %w", err)
	}
	return p.awaitViews(ctx, head)
}

func (p *platform) do(ctx context.Context, order commands.Order) error {
	_, err := p.handler.Do(ctx, order)
	return err
}

// openGateway lets people in.
func (p *platform) openGateway(ctx context.Context) error {
	config, verify, err := p.signIn()
	if err != nil {
		return err
	}
	verifier, err := auth.New(verify)
	if err != nil {
		return err
	}
	p.onStop("sign-in", func(context.Context) error { verifier.Close(); return nil })
	door, err := gateway.New(config, gateway.Parts{
		Commands: p.handler, Queries: p.queries, Media: p.worker, Verifier: verifier, Log: p.terminal.log.With("part", "gateway"),
	})
	if err != nil {
		return err
	}
	server := &http.Server{Handler: door, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute}
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := server.Serve(p.listener); !errors.Is(err, http.ErrServerClosed) {
			p.fail(fmt.Errorf("the gateway has stopped: %w", err))
		}
	})
	p.onStop("gateway", func(ctx context.Context) error {
		defer serving.Wait()
		door.Close()
		short, cancel := context.WithTimeout(ctx, 3*time.Second)
		defer cancel()
		if err := server.Shutdown(short); err != nil {
			return server.Close()
		}
		return nil
	})
	return nil
}

// signIn says who signs players in: the issuer that is named, or the
// development one.
func (p *platform) signIn() (gateway.Config, auth.Config, error) {
	c := p.command
	config := gateway.Config{
		PublicURL: c.PublicURL, Scopes: "openid profile offline_access",
		RequestsPerMinute: c.Limits.Requests, MessagesPerMinute: c.Limits.Messages,
	}
	if c.OIDC.Issuer != "" {
		config.Issuer, config.ClientID = c.OIDC.Issuer, c.OIDC.Client
		return config, auth.Config{Issuer: c.OIDC.Issuer, ClientID: c.OIDC.Client, Audience: c.OIDC.Audience, RolesClaim: c.OIDC.Roles}, nil
	}
	issuer, err := devissuer.New(devissuer.Config{
		Issuer: c.PublicURL + "/dev", Dir: c.path("issuer"),
		RedirectURIs: []string{c.PublicURL + "/signed-in"}, PostLogoutURIs: []string{c.PublicURL + "/"},
	})
	if err != nil {
		return config, auth.Config{}, err
	}
	p.issuer = issuer
	config.Issuer, config.ClientID = c.PublicURL+"/dev", devissuer.ClientID
	config.DevIssuer, config.DevPattern = issuer, issuer.Pattern()
	return config, devissuer.VerifierConfig(config.Issuer), nil
}
