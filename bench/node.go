// Package bench measures a running event store through its public protocol,
// with the client that everybody uses. It knows no implementation: whatever a
// connection string names can be measured, and what must be stopped and
// started is behind the Server interface.
//
// The phases run one after the other, on the store that the earlier ones
// filled:
//
//	one writer ─▶ 64 writers ─▶ batches ─▶ read a stream, $all ─▶ subscribe ─▶ fill, start again
package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// A Server is an event store that the measuring program owns.
type Server interface {
	// Start serves the store, and returns how to reach it and how long the
	// opening took, when it takes calls.
	Start(ctx context.Context) (connection string, opening time.Duration, err error)
	// Stop returns when the process has ended and its files are closed.
	Stop() error
	// Resident is the most memory, in bytes, that the server that is running
	// has had resident.
	Resident() (uint64, error)
}

// Figures is what a run measures. A nil field could not be: of a store that
// somebody else runs only the calls can be measured.
type Figures struct {
	AppendSeqP50 float64  `json:"append_seq_p50_ms"`         // one writer, an event a call
	AppendSeqP99 float64  `json:"append_seq_p99_ms"`         // the same
	Append64     float64  `json:"append_64_per_s"`           // 64 writers, an event a call
	AppendBatch  float64  `json:"append_batch_events_per_s"` // 8 writers, 100 events a call
	ReadStream   float64  `json:"read_stream_events_per_s"`  // one reader
	ReadAll      float64  `json:"read_all_events_per_s"`     // one reader
	SubscribeP99 float64  `json:"subscribe_p99_ms"`          // acknowledged append to delivery, at 1,000 a second
	Start1M      *float64 `json:"start_ms_1m"`               // opening a store of a million events
	ResidentMB   *float64 `json:"rss_mb"`                    // the server's peak, the whole run long
	SyncFloor    *float64 `json:"sync_floor_us"`             // a bare fdatasync of an event, the median
}

// Config says what to measure. Either Connection or Server is required.
type Config struct {
	Connection string        // of a store that runs
	Server     Server        // of one that Node starts and stops
	Dir        string        // where a bare sync is measured; "" leaves that out
	Phase      time.Duration // how long each phase of calls takes; 0 is 5 s
	Events     int           // how many the store holds when it is started again; 0 is a million
	Progress   func(string)  // told what begins; nil tells nobody
}

func (c Config) withDefaults() (Config, error) {
	if (c.Connection == "") == (c.Server == nil) {
		return c, errors.New("bench: name either a connection string or a server")
	}
	if c.Phase == 0 {
		c.Phase = 5 * time.Second
	}
	if c.Events == 0 {
		c.Events = 1_000_000
	}
	if c.Progress == nil {
		c.Progress = func(string) {}
	}
	return c, nil
}

// Node measures an event store. It leaves some million events there, so give
// it one that can be thrown away.
func Node(ctx context.Context, cfg Config) (Figures, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return Figures{}, err
	}
	r := &run{Config: cfg}
	if cfg.Dir != "" {
		if err := r.syncFloor(); err != nil {
			return Figures{}, fmt.Errorf("measure a bare sync: %w", err)
		}
	}
	if cfg.Server == nil {
		err := r.calls(ctx, cfg.Connection)
		return r.figures, err
	}
	connection, _, err := cfg.Server.Start(ctx)
	if err != nil {
		return Figures{}, fmt.Errorf("start the store: %w", err)
	}
	if err = r.calls(ctx, connection); err == nil {
		err = r.startAgain(ctx, connection)
	}
	return r.figures, errors.Join(err, cfg.Server.Stop())
}

// run is one measurement as far as it has come.
type run struct {
	Config
	client  *esdb.Client
	figures Figures
	written int // events appended so far
}

// connect returns a client that has found its node.
func connect(connection string) (*esdb.Client, error) {
	config, err := esdb.ParseConnectionString(connection)
	if err != nil {
		return nil, fmt.Errorf("event store connection string: %w", err)
	}
	config.Logger = esdb.NoopLogging()
	client, err := esdb.NewClient(config)
	if err != nil {
		return nil, fmt.Errorf("event store client: %w", err)
	}
	if _, err := client.GetServerVersion(); err != nil {
		return nil, errors.Join(fmt.Errorf("reach the event store: %w", err), client.Close())
	}
	return client, nil
}

// calls measures everything that a client can see.
func (r *run) calls(ctx context.Context, connection string) (err error) {
	if r.client, err = connect(connection); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.client.Close()) }()
	for _, phase := range []struct {
		name    string
		measure func(context.Context) error
	}{
		{"one writer", r.appendOne},
		{"64 writers", r.append64},
		{"8 writers, 100 events a call", r.appendBatches},
		{"read a stream", r.readStream},
		{"read $all", r.readAll},
		{"subscribe, at 1,000 events a second", r.subscribe},
	} {
		r.Progress(phase.name)
		if err := phase.measure(ctx); err != nil {
			return fmt.Errorf("%s: %w", phase.name, err)
		}
	}
	return nil
}

// startAgain fills the store up and measures how long it takes to open.
func (r *run) startAgain(ctx context.Context, connection string) (err error) {
	r.Progress(fmt.Sprintf("start again on %d events", max(r.Events, r.written)))
	if err := r.fill(ctx, connection); err != nil {
		return fmt.Errorf("fill the store: %w", err)
	}
	peak, err := r.Server.Resident()
	if err != nil {
		return fmt.Errorf("memory of the store: %w", err)
	}
	if err := r.Server.Stop(); err != nil {
		return fmt.Errorf("stop the store: %w", err)
	}
	_, opening, err := r.Server.Start(ctx)
	if err != nil {
		return fmt.Errorf("start the store again: %w", err)
	}
	r.figures.Start1M = new(milliseconds(opening))
	r.figures.ResidentMB = new(float64(peak) / (1 << 20))
	return nil
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
