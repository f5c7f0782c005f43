// Package node is an event store in one process: streams of events on the
// local disk, behind EventStoreDB's gRPC protocol. EventStore-Client-Go can't
// tell it from a cluster, so that a program that embeds it today can name a
// cluster in a connection string tomorrow.
//
// The contract, in the order in which a client meets it:
//
//   - An append is answered after its events are synced to the disk. A crash
//     loses nothing that was answered.
//   - Nobody is shown an event that is not synced.
//   - Events have one total order, their position, which rises by one from 1.
//     Scavenge leaves gaps, and moves nothing.
//     A subscription delivers in that order, without gap or repetition, and
//     goes on after any position it has delivered.
//   - A slow subscriber delays nobody: it reads from the log at its own pace.
//   - A record that is not what was once written is reported, never delivered.
//
// Without TLS and users, which Access brings, the node listens on loopback
// addresses only.
package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"

	"github.com/playcast/playcast/events/node/internal/competing"
	"github.com/playcast/playcast/events/node/internal/eventlog"
)

// DefaultListen is where a node listens that is told nothing else.
const DefaultListen = "127.0.0.1:2113"

// Reasons why a node can't be opened, for errors.Is. The error's message says
// what to do.
var (
	ErrInUse   = eventlog.ErrInUse   // another process has the directory open
	ErrVersion = eventlog.ErrVersion // another version of the node wrote the directory
	ErrCorrupt = eventlog.ErrCorrupt // the directory holds damaged files
	ErrAddress = errors.New("the node can't listen on this address")
	ErrExposed = errors.New("without TLS and users the node listens on loopback addresses only")
)

// Config says where the node lives. Dir is required.
type Config struct {
	Dir    string       // made where it is missing
	Listen string       // host:port; "" is DefaultListen, port 0 any free one
	Access Access       // who may do what; other addresses than loopback want it
	Watch  string       // host:port of metrics, stats and backups over HTTP; "" has none
	Logger *slog.Logger // nil logs nothing
	// Metrics are served beside the node's own; nil: there are none.
	Metrics prometheus.Gatherer
}

func (c Config) withDefaults() (Config, error) {
	if c.Dir == "" {
		return c, errors.New("node: Config.Dir is empty: name the directory for the events")
	}
	if c.Listen == "" {
		c.Listen = DefaultListen
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

// A Node is a running event store. Close it.
type Node struct {
	address *net.TCPAddr
	secured secured
	log     *eventlog.Log
	groups  *persistentService
	traffic *traffic
	watch   *watch // nil: none
	server  *grpc.Server
	closing chan struct{} // closed by Close: long calls end
	served  chan struct{} // closed when the server accepts no more
	once    sync.Once
	// receivers end when the calls do, and a moment later: Close waits for them.
	receivers sync.WaitGroup
	err       error
}

// Open opens the store in the directory, or starts one there, and serves it
// until Close. Errors: ErrInUse, ErrVersion, ErrCorrupt, ErrAddress, ErrExposed.
func Open(cfg Config) (*Node, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	access, err := cfg.Access.open()
	if err != nil {
		return nil, err
	}
	listeners, err := listenAll(access.complete(), cfg.Listen, cfg.Watch)
	if err != nil {
		return nil, err
	}
	log, err := eventlog.Open(cfg.Dir, cfg.Logger)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open event store: %w", err), closeAll(listeners))
	}
	listener := listeners[0]
	n := &Node{
		address: listener.Addr().(*net.TCPAddr),
		secured: access,
		log:     log,
		traffic: newTraffic(),
		closing: make(chan struct{}),
		served:  make(chan struct{}),
	}
	n.groups = &persistentService{log: log, groups: competing.Open(log, cfg.Logger)}
	if n.server = newServer(n); len(listeners) > 1 {
		if n.watch, err = startWatch(n, cfg.Metrics, listeners[1], cfg.Logger); err != nil {
			n.groups.groups.Close()
			return nil, errors.Join(err, closeAll(listeners), log.Close())
		}
	}
	go func() {
		defer close(n.served)
		if err := n.server.Serve(listener); err != nil {
			cfg.Logger.Error("event store: accept connections", "error", err)
		}
	}()
	return n, nil
}

// Addr is the address that the node listens on, as host:port.
func (n *Node) Addr() string { return n.address.String() }

// WatchAddr is the address of the page for those who look after the node, ""
// where there is none.
func (n *Node) WatchAddr() string {
	if n.watch == nil {
		return ""
	}
	return n.watch.address.String()
}

// ConnectionString is what esdb.ParseConnectionString needs to reach the node.
// A dead peer is noticed after 20 s. What a client of a node with an Access
// needs beside it is its own: a name and password before the address, and
// tlsCaFile where the certificate is of no authority that the system knows.
func (n *Node) ConnectionString() string {
	address := n.Addr()
	if n.address.IP.IsUnspecified() {
		address = net.JoinHostPort("127.0.0.1", strconv.Itoa(n.address.Port))
	}
	return fmt.Sprintf("esdb://%s?tls=%t&keepAliveInterval=10000&keepAliveTimeout=10000", address, n.secured.tls != nil)
}

// closeGrace is how long the calls in progress may take to end. Appends take
// as long as a sync; what lasts longer waits for a client that does not read.
const closeGrace = 2 * time.Second

// Close ends the subscriptions with Unavailable, waits for the appends in
// progress and for every goroutine of the node, and closes the files. Calling
// it again returns the first call's result.
func (n *Node) Close() error {
	n.once.Do(func() {
		close(n.closing)
		n.groups.groups.Close()
		var err error
		if n.watch != nil {
			err = n.watch.close()
		}
		n.stopServer()
		n.groups.receiving.Wait()
		n.receivers.Wait()
		n.err = errors.Join(err, n.log.Close())
	})
	return n.err
}

// stopServer lets the calls in progress end, up to the grace, then cuts them.
func (n *Node) stopServer() {
	graceful := make(chan struct{})
	go func() {
		defer close(graceful)
		n.server.GracefulStop()
	}()
	grace := time.NewTimer(closeGrace)
	defer grace.Stop()
	select {
	case <-graceful:
	case <-grace.C:
		n.server.Stop()
	}
	<-graceful
	<-n.served
}

// listenAll opens each address that is not empty.
func listenAll(others bool, addresses ...string) ([]net.Listener, error) {
	var all []net.Listener
	for _, address := range addresses {
		if address == "" {
			continue
		}
		l, err := listen(address, others)
		if err != nil {
			return nil, errors.Join(err, closeAll(all))
		}
		all = append(all, l)
	}
	return all, nil
}

func closeAll(listeners []net.Listener) error {
	var err error
	for _, l := range listeners {
		err = errors.Join(err, l.Close())
	}
	return err
}

// listen opens the address, if it is one that only this machine reaches, or
// others may.
func listen(address string, others bool) (net.Listener, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("%w: %q: write it as host:port", ErrAddress, address)
	}
	switch ip := net.ParseIP(host); {
	case host == "", host == "localhost":
		host = "127.0.0.1"
	case ip == nil:
		return nil, fmt.Errorf("%w: %q: write the host as an IP address", ErrAddress, address)
	case ip.To4() == nil && ip.IsLoopback():
		return nil, fmt.Errorf("%w: %s: the client can't read an IPv6 address, use 127.0.0.1", ErrAddress, address)
	case !ip.IsLoopback() && !others:
		return nil, fmt.Errorf("%w: %s: use 127.0.0.1, or give the node a certificate and users", ErrExposed, address)
	}
	address = net.JoinHostPort(host, port)
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%w: %s is taken by another program: stop it or choose another port: %w", ErrAddress, address, err)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrAddress, err)
	}
	return listener, nil
}
