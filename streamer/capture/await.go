package capture

import (
	"errors"
	"io"
	"os"
	"sync/atomic"
	"time"
)

// calls are what others want of Read, which looks when it is woken.
type calls struct {
	refresh atomic.Bool
	input   atomic.Int64  // when the last input was played, as Unix nanoseconds
	drawn   atomic.Int64  // when something new was seen last, likewise
	woken   chan struct{} // of capacity 1: full, it will look
}

// timing is when pictures were and will be taken.
type timing struct {
	pace     pace
	change   change
	captured time.Time
	timer    *time.Timer
}

// Refresh makes a picture due even though nothing has changed: Read, if one is
// waiting, returns as soon as the frame rate lets it. For who needs a key frame
// of a still screen.
func (s *Screen) Refresh() {
	s.calls.refresh.Store(true)
	s.wake()
}

// Hurry says that an input has been played just now. What is drawn in the next
// 50 ms is taken at once and not when the frame rate lets it, except for what
// would be the second such picture in half a frame's time; later pictures make
// up for it, so that the rate holds in the long run.
func (s *Screen) Hurry() {
	s.calls.input.Store(time.Now().UnixNano())
	s.wake()
}

func (s *Screen) wake() {
	select {
	case s.calls.woken <- struct{}{}:
	default:
	}
	// Ends the wait for the server's next packet. When the connection is
	// closed, Read knows already.
	_ = s.grabber.conn.SetReadDeadline(time.Unix(1, 0))
}

// await returns when a picture is due: the frame rate lets it, and there is
// damage that had time to settle, a refresh, or nothing for too long.
func (s *Screen) await() error {
	for {
		err := s.look()
		if err != nil {
			return err
		}
		due := s.due()
		wait := time.Until(due)
		switch {
		case wait <= 0:
			s.calls.refresh.Store(false)
			return nil
		case s.timing.change.drawn.IsZero():
			if s.overlay != nil && s.overlay.visible() {
				due = time.Now().Add(min(wait, s.timing.pace.period))
			}
			err = s.listen(due)
		default: // the server has no more to say before the picture is taken
			err = s.sleep(wait)
		}
		if err != nil {
			return err
		}
	}
}

// look notes what was drawn and which inputs were played.
func (s *Screen) look() error {
	if input := time.Unix(0, s.calls.input.Load()); input.After(s.timing.change.input) {
		s.timing.change.hurry(input)
	}
	if s.overlay != nil {
		changed, err := s.overlay.look(s.grabber.wire)
		if err != nil {
			return err
		}
		if changed {
			s.see(0)
		}
	}
	if s.grabber.noticed {
		s.grabber.noticed = false
		settle := s.cfg.Settle
		if 2*s.grabber.drawn() >= s.cfg.Width*s.cfg.Height {
			settle = 0
		}
		s.see(settle)
	}
	return nil
}

// see notes that something was drawn.
func (s *Screen) see(settle time.Duration) {
	now := time.Now()
	s.timing.change.see(now, settle)
	s.calls.drawn.Store(now.UnixNano())
}

// Drawn is when Read has last seen something new; zero: never. Any goroutine may
// ask.
func (s *Screen) Drawn() time.Time {
	at := s.calls.drawn.Load()
	if at == 0 {
		return time.Time{}
	}
	return time.Unix(0, at)
}

// due is when a picture is to be taken if nothing else happens.
func (s *Screen) due() time.Time {
	t := &s.timing
	if !t.change.drawn.IsZero() {
		return t.change.due(&t.pace)
	}
	asked := t.captured.Add(t.change.repeat)
	if s.calls.refresh.Load() {
		asked = t.captured
	}
	return later(asked, t.pace.earliest(t.captured, false))
}

// listen waits for a packet, a call, or the moment.
func (s *Screen) listen(until time.Time) error {
	if err := s.grabber.conn.SetReadDeadline(until); err != nil {
		return err
	}
	select {
	case <-s.calls.woken: // before it could move that deadline
		return nil
	default:
	}
	if _, err := s.grabber.next(); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	return nil
}

// sleep waits for a call or until d has passed. Unlike a deadline that strikes,
// it allocates nothing.
func (s *Screen) sleep(d time.Duration) error {
	s.timing.timer.Reset(d)
	select {
	case <-s.timing.timer.C:
	case <-s.calls.woken:
	case <-s.done:
		return io.EOF
	}
	return nil
}
