// Package sessions measures how sessions start, and what they leave behind: it
// plays one after the other, over all games that a playcast offers, each from
// its request to its first decoded frame and its end.
//
//	request ─▶ ready ─▶ connected ─▶ first frame ─▶ end ─▶ ended ─▶ what is left?
package sessions

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/playcast/playcast/bench/internal/server"
	"github.com/playcast/playcast/bench/player"
	"github.com/playcast/playcast/events"
)

// Config says what to measure.
type Config struct {
	Player   player.Config   // with no URL: of a playcast that is started for it
	Program  string          // the executable, to start that
	Catalog  string          // the text of its games.yaml
	Games    []events.GameID // empty: all that can be played
	Sessions int
	Data     string // the playcast's data, where it is on this machine; empty: not looked into
	Progress func(n int, game events.GameID)
}

// Figures are what is printed. Times are in milliseconds from the request.
type Figures struct {
	Total Game     `json:"total"`
	Games []Game   `json:"games"`
	Fails []string `json:"failed"` // why, a session each
	Left  []string `json:"left"`   // behind, a find each
}

// Game is what was measured of one game, or of all.
type Game struct {
	ID       events.GameID `json:"game"`
	Sessions int           `json:"sessions"`
	Failed   int           `json:"failed"`
	ReadyP50 float64       `json:"ready_p50_ms"`
	ReadyP95 float64       `json:"ready_p95_ms"`
	FrameP50 float64       `json:"first_frame_p50_ms"`
	FrameP95 float64       `json:"first_frame_p95_ms"`
}

// sample is one session.
type sample struct {
	game         events.GameID
	ready, frame time.Duration
	err          error
}

// Bounds of what is waited for.
const (
	frameWithin = 90 * time.Second
	endWithin   = 30 * time.Second
	goneWithin  = 15 * time.Second
)

// Measure plays. An error is one of the measurement; a session that fails is in
// the figures.
func Measure(ctx context.Context, cfg Config) (figures Figures, err error) {
	if cfg.Player.URL == "" {
		at, startErr := start(ctx, &cfg)
		if startErr != nil {
			return Figures{}, startErr
		}
		defer func() { err = errors.Join(err, at.Stop()) }()
	}
	return measure(ctx, cfg)
}

// start starts a playcast to be measured.
func start(ctx context.Context, cfg *Config) (*server.Server, error) {
	dir, err := server.NewDir()
	if err != nil {
		return nil, err
	}
	at, err := server.Start(ctx, dir, server.Config{Program: cfg.Program, Catalog: cfg.Catalog})
	if err != nil {
		return nil, err
	}
	cfg.Player = player.Config{URL: at.URL, Name: at.Name, Password: at.Password}
	cfg.Data = at.Path("data")
	return at, nil
}

func measure(ctx context.Context, cfg Config) (Figures, error) {
	account, err := player.SignIn(ctx, cfg.Player)
	if err != nil {
		return Figures{}, err
	}
	defer func() { account.Close() }()
	if len(cfg.Games) == 0 {
		if cfg.Games, err = account.Games(ctx); err != nil {
			return Figures{}, err
		}
	}
	if len(cfg.Games) == 0 {
		return Figures{}, errors.New("no game can be played: playcast doctor says what is missing")
	}
	var samples []sample
	figures := Figures{Fails: []string{}, Left: []string{}}
	signedIn := time.Now()
	for n := range cfg.Sessions {
		if time.Since(signedIn) > renewEvery {
			account.Close()
			if account, err = player.SignIn(ctx, cfg.Player); err != nil {
				return Figures{}, err
			}
			signedIn = time.Now()
		}
		game := cfg.Games[n%len(cfg.Games)]
		cfg.Progress(n+1, game)
		id, s := play(ctx, account, game)
		if ctx.Err() != nil {
			return Figures{}, ctx.Err()
		}
		samples = append(samples, s)
		if s.err != nil {
			figures.Fails = append(figures.Fails, fmt.Sprintf("%s of %s: %v", id, game, s.err))
		}
		figures.Left = append(figures.Left, left(ctx, cfg.Data, id)...)
	}
	figures.sum(samples, cfg.Games)
	return figures, nil
}

// renewEvery is how often to sign in anew: well within an access token's life.
const renewEvery = 2 * time.Minute

// play plays one session, and has it end whatever happened.
func play(ctx context.Context, account *player.Account, game events.GameID) (id events.SessionID, s sample) {
	s.game = game
	began := time.Now()
	bounded, cancel := context.WithTimeout(ctx, frameWithin)
	defer cancel()
	id, s.err = account.Request(bounded, game)
	if s.err != nil {
		return id, s
	}
	defer func() { s.err = errors.Join(s.err, end(ctx, account, id)) }()
	if _, s.err = account.Await(bounded, id, events.SessionIsReady); s.err != nil {
		return id, s
	}
	s.ready = time.Since(began)
	seen, once := make(chan time.Time, 1), sync.Once{}
	conn, err := account.Connect(bounded, id, player.Options{Handlers: player.Handlers{Frame: func(f *player.Frame) {
		once.Do(func() { seen <- f.Decoded })
	}}})
	if s.err = err; err != nil {
		return id, s
	}
	defer func() { s.err = errors.Join(s.err, conn.Close()) }()
	select {
	case at := <-seen:
		s.frame = at.Sub(began)
	case <-bounded.Done():
		s.err = fmt.Errorf("no frame in %s: %w", frameWithin, bounded.Err())
	}
	return id, s
}

func end(ctx context.Context, account *player.Account, id events.SessionID) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endWithin)
	defer cancel()
	if err := account.End(ctx, id); err != nil {
		return err
	}
	_, err := account.Await(ctx, id, events.SessionIsEnded)
	return err
}

// sum makes figures of samples.
func (f *Figures) sum(samples []sample, games []events.GameID) {
	f.Total = summed("all", samples)
	for _, game := range games {
		of := slices.DeleteFunc(slices.Clone(samples), func(s sample) bool { return s.game != game })
		f.Games = append(f.Games, summed(game, of))
	}
}

func summed(id events.GameID, samples []sample) Game {
	g := Game{ID: id, Sessions: len(samples)}
	var ready, frame []time.Duration
	for _, s := range samples {
		if s.err != nil {
			g.Failed++
			continue
		}
		ready, frame = append(ready, s.ready), append(frame, s.frame)
	}
	g.ReadyP50, g.ReadyP95 = quantile(ready, 50), quantile(ready, 95)
	g.FrameP50, g.FrameP95 = quantile(frame, 50), quantile(frame, 95)
	return g
}

// quantile is the value that a share of all, in hundredths, do not exceed
// (nearest rank), in milliseconds; 0 of none.
func quantile(values []time.Duration, share int) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	rank := (len(values)*share + 99) / 100
	return float64(values[max(rank, 1)-1].Microseconds()) / 1000
}
