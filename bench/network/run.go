package network

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/playcast/playcast/bench/internal/link"
	"github.com/playcast/playcast/bench/internal/server"
	"github.com/playcast/playcast/bench/player"
)

// observe plays a scenario once.
//
//	namespace A            this process        namespace B
//	playcast up ─ media ─▶    link      ─▶ socket of the player (this process)
//	           ◀──────── signalling, past the link ────┘
func observe(ctx context.Context, cfg Config, s scenario, controller string) (seen observed, err error) {
	first := s.legs[0]
	l, err := link.Open(first.Conditions, first.back())
	if err != nil {
		return seen, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	at, err := serve(ctx, cfg.Program, l.A, controller)
	if err != nil {
		return seen, err
	}
	defer func() { err = errors.Join(err, at.Stop()) }()
	w := &watcher{number: cfg.Number, began: l.Began(), playing: make(chan struct{}), rtp: map[uint32]int{}}
	err = play(ctx, l, at, w, func() error {
		seen.legs, err = pass(ctx, cfg, l, s)
		seen.packets, seen.late = l.Down.Packets(), l.Down.Late()
		return err
	})
	if err := errors.Join(err, at.End()); err != nil {
		return seen, err
	}
	if len(w.frames) == 0 {
		return seen, errUnreadable
	}
	seen.frames, seen.unreadable = w.frames, w.unreadable
	seen.estimates, err = w.join(at.Path(traceName))
	return seen, err
}

// catalog has one game, that moves all over and numbers its frames.
const catalog = `games:
  - id: moving
    title: Moving
    description: Numbers its frames.
    genre: Test
    art: /art/latency-lab.svg
    command: ["{playcast}", lab, --scene, moving]
    width: 1280
    height: 720
    frameRate: 60
    inputs: [keyboard]
`

const traceName = "trace"

// serve starts a playcast at an end of the link.
func serve(ctx context.Context, program string, at link.End, controller string) (*server.Server, error) {
	dir, err := server.NewDir()
	if err != nil {
		return nil, err
	}
	arguments := []string{"--slots", "1", "--media-ip", at.IP.String(), "--trace", filepath.Join(dir, traceName)}
	if controller == "gcc" {
		arguments = append(arguments, "--congestion", controller)
	}
	return server.Start(ctx, dir, server.Config{
		Program: program, Catalog: catalog, Args: arguments, Listen: "127.0.0.1:8080", // a port of the namespace's
		Start: func(cmd *exec.Cmd) error { return at.Start(cmd, syscall.SIGTERM) },
	})
}

// frameWithin is how long the first frame may take.
const frameWithin = 30 * time.Second

// play connects a player and calls f while the picture runs.
func play(ctx context.Context, l *link.Link, at *server.Server, w *watcher, f func() error) error {
	account, err := player.SignIn(ctx, player.Config{URL: at.URL, Name: at.Name, Password: at.Password, Dial: l.A.Dial})
	if err != nil {
		return err
	}
	defer account.Close()
	session, err := account.Play(ctx, "moving")
	if err != nil {
		return err
	}
	socket, err := l.B.ListenUDP(&net.UDPAddr{IP: l.B.IP})
	if err != nil {
		return err
	}
	// What a busy machine does not take in time must not pass for loss.
	if err := socket.SetReadBuffer(4 << 20); err != nil {
		return errors.Join(err, socket.Close())
	}
	connection, err := account.Connect(ctx, session, player.Options{
		Handlers: player.Handlers{Frame: w.see}, Packets: socket,
	})
	if err != nil {
		return err
	}
	select {
	case <-w.playing:
		err = f()
	case <-connection.Ended():
		err = errors.New("the connection has ended before a frame came")
	case <-ctx.Done():
		err = ctx.Err()
	case <-time.After(frameWithin):
		err = fmt.Errorf("no frame came in %s", frameWithin)
	}
	return errors.Join(err, connection.Close())
}

// pass lets the picture settle, and then the legs pass.
func pass(ctx context.Context, cfg Config, l *link.Link, s scenario) ([]timedLeg, error) {
	var legs []timedLeg
	from := time.Since(l.Began()) + cfg.Settle
	for _, leg := range s.legs {
		if err := until(ctx, l, from); err != nil {
			return nil, err
		}
		l.Down.Set(leg.Conditions)
		l.Up.Set(leg.back())
		to := from + time.Duration(leg.share*float64(cfg.Leg))
		legs = append(legs, timedLeg{leg: leg, from: from, to: to})
		from = to
	}
	return legs, until(ctx, l, from)
}

func until(ctx context.Context, l *link.Link, at time.Duration) error {
	timer := time.NewTimer(at - time.Since(l.Began()))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// watcher notes the frames that a player sees. The player calls see from one
// goroutine; the rest is for after its end.
type watcher struct {
	number  func(width, height int, luma func(x, y int) byte) (uint32, error)
	began   time.Time
	playing chan struct{} // closed with the first frame
	once    sync.Once

	frames     []seenFrame
	rtp        map[uint32]int // RTP timestamps of the frames
	unreadable []time.Duration
}

func (w *watcher) see(f *player.Frame) {
	w.once.Do(func() { close(w.playing) })
	number, err := w.number(f.Width, f.Height, f.Luma)
	if err != nil {
		w.unreadable = append(w.unreadable, f.Decoded.Sub(w.began))
		return
	}
	w.rtp[f.RTP] = len(w.frames)
	w.frames = append(w.frames, seenFrame{number: number, decoded: f.Decoded.Sub(w.began), width: f.Width})
}

// join takes from the server's trace when the frames were captured, and what
// the congestion control estimated.
func (w *watcher) join(trace string) ([]estimated, error) {
	file, err := os.Open(trace)
	if err != nil {
		return nil, fmt.Errorf("read the server's trace: %w", err)
	}
	defer file.Close()
	var estimates []estimated
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var line struct {
			Kind     string
			RTP      uint32
			Captured int64
			At       int64
			Estimate int
			Queue    time.Duration `json:"queue_delay"`
			BitRate  int           `json:"bit_rate"`
			Probe    int
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			continue // the line that is being written
		}
		switch line.Kind {
		case "frame":
			if i, ok := w.rtp[line.RTP]; ok {
				w.frames[i].captured = w.since(line.Captured)
			}
		case "path":
			estimates = append(estimates, estimated{
				at: w.since(line.At), bps: line.Estimate, queue: line.Queue, rate: line.BitRate, probe: line.Probe,
			})
		}
	}
	return estimates, lines.Err()
}

// since is a Unix time in the link's.
func (w *watcher) since(ns int64) time.Duration { return time.Unix(0, ns).Sub(w.began) }
