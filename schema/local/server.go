// Package local runs a private PostgreSQL for a playcast that was given none.
//
// Start finds the programs of an installed PostgreSQL, creates a cluster at the
// first start, and runs it as a child process until Close. Nothing else on the
// machine can reach it: it opens no TCP port, and its one Unix socket lies in
// the cluster's own directory, which only its owner (and root) may enter. That
// directory is the lock on the door, so the socket itself asks no password.
//
// The files, all below Config.Dir:
//
//	lock                  held with flock(2) while a playcast uses the directory
//	postgres.log, .log.1  what the server said, bounded in size
//	cluster/              PostgreSQL's data directory and socket, mode 0700
//	cluster.new/          an unfinished first start; thrown away by the next
//
// PostgreSQL refuses to run as root. Started by root, the cluster is given to
// the user "postgres" (else "nobody") and the server runs as the cluster's
// owner. It reaches its directory through an open descriptor and not by name,
// so the directories above may stay closed to that user, as /root is, and the
// length of the path does not matter to the socket.
//
// When this process dies without Close, the kernel tells the server, which
// shuts down by itself; the next Start waits for it.
package local

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"sync"
	"time"
)

// Config says where the cluster lives.
type Config struct {
	// Dir holds everything the server writes. It is created if missing. Required.
	Dir string
	// BinDir holds initdb and postgres. Empty: PATH is searched first, then the
	// places of the distributions.
	BinDir string
	// Throwaway has nothing written through to the disk: for tests, whose data
	// need not outlive the machine's next crash.
	Throwaway bool
	// StartTimeout bounds the wait for the server to accept connections, which
	// includes recovery after a crash. Zero: one minute.
	StartTimeout time.Duration
	// Logger is told of starts and ends. Nil: nobody is told.
	Logger *slog.Logger
}

// Server is a running PostgreSQL. Its methods may be called from any goroutine.
type Server struct {
	cluster *cluster
	proc    *process
	log     *serverLog
	logger  *slog.Logger
	version int

	closing sync.Once
	failure error
}

// Start brings the server up and returns when its database accepts connections.
// The context bounds Start alone, not the life of the server.
//
// It fails with *MissingError, *VersionError or *InUseError where those fit.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	s, err := start(ctx, cfg.withDefaults())
	if err != nil {
		return nil, fmt.Errorf("start private postgresql: %w", err)
	}
	return s, nil
}

func (cfg Config) withDefaults() Config {
	if cfg.StartTimeout == 0 {
		cfg.StartTimeout = time.Minute
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return cfg
}

func start(ctx context.Context, cfg Config) (*Server, error) {
	began := time.Now()
	ctx, cancel := context.WithTimeoutCause(ctx, cfg.StartTimeout,
		fmt.Errorf("not ready after %s; its log is in %s", cfg.StartTimeout, cfg.Dir))
	defer cancel()

	c, err := openCluster(ctx, cfg)
	if err != nil {
		return nil, err
	}
	log, err := openLog(filepath.Join(c.root, "postgres.log"))
	if err != nil {
		c.close()
		return nil, err
	}
	s := &Server{cluster: c, log: log, logger: cfg.Logger, version: c.tools.Version}
	s.proc, err = startProcess(c.command(c.dir, "postgres", log, serverArgs(cfg.Throwaway)...))
	if err != nil {
		s.release()
		return nil, err
	}
	if err := s.awaitReady(ctx); err != nil {
		s.proc.stop()
		s.release()
		return nil, err
	}
	s.logger.Info("private postgresql started", "version", s.version, "dir", c.root, "took", time.Since(began))
	return s, nil
}

// awaitReady returns when the server said that it accepts connections and the
// database exists.
func (s *Server) awaitReady(ctx context.Context) error {
	select {
	case <-s.log.ready:
		return ensureDatabase(ctx, s.cluster.url)
	case <-s.proc.done:
		return fmt.Errorf("the server ended (%v): %s", s.proc.err, s.log.tail())
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// URL is the connection string of the database, for pgx. It names the superuser
// of the cluster and stays valid until Close.
func (s *Server) URL() string { return s.cluster.url }

// Exited is closed when the server process has ended, asked or not.
func (s *Server) Exited() <-chan struct{} { return s.proc.done }

// Close ends the server and waits for it: first a smart shutdown, which lets
// connections finish, then a fast one, which does not. The data stay. A second
// Close does nothing and returns what the first did.
func (s *Server) Close() error {
	s.closing.Do(func() {
		began := time.Now()
		if err := s.proc.stop(); err != nil {
			s.failure = fmt.Errorf("stop private postgresql: %w: %s", err, s.log.tail())
		}
		s.release()
		s.logger.Info("private postgresql stopped", "took", time.Since(began))
	})
	return s.failure
}

// release frees what Start took, once the process is gone.
func (s *Server) release() {
	s.log.Close()
	s.cluster.close()
}

var _ io.Closer = (*Server)(nil)
