package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// serveMetrics serves the figures of what runs here where no node does that.
func (p *platform) serveMetrics(ctx context.Context) error {
	at := p.command.Node.MetricsAt
	if at == "" || p.command.roles().has(nodeRole) {
		return nil
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", at)
	if err != nil {
		return fmt.Errorf("serve metrics: %w (--metrics-listen says where)", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(p.metrics, promhttp.HandlerOpts{ErrorHandling: promhttp.HTTPErrorOnError}))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10}
	served := make(chan struct{})
	go func() {
		defer close(served)
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			p.fail(fmt.Errorf("serve metrics: %w", err))
		}
	}()
	p.onStop("metrics", func(ctx context.Context) error {
		err := server.Shutdown(ctx)
		<-served
		return err
	})
	p.terminal.log.Info("metrics", "at", "http://"+listener.Addr().String()+"/metrics")
	return nil
}
