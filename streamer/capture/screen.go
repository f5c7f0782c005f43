// Package capture takes pictures of an X11 screen for live video.
//
// A picture is taken when something has been drawn (XDamage), at most at the
// frame rate, and again now and then while nothing changes. The server writes
// it into shared memory (MIT-SHM); from there it is converted once, to planar
// 4:2:0, BT.709, limited range, and on the way scaled down if so wished. In
// steady state a picture allocates nothing.
//
//	X server ──draws──▶ DamageNotify ──▶ Read: settle, pace
//	    ◀── Subtract, ShmGetImage ─────────┤
//	    ──▶ shared segment ──▶ convert ────┴──▶ *image.YCbCr from the pool
//
// Ordering: a picture shows everything that the server had drawn when Captured
// says; whatever is drawn later leads to another picture. Pictures are never
// queued: who reads late gets the latest.
package capture

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jezek/xgb/xproto"
	"github.com/pion/mediadevices/pkg/io/video"
)

// Config says what to capture, and how often.
type Config struct {
	Display   string // of this machine, such as ":101"
	Authority string // Xauthority file; empty for a server without access control

	// Width and Height are the size of the picture, the upper left of the
	// screen. Both even; zero takes the screen's.
	Width, Height int

	FrameRate int // pictures a second at most, 1 to 240; see Shape

	// Cursor draws the pointer into the picture, for who cannot draw it over
	// the picture by what WatchCursor tells.
	Cursor bool

	// Keepalive is the longest time between two pictures. While nothing changes
	// they are repeated ever more rarely, after an eighth of it, a quarter, and
	// so on: first the encoder makes the picture sharper, then whoever reads
	// shall notice that something else has ended. Zero means 1 s.
	Keepalive time.Duration

	// Settle is how long after the first change the picture is taken, so that
	// a frame drawn in several requests is whole. One that changes half of the
	// picture or more at once is taken to be whole: that is how games show
	// their frames. Zero means 1 ms, less none.
	Settle time.Duration
}

// Screen is an open capture. One goroutine reads at a time; Shape, Refresh,
// Hurry and Close may be called by any.
type Screen struct {
	cfg      Config
	want     atomic.Pointer[shape]
	calls    calls
	done     chan struct{} // closed by Close
	closed   sync.Once
	closeErr error

	mu      sync.Mutex // held by Read; guards what follows
	grabber *grabber
	segment *segment
	press   *press
	overlay *overlay // nil: no cursor in the picture
	timing  timing
}

var _ video.Reader = (*Screen)(nil)

// ErrLost is why Read fails when the X server has ended or dropped us.
var ErrLost = errors.New("connection lost")

// Open connects to the display and checks that its pictures can be taken.
// Errors name the display. The context bounds opening only.
func Open(ctx context.Context, cfg Config) (*Screen, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if cfg.Keepalive <= 0 {
		cfg.Keepalive = time.Second
	}
	if cfg.Settle == 0 {
		cfg.Settle = time.Millisecond
	}
	g, setup, err := dialGrabber(cfg.Display, cfg.Authority)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { g.conn.Close() })
	s, err := start(cfg, g, setup)
	if err == nil && cfg.Cursor {
		s.overlay, err = openOverlay(ctx, s, setup.Roots[0].Root)
	}
	if !stop() && ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil {
		g.conn.Close()
		if s != nil {
			err = errors.Join(err, s.Close())
		}
		return nil, fmt.Errorf("display %s: %w", cfg.Display, err)
	}
	return s, nil
}

// start checks the screen and shares memory with the server.
func start(cfg Config, g *grabber, setup *xproto.SetupInfo) (*Screen, error) {
	root := &setup.Roots[0]
	if cfg.Width == 0 && cfg.Height == 0 {
		cfg.Width, cfg.Height = int(root.WidthInPixels)&^1, int(root.HeightInPixels)&^1
	}
	want := &shape{image.Pt(cfg.Width, cfg.Height), cfg.FrameRate}
	if err := want.check(image.Pt(int(root.WidthInPixels), int(root.HeightInPixels))); err != nil {
		return nil, err
	}
	if err := checkPixels(setup); err != nil {
		return nil, err
	}
	seg, err := newSegment(cfg.Width * cfg.Height * 4)
	if err != nil {
		return nil, err
	}
	err = g.attach(seg.fd, xproto.Drawable(root.Root), cfg.Width, cfg.Height)
	if err = errors.Join(err, seg.handedOver()); err != nil {
		return nil, errors.Join(err, seg.detach())
	}
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	s := &Screen{
		cfg:     cfg,
		calls:   calls{woken: make(chan struct{}, 1)},
		done:    make(chan struct{}),
		grabber: g,
		segment: seg,
		press:   newPress(want.size, want),
		timing:  timing{pace: newPace(want.rate), timer: timer},
	}
	s.want.Store(want)
	return s, nil
}

// checkPixels refuses those that are not BGRX.
func checkPixels(setup *xproto.SetupInfo) error {
	root := &setup.Roots[0]
	if setup.ImageByteOrder != xproto.ImageOrderLSBFirst {
		return errors.New("the X server has big-endian pixels")
	}
	for _, format := range setup.PixmapFormats {
		if format.Depth == root.RootDepth && format.BitsPerPixel != 32 {
			return fmt.Errorf("%d bits a pixel: want 32, run the X server with depth 24", format.BitsPerPixel)
		}
	}
	for _, depth := range root.AllowedDepths {
		for _, visual := range depth.Visuals {
			if visual.VisualId == root.RootVisual &&
				(visual.RedMask != 0xff0000 || visual.GreenMask != 0xff00 || visual.BlueMask != 0xff) {
				return fmt.Errorf("colour masks %x %x %x: want ff0000 ff00 ff, run the X server with depth 24",
					visual.RedMask, visual.GreenMask, visual.BlueMask)
			}
		}
	}
	return nil
}

// Read waits until there is a picture to take, and returns it: an *image.YCbCr
// which is the caller's until release. It returns io.EOF after Close; any other
// error is the end of the capture too, and ErrLost if the X server is gone.
func (s *Screen) Read() (img image.Image, release func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, err := s.grab()
	if err != nil {
		return nil, nil, s.failure(err)
	}
	if want := s.want.Load(); want != s.press.shape {
		s.press = s.press.reshape(image.Pt(s.cfg.Width, s.cfg.Height), want)
		s.timing.pace.period = time.Second / time.Duration(want.rate)
	}
	pic := s.press.print(s.segment.data)
	if s.overlay != nil {
		s.overlay.draw(pic.image, image.Pt(s.cfg.Width, s.cfg.Height), s.press.shape)
	}
	s.timing.captured = at
	s.timing.pace.taken(at, !s.timing.change.quick.IsZero())
	s.timing.change.taken(s.cfg.Keepalive)
	return pic.image, pic.release, nil
}

// Captured is when the picture that Read last returned was taken. It is for
// the goroutine that reads.
func (s *Screen) Captured() time.Time { return s.timing.captured }

// Close ends Read, waits for it to return, and frees everything but the
// pictures that are out. A second Close does nothing.
func (s *Screen) Close() error {
	s.closed.Do(func() {
		close(s.done)
		err := s.grabber.conn.Close()
		if errors.Is(err, net.ErrClosed) {
			err = nil // Open was not let finish
		}
		if s.overlay != nil {
			s.overlay.watch.Close()
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.closeErr = errors.Join(err, s.segment.detach())
	})
	return s.closeErr
}

// grab waits for the moment, and has the server fill the segment.
func (s *Screen) grab() (time.Time, error) {
	if err := s.await(); err != nil {
		return time.Time{}, err
	}
	if s.overlay != nil { // it may have moved while the picture had to wait
		if _, err := s.overlay.look(s.grabber.wire); err != nil {
			return time.Time{}, err
		}
	}
	return s.image()
}

// resizeWithin is how long the server may refuse a picture because its screen
// is smaller: a game has changed that, and whoever manages its windows changes
// it back.
const resizeWithin = 2 * time.Second

// image has the server fill the segment, and returns when it began to.
func (s *Screen) image() (time.Time, error) {
	for began := time.Now(); ; {
		at := time.Now()
		err := s.grabber.image()
		if err == nil { // what follows allocates
			return at, nil
		}
		refused := (*refusal)(nil)
		if !errors.As(err, &refused) || refused.code != xproto.BadMatch || at.Sub(began) > resizeWithin {
			return at, err
		}
		if err := s.sleep(s.timing.pace.period); err != nil {
			return at, err
		}
	}
}

// failure says whether a failed read is ours, by Close, or the server's.
func (s *Screen) failure(err error) error {
	select {
	case <-s.done:
		return io.EOF
	default:
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) {
		err = ErrLost
	}
	return fmt.Errorf("capture display %s: %w", s.cfg.Display, err)
}
