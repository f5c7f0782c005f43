package lab

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// Config is how the lab runs.
type Config struct {
	// FrameRate is how many frames it draws a second, beside those that
	// inputs cause; 0: 59.94. Against clocks of 60 Hz that sweeps all phases
	// in 17 s, where an even 60 would stay in one.
	FrameRate float64
}

const (
	defaultFrameRate = 59.94
	maxFrameRate     = 1000
)

// Run shows the lab on a display, with the cookie from the file authority,
// until ctx ends, and then returns nil. It returns an error if the display
// can't be used, or ends.
func Run(ctx context.Context, display, authority string, cfg Config) error {
	if cfg.FrameRate == 0 {
		cfg.FrameRate = defaultFrameRate
	}
	if !(cfg.FrameRate > 0 && cfg.FrameRate <= maxFrameRate) {
		return fmt.Errorf("latency lab: frame rate %g: want more than 0, at most %d", cfg.FrameRate, maxFrameRate)
	}
	w, err := openWindow(display, authority)
	if err != nil {
		return fmt.Errorf("latency lab: %w", err)
	}
	l := &lab{window: w, scene: newScene(w.canvas), start: time.Now(),
		period: time.Duration(float64(time.Second) / cfg.FrameRate)}
	if err := l.run(ctx); err != nil {
		return fmt.Errorf("latency lab: %w", err)
	}
	return nil
}

// lab is a running lab. One goroutine owns it, the one in run; another reads
// the connection.
type lab struct {
	window *window
	scene  *scene
	period time.Duration
	start  time.Time

	moment  moment
	pressed time.Time // the last press; zero: none
}

// maxEvents is how many events may wait. While it is full the reader waits, and
// X keeps what comes: no press is lost.
const maxEvents = 64

func (l *lab) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	events := make(chan xgb.Event, maxEvents)
	var reader sync.WaitGroup
	reader.Go(func() { l.window.watch(ctx, events) })
	defer func() {
		cancel()
		l.window.close()
		reader.Wait()
	}()
	if err := l.draw(); err != nil {
		return err
	}
	timer := time.NewTimer(l.untilTick())
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case event, open := <-events:
			if !open {
				return errDisplayGone
			}
			if !l.see(event) {
				continue // motion is drawn with the next tick
			}
		case <-timer.C:
			timer.Reset(l.untilTick())
		}
		if err := l.draw(); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// untilTick returns how long it is to the next tick. Ticks are counted from
// the start, so they don't drift, and those that were missed are left out.
func (l *lab) untilTick() time.Duration {
	return l.period - time.Since(l.start)%l.period
}

// see takes an event, and tells whether it is a press.
func (l *lab) see(event xgb.Event) bool {
	switch e := event.(type) {
	case xproto.KeyPressEvent, xproto.ButtonPressEvent:
		l.moment.Inputs++
		l.pressed = time.Now()
		return true
	case xproto.MotionNotifyEvent:
		l.moment.pointX, l.moment.pointY, l.moment.pointVisible = int(e.EventX), int(e.EventY), true
	}
	return false
}

// draw draws and shows the next frame.
func (l *lab) draw() error {
	l.moment.Frame++
	l.moment.elapsed = time.Since(l.start)
	l.moment.sincePress = -1
	if !l.pressed.IsZero() {
		l.moment.sincePress = time.Since(l.pressed)
	}
	l.scene.draw(l.moment)
	if err := l.window.present(); err != nil {
		return fmt.Errorf("show a frame: %w", err)
	}
	return nil
}

var errDisplayGone = errors.New("the X server closed the connection")
