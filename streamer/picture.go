package streamer

import (
	"errors"
	"image"
	"io"
	"log/slog"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/adapt"
	"github.com/playcast/playcast/streamer/capture"
	"github.com/playcast/playcast/streamer/encode"
)

// picture is a display's picture on its way to whoever is shown it. One
// goroutine reads and encodes, once for all; it rests while nobody watches.
//
//	display ─▶ encoding ─▶ audience
type picture struct {
	encoding *encoding
	audience *audience

	aside   bool // it gives way to other pictures; before start
	quit    chan struct{}
	painter sync.WaitGroup
	broken  chan struct{} // closed when there is no picture any more
	failure error         // why; read after broken is closed
}

// newPicture takes the screen, which close frees, and what to encode it with. It
// reports its steps, but for those that others have it take.
func newPicture(screen *capture.Screen, made []encode.Support, report func(events.PictureAdapted), log *slog.Logger) *picture {
	e := &encoding{source: &source{Screen: screen}, made: made, log: log, report: report, pull: (*encode.Encoder).Next}
	return &picture{
		encoding: e, audience: newAudience(e.forceKeyFrame), quit: make(chan struct{}), broken: make(chan struct{}),
	}
}

// look says whether the display shows more than one colour: before start.
func (p *picture) look() (drawn bool, err error) {
	img, release, err := p.encoding.source.Read()
	if err != nil {
		return false, err
	}
	defer release()
	return isDrawn(img), nil
}

// isDrawn looks at a grid of places for a difference that is not noise.
func isDrawn(img image.Image) bool {
	luma, ok := img.(*image.YCbCr)
	if !ok {
		return false
	}
	const places = 24
	const noise = 8
	lowest, highest := byte(255), byte(0)
	size := luma.Bounds().Size()
	for row := range places {
		for column := range places {
			x, y := (2*column+1)*size.X/(2*places), (2*row+1)*size.Y/(2*places)
			v := luma.Y[luma.YOffset(x, y)]
			lowest, highest = min(lowest, v), max(highest, v)
		}
	}
	return highest-lowest > noise
}

// start begins to encode for the audience, in a shape and at a bit rate.
func (p *picture) start(shape adapt.Rung, bitRate int) error {
	opened := make(chan error, 1)
	p.painter.Go(func() {
		if p.aside {
			giveWay(p.encoding.log)
		}
		// Here, as an encoder's own threads are as urgent as the one that opens it.
		err := p.encoding.open(shape, bitRate)
		opened <- err
		if err == nil {
			p.paint()
		}
	})
	return <-opened
}

// giveWay has the goroutine run on a thread of its own until it ends, to which
// the system prefers others.
func giveWay(log *slog.Logger) {
	const nice = 10
	runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
	if err := unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), nice); err != nil {
		log.Warn("a picture does not give way to others", "error", err)
	}
}

// paint hands frame after frame to the audience, until close or a failure.
func (p *picture) paint() {
	for p.audience.await(p.quit) {
		unit, err := p.encoding.next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			p.failure = err
			close(p.broken)
			return
		}
		p.audience.hand(unit)
	}
}

// close stops the picture and frees what it took.
func (p *picture) close() error {
	close(p.quit)
	p.audience.keys.stop()
	err := p.encoding.source.Close()
	p.painter.Wait()
	return errors.Join(err, p.encoding.close())
}
