// Package spectator measures what a spectator on a bad line costs who plays.
//
//	namespace A                              link       namespace B
//	playcast up ─ media ─▶ the player's socket
//	            └─ media ─────────────────▶ 500 kb/s ─▶ the spectator's socket
//
// The same session is measured twice, alone and watched: the player's picture,
// as it arrives, and the processor time of the playcast; and of the spectator
// what they see.
package spectator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/playcast/playcast/bench/internal/link"
	"github.com/playcast/playcast/bench/internal/server"
	"github.com/playcast/playcast/bench/player"
	"github.com/playcast/playcast/events"
)

// Config says what to measure.
type Config struct {
	Program string        // the playcast
	Rate    int           // of the spectator's line, bits a second
	Leg     time.Duration // how long each part is measured
	Settle  time.Duration // before each
}

// Report is what was measured.
type Report struct {
	Rate      int  `json:"line_bps"`
	Alone     Seen `json:"alone"`
	Watched   Seen `json:"watched"`
	Spectator Seen `json:"spectator"`
}

const catalog = `games:
  - id: moving
    title: Moving
    description: Moves all over.
    genre: Test
    art: /art/latency-lab.svg
    command: ["{playcast}", lab, --scene, moving]
    width: 1280
    height: 720
    frameRate: 60
    inputs: [keyboard]
`

// Measure needs root: it makes networks of its own.
func Measure(ctx context.Context, cfg Config) (report Report, err error) {
	line := link.Conditions{Rate: cfg.Rate, Delay: 20 * time.Millisecond}
	l, err := link.Open(line, link.Conditions{Delay: line.Delay})
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	dir, err := server.NewDir()
	if err != nil {
		return report, err
	}
	at, err := server.Start(ctx, dir, server.Config{
		Program: cfg.Program, Catalog: catalog, Listen: "127.0.0.1:8080", // a port of the namespace's
		Args:  []string{"--slots", "1", "--media-ip", l.A.IP.String()},
		Start: func(cmd *exec.Cmd) error { return l.A.Start(cmd, syscall.SIGTERM) },
	})
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, at.Stop()) }()
	return report, (&measuring{Config: cfg, link: l, at: at, report: &report}).play(ctx)
}

type measuring struct {
	Config
	link    *link.Link
	at      *server.Server
	account *player.Account
	session events.SessionID
	report  *Report
}

func (m *measuring) play(ctx context.Context) (err error) {
	m.report.Rate = m.Rate
	if m.account, err = player.SignIn(ctx, player.Config{
		URL: m.at.URL, Name: m.at.Name, Password: m.at.Password, Dial: m.link.A.Dial,
	}); err != nil {
		return err
	}
	defer m.account.Close()
	if m.session, err = m.account.Play(ctx, "moving"); err != nil {
		return err
	}
	var playing eyes
	connection, err := m.connect(m.link.A, func(o player.Options) (*player.Connection, error) {
		o.Unit = playing.unit
		return m.account.Connect(ctx, m.session, o)
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, connection.Close()) }()
	if m.report.Alone, err = m.look(ctx, watched{&playing, connection}); err != nil {
		return err
	}
	code, err := m.account.Invite(ctx, m.session, events.InvitationToWatch)
	if err != nil {
		return err
	}
	var watching eyes
	spectator, err := m.connect(m.link.B, func(o player.Options) (*player.Connection, error) {
		o.Frame = watching.frame
		return m.account.Watch(ctx, code, o)
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, spectator.Close()) }()
	var looks sync.WaitGroup
	var other error
	looks.Go(func() { m.report.Spectator, other = m.look(ctx, watched{&watching, spectator}) })
	m.report.Watched, err = m.look(ctx, watched{&playing, connection})
	looks.Wait()
	m.report.Spectator.Processor, m.report.Spectator.Shape = 0, watching.shape()
	return errors.Join(err, other)
}

// connect opens a socket at an end of the link, and a connection on it.
func (m *measuring) connect(end link.End, open func(player.Options) (*player.Connection, error)) (*player.Connection, error) {
	socket, err := end.ListenUDP(&net.UDPAddr{IP: end.IP})
	if err != nil {
		return nil, err
	}
	// What a busy machine does not take in time must not pass for loss.
	if err := socket.SetReadBuffer(4 << 20); err != nil {
		return nil, errors.Join(err, socket.Close())
	}
	return open(player.Options{Packets: socket})
}

// look lets the picture settle, and measures it.
func (m *measuring) look(ctx context.Context, w watched) (seen Seen, err error) {
	if err := pass(ctx, w.connection, m.Settle); err != nil {
		return seen, err
	}
	began, bytes, spent := time.Now(), w.connection.Counts().Bytes, processorTime(m.at.PID())
	w.eyes.open()
	if err := pass(ctx, w.connection, m.Leg); err != nil {
		return seen, err
	}
	elapsed := time.Since(began).Seconds()
	seen = w.eyes.seen(elapsed)
	seen.Mbps = float64(w.connection.Counts().Bytes-bytes) * 8 / elapsed / 1e6
	seen.Processor = (processorTime(m.at.PID()) - spent).Seconds() / elapsed
	seen.Shape, err = m.account.Shape(ctx, m.session)
	return seen, err
}

// pass waits, unless the connection ends before.
func pass(ctx context.Context, c *player.Connection, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-c.Ended():
		return fmt.Errorf("a connection has ended before %s had passed", d)
	case <-ctx.Done():
		return ctx.Err()
	}
}
