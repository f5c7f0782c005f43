package main

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
)

// How often a process looks whether it runs the policies still, or may run them,
// and how long an answer may take. A holder that is silent for shiftIdle, because
// it is stopped or cut off, has its connection ended by the database, and so loses
// the lock: another runs the policies within three seconds, after a kill at once.
const (
	shiftEvery  = 300 * time.Millisecond
	shiftWithin = time.Second
	shiftIdle   = "2s"
)

// shiftLock is the advisory lock (pg_advisory_lock) of who runs the policies of
// the platform that the database belongs to.
const shiftLock = 0x706c6179 // "play"

// shift says whether this process runs the policies, of several that could: the
// one that holds a lock in the database, which is free as soon as that process or
// its connection is gone. The others stand by: they fold the log all the time, so
// that what is due is known at once when their turn comes.
//
// The lock spares work and noise, and nothing is wrong without it: ids of orders
// derive from events, so that an order that two processes give takes effect once.
// That is why who runs the policies goes on while the database can't be reached,
// and stands by only when another has taken over. Nobody takes over meanwhile:
// who can't ask does not know whether others can't either, and would run beside
// one that is well whenever its own connection is lost. So if the one process
// that runs them is gone as well, what they have to do waits for the database.
type shift struct {
	database string // empty: there are no others
	log      *slog.Logger
	active   atomic.Bool

	conn     *pgx.Conn // nil: none
	held     bool
	troubled bool // the last look failed
}

func newShift(database string, log *slog.Logger) *shift {
	s := &shift{database: database, log: log}
	if database == "" {
		s.active.Store(true)
		log.Info("the policies run here, and no process can stand by without --postgres")
	}
	return s
}

// keep takes the lock, when it can be had, and holds it until the context ends.
func (s *shift) keep(ctx context.Context) {
	if s.database == "" {
		return
	}
	ticker := time.NewTicker(shiftEvery)
	defer ticker.Stop()
	defer s.drop()
	for {
		err := s.look(ctx)
		if err != nil && ctx.Err() == nil {
			if !s.troubled {
				s.log.Warn("the database does not say who runs the policies: it stays as it is", "here", s.active.Load(), "error", err)
			}
			s.drop()
		}
		s.troubled = err != nil
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// look asks for the lock or, where it is held, whether it still is: it is the
// connection's.
func (s *shift) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, shiftWithin)
	defer cancel()
	if s.conn == nil {
		config, err := pgx.ParseConfig(s.database)
		if err != nil {
			return err
		}
		config.RuntimeParams["idle_session_timeout"] = shiftIdle
		config.RuntimeParams["application_name"] = "playcast policies"
		if s.conn, err = pgx.ConnectConfig(ctx, config); err != nil {
			return err
		}
	}
	if s.held {
		return s.conn.Ping(ctx)
	}
	if err := s.conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", shiftLock).Scan(&s.held); err != nil {
		return err
	}
	if s.active.Swap(s.held) != s.held {
		if s.held {
			s.log.Info("the policies run here now")
		} else {
			s.log.Info("another process runs the policies now: this one stands by")
		}
	}
	return nil
}

// drop gives up the connection, and the lock with it.
func (s *shift) drop() {
	if s.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), shiftWithin)
	defer cancel()
	_ = s.conn.Close(ctx) // what does not hear of it ends by the timeout
	s.conn, s.held = nil, false
}
