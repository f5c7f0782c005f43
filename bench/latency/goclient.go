package latency

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/playcast/playcast/bench/player"
)

// How the presses come.
const (
	leastGap, mostGap = 80 * time.Millisecond, 250 * time.Millisecond
	holdFor           = 30 * time.Millisecond
	lastWait          = time.Second // for the picture of the last press
	pictureWithin     = 30 * time.Second
)

// goClient is our player without a browser. What it presents is there when it
// is decoded.
type goClient struct {
	order
	account    *player.Account
	connection *player.Connection
	changes    uint32
	first      chan struct{} // closed with the first picture
	began      sync.Once
	quiet      bool // the decoder's goroutine has told of a fault

	mu      sync.Mutex // over what follows, which the decoder's goroutine uses too
	sights  []sight
	compare *comparison // nil: nothing is compared
}

// comparison takes a picture now and then.
type comparison struct {
	drawn *drawn
	next  time.Time
	want  int
	psnr  []float64
	done  chan struct{} // closed with the last picture
}

// every is the time between two pictures that are compared.
const every = 250 * time.Millisecond

var _ client = (*goClient)(nil)

func (c *goClient) Open(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, pictureWithin)
	defer cancel()
	c.first = make(chan struct{})
	c.account, err = player.SignIn(ctx, player.Config{URL: c.at.URL, Name: c.at.Name, Password: c.at.Password})
	if err != nil {
		return err
	}
	session, err := c.account.Play(ctx, game)
	if err != nil {
		return err
	}
	c.connection, err = c.account.Connect(ctx, session, player.Options{Handlers: player.Handlers{
		Frame: c.see, Sound: func(time.Time, []byte) {}}})
	if err != nil {
		return err
	}
	select {
	case <-c.first:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("no picture came: %w: %+v", ctx.Err(), c.connection.Counts())
	}
}

// see runs on the decoder's goroutine.
func (c *goClient) see(f *player.Frame) {
	s := sight{RTP: f.RTP, Arrived: f.Last.UnixNano(), Decoded: f.Decoded.UnixNano(), Presented: time.Now().UnixNano(),
		Width: f.Width, Height: f.Height}
	reading, err := c.game.Read(&f.Picture)
	switch {
	case errors.Is(err, ErrTorn):
		s.Fault = torn
	case err != nil:
		s.Fault = unreadable
	}
	if err != nil && !c.quiet {
		c.quiet = true // one will do to look into
		c.progress(fmt.Sprintf("a picture of %d by %d (key frame: %t): %v", f.Width, f.Height, f.Key, err))
	}
	s.Frame, s.Inputs = reading.Frame, reading.Inputs
	c.began.Do(func() { close(c.first) })
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sights = append(c.sights, s)
	if c.compare != nil && s.Fault == clean {
		c.compare.take(&f.Picture, reading, f.Decoded)
	}
}

// take compares a picture, if it is time for one.
func (c *comparison) take(p *player.Picture, r Reading, now time.Time) {
	if now.Before(c.next) || len(c.psnr) == c.want {
		return
	}
	c.next = now.Add(every)
	if c.psnr = append(c.psnr, c.drawn.psnr(p, r)); len(c.psnr) == c.want {
		close(c.done)
	}
}

func (c *goClient) Play(ctx context.Context, presses int) (p played, err error) {
	before := c.connection.Counts()
	c.mu.Lock()
	c.sights = nil
	c.mu.Unlock()
	p.Began = time.Now().UnixNano()
	for at := time.Now(); len(p.Presses) < presses; at = at.Add(leastGap + rand.N(mostGap-leastGap)) {
		if err := c.until(ctx, at); err != nil {
			return p, err
		}
		p.Presses = append(p.Presses, time.Now().UnixNano())
		if err := c.change(); err != nil {
			return p, err
		}
		if err := c.until(ctx, at.Add(holdFor)); err != nil {
			return p, err
		}
		if err := c.change(); err != nil {
			return p, err
		}
	}
	if err := wait(ctx, lastWait); err != nil {
		return p, err
	}
	p.Ended = time.Now().UnixNano()
	after := c.connection.Counts()
	p.Bytes, p.Frames, p.Sound = after.Bytes-before.Bytes, after.Units-before.Units, after.Sound-before.Sound
	c.mu.Lock()
	defer c.mu.Unlock()
	p.Sights, c.sights = c.sights, nil
	p.Shown = int64(len(p.Sights))
	return p, nil
}

// change presses the key, or releases it.
func (c *goClient) change() error {
	c.changes++
	message, err := c.game.Input(c.changes)
	if err != nil {
		return err
	}
	return c.connection.Send(message)
}

// until waits for a time, unless the connection ends before.
func (c *goClient) until(ctx context.Context, at time.Time) error {
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-c.connection.Ended():
		return errors.New("the connection has ended")
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *goClient) Compare(ctx context.Context, pictures int) ([]float64, error) {
	drawn, err := newDrawn(c.order)
	if err != nil {
		return nil, err
	}
	compare := &comparison{drawn: drawn, want: pictures, done: make(chan struct{})}
	c.mu.Lock()
	c.compare = compare
	c.mu.Unlock()
	select {
	case <-compare.done:
		return compare.psnr, nil
	case <-time.After(pictureWithin):
		return nil, fmt.Errorf("%d readable pictures did not come within %s", pictures, pictureWithin)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (c *goClient) Close() (err error) {
	if c.connection != nil {
		err = c.connection.Close()
	}
	if c.account != nil {
		c.account.Close()
	}
	return err
}
