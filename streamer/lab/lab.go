package lab

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"strconv"
	"sync"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// Config is how the lab runs. The zero value will do.
type Config struct {
	// FrameRate is how many frames it draws a second, beside those that
	// inputs cause; 0: 59.94. Against clocks of 60 Hz that sweeps all phases
	// in 17 s, where an even 60 would stay in one.
	FrameRate float64
	// Scene is what it shows; empty: Dusk.
	Scene Scene
	// OnTick draws a press with the next tick, as most games do, and not at
	// once.
	OnTick bool
	// Log takes a line for each press: which it was, the frame that showed it,
	// when the lab was told of it, and when that frame was on the display. Times
	// are Unix nanoseconds. Nil: none.
	//
	//	{"kind":"press","inputs":N,"frame":N,"seen":ns,"drawn":ns}
	Log io.Writer
	// Sound is the address of a PulseAudio, such as "unix:/run/…/native", in
	// which a frame that shows a press beeps. Empty: none.
	Sound  string
	Faults Faults
}

// Faults are planted, to see whether an instrument finds them.
type Faults struct {
	Delay     time.Duration // between a press and its frame
	TearEvery uint32        // of so many frames one has the bottom strip of the frame before; 0: none
	FlipEvery uint32        // of so many frames one has a wrong block in the bottom strip; 0: none
}

const (
	defaultFrameRate = 59.94
	maxFrameRate     = 1000
)

func (c Config) validate() error {
	if !(c.FrameRate > 0 && c.FrameRate <= maxFrameRate) {
		return fmt.Errorf("frame rate %g: want more than 0, at most %d", c.FrameRate, maxFrameRate)
	}
	if c.Faults.Delay < 0 {
		return fmt.Errorf("delay %s: want none less than 0", c.Faults.Delay)
	}
	return nil
}

// Run shows the lab on a display, with the cookie from the file authority,
// until ctx ends, and then returns nil. It returns an error if the display
// can't be used, or ends.
func Run(ctx context.Context, display, authority string, cfg Config) error {
	if cfg.FrameRate == 0 {
		cfg.FrameRate = defaultFrameRate
	}
	if err := run(ctx, display, authority, cfg); err != nil {
		return fmt.Errorf("latency lab: %w", err)
	}
	return nil
}

func run(ctx context.Context, display, authority string, cfg Config) error {
	if err := cfg.validate(); err != nil {
		return err
	}
	w, err := openWindow(display, authority)
	if err != nil {
		return err
	}
	p, err := newPainter(cfg.Scene, w.canvas)
	if err != nil {
		w.close()
		return err
	}
	l := &lab{Config: cfg, window: w, painter: p, start: time.Now(),
		period: time.Duration(float64(time.Second) / cfg.FrameRate)}
	if cfg.Sound == "" {
		return l.run(ctx)
	}
	if l.speaker, err = openSpeaker(cfg.Sound); err != nil {
		w.close()
		return err
	}
	return errors.Join(l.run(ctx), l.speaker.close())
}

// lab is a running lab. One goroutine owns it, the one in run; another reads
// the connection.
type lab struct {
	Config
	window  *window
	painter *painter
	speaker *speaker // nil: silent
	period  time.Duration
	start   time.Time
	tick    time.Time // the next

	reading  Reading // of the last frame
	pointer  *image.Point
	presses  []time.Time // when those were seen that no frame shows yet
	unlogged []time.Time // those that the frame shows that is drawn
	line     []byte
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
	timer := time.NewTimer(0) // the first tick is at once
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case event, open := <-events:
			if !open {
				return errDisplayGone
			}
			l.see(event, time.Now())
		case <-timer.C:
		}
		now := time.Now()
		if l.due(now) {
			if err := l.draw(); err != nil {
				if ctx.Err() != nil {
					return nil
				}
				return err
			}
		}
		timer.Reset(l.wait(time.Now()))
	}
}

// see takes an event. Motion is drawn with the next frame.
func (l *lab) see(event xgb.Event, now time.Time) {
	switch e := event.(type) {
	case xproto.KeyPressEvent, xproto.ButtonPressEvent:
		l.presses = append(l.presses, now)
	case xproto.MotionNotifyEvent:
		l.pointer = &image.Point{X: int(e.EventX), Y: int(e.EventY)}
	}
}

// due tells whether it is time for a frame, and counts the presses that it
// shows. Ticks are counted from the start, so they don't drift, and those that
// were missed are left out.
func (l *lab) due(now time.Time) bool {
	ticks := !now.Before(l.tick)
	if ticks {
		l.tick = now.Add(l.period - now.Sub(l.start)%l.period)
	} else if l.OnTick {
		return false
	}
	for len(l.presses) > 0 && now.Sub(l.presses[0]) >= l.Faults.Delay {
		l.reading.Inputs++
		l.unlogged = append(l.unlogged, l.presses[0])
		l.presses = l.presses[1:]
	}
	return ticks || len(l.unlogged) > 0
}

// wait is how long nothing is due.
func (l *lab) wait(now time.Time) time.Duration {
	next := l.tick
	if len(l.presses) > 0 && !l.OnTick {
		if due := l.presses[0].Add(l.Faults.Delay); due.Before(next) {
			next = due
		}
	}
	return next.Sub(now)
}

// draw draws and shows the next frame.
func (l *lab) draw() error {
	before := l.reading
	before.Inputs -= uint32(len(l.unlogged))
	l.reading.Frame++
	l.painter.draw(l.reading, l.pointer)
	l.plant(before)
	if err := l.window.present(); err != nil {
		return fmt.Errorf("show a frame: %w", err)
	}
	if l.speaker != nil && len(l.unlogged) > 0 {
		l.speaker.press()
	}
	return l.record(time.Now())
}

// plant spoils the frame where it is to be.
func (l *lab) plant(before Reading) {
	f := l.Faults
	switch frame := l.reading.Frame; {
	case f.TearEvery > 0 && frame%f.TearEvery == 0:
		l.painter.drawStrip(Bottom, before)
	case f.FlipEvery > 0 && frame%f.FlipEvery == 0:
		l.painter.flip(Bottom, int(frame/f.FlipEvery)%bitCount)
	}
}

// record logs the presses that the frame shows.
func (l *lab) record(drawn time.Time) error {
	if l.Log != nil {
		l.line = l.line[:0]
		for i, seen := range l.unlogged {
			inputs := l.reading.Inputs - uint32(len(l.unlogged)-1-i)
			l.line = append(l.line, `{"kind":"press","inputs":`...)
			l.line = strconv.AppendUint(l.line, uint64(inputs), 10)
			l.line = append(l.line, `,"frame":`...)
			l.line = strconv.AppendUint(l.line, uint64(l.reading.Frame), 10)
			l.line = append(l.line, `,"seen":`...)
			l.line = strconv.AppendInt(l.line, seen.UnixNano(), 10)
			l.line = append(l.line, `,"drawn":`...)
			l.line = strconv.AppendInt(l.line, drawn.UnixNano(), 10)
			l.line = append(l.line, "}\n"...)
		}
		if len(l.line) > 0 {
			if _, err := l.Log.Write(l.line); err != nil {
				return fmt.Errorf("log a press: %w", err)
			}
		}
	}
	l.unlogged = l.unlogged[:0]
	return nil
}

var errDisplayGone = errors.New("the X server closed the connection")
