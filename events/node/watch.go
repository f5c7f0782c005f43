package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// watch is the node's page for those who look after it, over HTTP, with TLS and
// users where the node has them:
//
//	GET /health/live   200 as long as the node serves; for all
//	GET /metrics       for Prometheus;                 $ops or $admins
//	GET /stats         Stats as JSON;                  $ops or $admins
//	GET /backup        Backup, a tar stream;           $admins
//	POST /scavenge     Scavenge, answered when done;   $ops or $admins
//
// A backup that is whole ends with the trailer WholeTrailer; one without it
// failed on its way, and Restore refuses it.
type watch struct {
	node    *Node
	address *net.TCPAddr
	server  *http.Server
	logger  *slog.Logger
	cancel  context.CancelFunc // ends the requests in progress
	served  chan struct{}      // closed when the server accepts no more
}

// WholeTrailer is the HTTP trailer of a backup that is whole.
const WholeTrailer = "Playcast-Backup-Whole"

// startWatch serves the listener until close.
func startWatch(n *Node, more prometheus.Gatherer, listener net.Listener, logger *slog.Logger) (*watch, error) {
	registry := prometheus.NewRegistry()
	for _, c := range []prometheus.Collector{metrics{n}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})} {
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("register metrics: %w", err)
		}
	}
	all := prometheus.Gatherers{registry}
	if more != nil {
		all = append(all, more)
	}
	ctx, cancel := context.WithCancel(context.Background())
	w := &watch{node: n, address: listener.Addr().(*net.TCPAddr), logger: logger, cancel: cancel, served: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health/live", func(to http.ResponseWriter, _ *http.Request) { fmt.Fprintln(to, "live") })
	mux.Handle("GET /metrics", w.guarded(promhttp.HandlerFor(all, promhttp.HandlerOpts{ErrorHandling: promhttp.HTTPErrorOnError}), RoleOps))
	mux.Handle("GET /stats", w.guarded(http.HandlerFunc(w.stats), RoleOps))
	mux.Handle("GET /backup", w.guarded(http.HandlerFunc(w.backup), RoleAdmins))
	mux.Handle("POST /scavenge", w.guarded(http.HandlerFunc(w.scavenge), RoleOps))
	w.server = &http.Server{
		Handler: http.NewCrossOriginProtection().Handler(mux), TLSConfig: n.secured.tls.Clone(),
		ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
		BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog:    slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
	go func() {
		defer close(w.served)
		var err error
		if w.server.TLSConfig != nil {
			err = w.server.ServeTLS(listener, "", "")
		} else {
			err = w.server.Serve(listener)
		}
		if !errors.Is(err, http.ErrServerClosed) {
			logger.Error("event store: accept watchers", "error", err)
		}
	}()
	return w, nil
}

// close ends the requests in progress and waits for them.
func (w *watch) close() error {
	w.cancel()
	grace, cancel := context.WithTimeout(context.Background(), closeGrace)
	defer cancel()
	err := w.server.Shutdown(grace)
	if errors.Is(err, context.DeadlineExceeded) {
		err = w.server.Close()
	}
	<-w.served
	return err
}

// guarded lets in who plays the role, or RoleAdmins. A node without users is
// on loopback, where a page of some other site could still make a browser ask
// for it by a name of its own: hence only the names of this machine count.
func (w *watch) guarded(page http.Handler, role string) http.Handler {
	return http.HandlerFunc(func(to http.ResponseWriter, r *http.Request) {
		if w.node.secured.users == nil {
			if !ownName(r.Host) {
				http.Error(to, "this page is for this machine: ask for it by 127.0.0.1 or localhost", http.StatusForbidden)
				return
			}
			page.ServeHTTP(to, r)
			return
		}
		name, password, _ := r.BasicAuth()
		u, ok, err := w.node.secured.users.signIn(r.Context(), name, password)
		switch {
		case err != nil: // the caller has gone
		case !ok:
			w.node.traffic.refused.Add(1)
			to.Header().Set("WWW-Authenticate", `Basic realm="event store", charset="UTF-8"`)
			http.Error(to, "this page wants a user's name and password", http.StatusUnauthorized)
		case !u.plays(role) && !u.plays(RoleAdmins):
			w.node.traffic.refused.Add(1)
			http.Error(to, fmt.Sprintf("user %q has neither the role %s nor %s", u.Name, role, RoleAdmins), http.StatusForbidden)
		default:
			page.ServeHTTP(to, r)
		}
	})
}

func ownName(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (w *watch) stats(to http.ResponseWriter, _ *http.Request) {
	s, err := w.node.Stats()
	if err != nil {
		http.Error(to, err.Error(), http.StatusServiceUnavailable)
		return
	}
	to.Header().Set("Content-Type", "application/json")
	out := json.NewEncoder(to)
	out.SetIndent("", "  ")
	_ = out.Encode(s) // fails where the caller has gone
}

func (w *watch) scavenge(to http.ResponseWriter, r *http.Request) {
	done, err := w.node.Scavenge(r.Context())
	switch {
	case errors.Is(err, ErrScavenging):
		http.Error(to, err.Error(), http.StatusConflict)
	case err != nil:
		http.Error(to, err.Error(), http.StatusInternalServerError)
	default:
		to.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(to).Encode(done) // fails where the caller has gone
	}
}

func (w *watch) backup(to http.ResponseWriter, r *http.Request) {
	to.Header().Set("Content-Type", "application/x-tar")
	to.Header().Set("Content-Disposition", `attachment; filename="events.tar"`)
	to.Header().Set("Trailer", WholeTrailer)
	if err := w.node.Backup(r.Context(), to); err != nil {
		w.logger.Warn("event store: a backup ended early", "error", err)
		return
	}
	to.Header().Set(WholeTrailer, "true")
}
