package signalling

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/playcast/playcast/events"
)

// Server answers for a worker, or for whoever else is asked whether they are
// there. Close it.
type Server struct {
	worker      Worker // nil: there is none
	incarnation func() string
	server      *http.Server
	group       sync.WaitGroup
}

// Serve answers on a listener, which it closes. incarnation names the worker's
// process as the log knows it.
func Serve(listener net.Listener, secret Secret, worker Worker, incarnation func() string, log *slog.Logger) (*Server, error) {
	config, err := secret.tls(workerSide, gatewaySide)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	s := &Server{worker: worker, incarnation: incarnation}
	s.server = &http.Server{
		Handler: s.paths(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: askWithin + 5*time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 8 << 10,
		// Its own words are about who knocks without the secret.
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	s.group.Go(func() {
		if err := s.server.Serve(tls.NewListener(listener, config)); !errors.Is(err, http.ErrServerClosed) {
			log.Error("signalling from other processes has stopped", "error", err)
		}
	})
	return s, nil
}

// ServeHere answers on a listener, which it closes, that a process is there, and
// nothing else. incarnation names the process as the log knows it.
func ServeHere(listener net.Listener, secret Secret, incarnation func() string, log *slog.Logger) (*Server, error) {
	return Serve(listener, secret, nil, incarnation, log)
}

// Close hears out who is being answered, until the context ends.
func (s *Server) Close(ctx context.Context) error {
	defer s.group.Wait()
	if err := s.server.Shutdown(ctx); err != nil {
		return s.server.Close()
	}
	return nil
}

func (s *Server) paths() http.Handler {
	mux := http.NewServeMux()
	serve := func(path string, take func(context.Context, question) (answer, error)) {
		mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) { reply(w, r, take) })
	}
	serve(pathHere, func(context.Context, question) (answer, error) {
		return answer{Incarnation: s.incarnation()}, nil
	})
	if s.worker == nil {
		return mux
	}
	for path, take := range map[string]func(context.Context, question) (answer, error){
		pathConnect: func(ctx context.Context, q question) (a answer, err error) {
			a.Peer, a.Answer, err = s.worker.Connect(ctx, q.Session, q.Seat, q.Offer)
			return a, err
		},
		pathTrickle: func(ctx context.Context, q question) (answer, error) {
			return answer{}, s.worker.Trickle(ctx, q.peer(), q.ICE, q.Fragment)
		},
		pathRestart: func(ctx context.Context, q question) (a answer, err error) {
			a.Answer, err = s.worker.Restart(ctx, q.peer(), q.Fragment)
			return a, err
		},
		pathDisconnect: func(ctx context.Context, q question) (answer, error) {
			return answer{}, s.worker.Disconnect(ctx, q.peer())
		},
		pathRelays: func(ctx context.Context, q question) (a answer, err error) {
			a.Relays, err = s.worker.Relays(ctx, q.Session)
			return a, err
		},
	} {
		serve(path, take)
	}
	return mux
}

// errNotRead is for what no gateway sends.
var errNotRead = &events.Fault{Kind: events.Invalid, Code: "question-invalid",
	Message: "The worker could not read what it was asked. Do gateway and worker run the same playcast?"}

func reply(w http.ResponseWriter, r *http.Request, take func(context.Context, question) (answer, error)) {
	ctx, cancel := context.WithTimeout(r.Context(), askWithin)
	defer cancel()
	q, err := read(http.MaxBytesReader(w, r.Body, maxBody))
	var a answer
	if err == nil {
		a, err = take(ctx, q)
	}
	if err != nil {
		a = answer{Refusal: refusal(err)}
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(a); err != nil {
		return // who has asked has gone: there is nobody to tell
	}
}

// read takes a question from whoever asks.
func read(from io.Reader) (question, error) {
	var q question
	body, err := io.ReadAll(from)
	if err != nil {
		return q, errNotRead
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if decoder.Decode(&q) != nil || decoder.More() {
		return question{}, errNotRead
	}
	return q, nil
}

func refusal(err error) *fault {
	var f *events.Fault
	if errors.As(err, &f) {
		return &fault{Kind: kinds[f.Kind], Code: f.Code, Message: f.Message}
	}
	return &fault{Message: err.Error()}
}
