package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/playcast/playcast/schema/local"
)

// restartsAMinute is how often the private database is started again: one that
// ends sooner than that does not get better by it.
const restartsAMinute = 3

// ownDatabase is the private PostgreSQL of a data directory. When it ends unasked
// it is started again, at the same address: commands go on meanwhile, and games.
type ownDatabase struct {
	config local.Config
	url    string
	ctx    context.Context // ends with close
	cancel context.CancelFunc
	kept   chan struct{} // closed when nobody starts it any more

	mu     sync.Mutex
	server *local.Server
}

// openOwnDatabase starts it. When it can't be kept up, failed is told.
func openOwnDatabase(ctx context.Context, config local.Config, failed func(error)) (*ownDatabase, error) {
	server, err := local.Start(ctx, config)
	if err != nil {
		return nil, err
	}
	d := &ownDatabase{config: config, url: server.URL(), server: server, kept: make(chan struct{})}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	go d.keep(failed)
	return d, nil
}

func (d *ownDatabase) close(context.Context) error {
	d.cancel()
	defer func() { <-d.kept }()
	d.mu.Lock()
	defer d.mu.Unlock()
	select {
	case <-d.server.Exited(): // unasked, which was said
		_ = d.server.Close()
		return nil
	default:
		return d.server.Close()
	}
}

func (d *ownDatabase) keep(failed func(error)) {
	defer close(d.kept)
	var ends []time.Time
	for server := d.server; ; {
		<-server.Exited()
		if d.ctx.Err() != nil {
			return
		}
		now := time.Now()
		for len(ends) > 0 && now.Sub(ends[0]) > time.Minute {
			ends = ends[1:]
		}
		if ends = append(ends, now); len(ends) > restartsAMinute {
			failed(errors.New("the private PostgreSQL has ended again and again: its log is in the data directory, under postgres"))
			return
		}
		d.config.Logger.Error("the private PostgreSQL has ended and is started again: its log is in the data directory, under postgres")
		again, err := d.again()
		if err != nil && d.ctx.Err() == nil {
			failed(fmt.Errorf("the private PostgreSQL has ended, and can't be started again: %w", err))
		}
		if err != nil {
			return
		}
		server = again
	}
}

// again starts what has ended.
func (d *ownDatabase) again() (*local.Server, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	_ = d.server.Close() // which says that it did not end well
	server, err := local.Start(d.ctx, d.config)
	if err != nil {
		return nil, err
	}
	d.server = server
	if server.URL() != d.url { // where its path is too long for a socket
		return nil, errors.New("its address is another one now")
	}
	return server, nil
}
