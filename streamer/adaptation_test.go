package streamer

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/adapt"
	"github.com/playcast/playcast/streamer/audio"
	"github.com/playcast/playcast/streamer/encode"
	"github.com/playcast/playcast/streamer/game"
	"github.com/playcast/playcast/streamer/transport"
)

// road is a path that carries what it is told to.
type road struct {
	mu    sync.Mutex
	stats transport.Stats
	asked int // bit/s, by the last probe
}

func (r *road) Stats() transport.Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stats
}

func (r *road) Probe(bps int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = bps
}

func (r *road) probed() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked
}

func (r *road) carries(bps int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stats.Estimate = bps
}

// canvas is a picture that does as it is told.
type canvas struct {
	mu sync.Mutex
	painted
}

type painted struct {
	shape   adapt.Rung
	bitRate int
	steps   []events.PictureAdapted
}

func (c *canvas) now() painted {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.painted
}

func (c *canvas) setBitRate(bps int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bitRate = bps
}

func (c *canvas) reshape(shape adapt.Rung) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	changed := shape != c.shape
	c.shape = shape
	return changed
}

func (c *canvas) report(step events.PictureAdapted) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.steps = append(c.steps, step)
}

func (c *canvas) encodeP95(time.Time) time.Duration { return 0 }
func (c *canvas) encoderName() string               { return "x264" }

func TestAdaptation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := adapt.Source{Width: 1280, Height: 720, FrameRate: 60}
		best := adapt.New(source).Present()
		c, r := &canvas{painted: painted{shape: best.Shape, bitRate: best.BitRate}}, &road{}
		a := newAdaptation(c, source, c.report)
		after := func(d time.Duration) painted {
			time.Sleep(d)
			synctest.Wait()
			return c.now()
		}
		r.carries(10_000_000)
		a.start(r, time.Now())
		if got := after(time.Second); got.shape != best.Shape || got.bitRate >= 10_000_000 || len(got.steps) > 0 {
			t.Errorf("10 Mb/s are met by %+v", got)
		}

		// An estimate counts at once, and not only with the next sample.
		after(sampleEvery / 2)
		r.carries(1_200_000)
		a.look()
		if got := after(0); got.bitRate >= 1_200_000 {
			t.Errorf("1.2 Mb/s are met by %d bit/s", got.bitRate)
		}
		low := after(10 * time.Second)
		if len(low.steps) != 1 || low.shape.Height >= 720 {
			t.Fatalf("1.2 Mb/s are met by %+v", low)
		}
		if step := low.steps[0]; step.Cause != events.PicturePathNarrow || step.Height != low.shape.Height ||
			step.Estimate != 1_200_000 || step.Encoder != "x264" {
			t.Errorf("the step is reported as %+v", step)
		}
		if asked := r.probed(); asked <= 1_200_000 {
			t.Errorf("the path is probed for %d bit/s", asked)
		}

		// While it is stopped nothing is decided, and then it goes on from there.
		a.stop()
		r.carries(20_000_000)
		if got := after(time.Minute); got.shape != low.shape {
			t.Error("the picture was changed while nobody watched it")
		}
		a.start(r, time.Now())
		got := after(time.Minute)
		a.stop()
		if last := got.steps[len(got.steps)-1]; got.shape != best.Shape || last.Cause != events.PicturePathWide {
			t.Errorf("20 Mb/s are met by %+v", got)
		}
	})
}

// A new viewer's policy does not know in which shape the one before has left
// the picture.
func TestAdaptationTakesOver(t *testing.T) {
	source := adapt.Source{Width: 1280, Height: 720, FrameRate: 60}
	c, r := &canvas{painted: painted{shape: adapt.Rung{Width: 960, Height: 540, FrameRate: 30}}}, &road{}
	a := newAdaptation(c, source, c.report)
	r.carries(20_000_000)
	a.start(r, time.Now())
	a.stop()
	if steps := c.now().steps; len(steps) != 1 || steps[0].Cause != events.PicturePathWide || steps[0].Width != 1280 {
		t.Errorf("the steps are %+v", steps)
	}
}

func TestRate(t *testing.T) {
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var r rate
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	if got := r.add(at(0), 500); got != 0 {
		t.Errorf("at first the rate is %d", got)
	}
	for ms := 10; ms <= 3000; ms += 10 { // more often than is kept
		got := r.add(at(ms), uint64(500+125*ms)) // 1 Mb/s
		if ms >= 80 && (got < 999_000 || got > 1_001_000) {
			t.Fatalf("at %d ms: %d bit/s", ms, got)
		}
	}
	r.add(at(4500), 500+125*3000) // nothing was sent meanwhile
	if got := r.add(at(4600), 500+125*3000); got != 0 {
		t.Errorf("the rate is %d after silence", got)
	}
}

// sizes tells of the first picture of each size.
type sizes struct{ seen chan encode.AccessUnit }

func (*sizes) hear(audio.Packet) {}

func (s *sizes) take(unit encode.AccessUnit) {
	unit.Data = nil
	select {
	case s.seen <- unit:
	default:
	}
}

func (s *sizes) tell(string) {}

// The session's terms decide how large the picture is at its best.
func TestTermsBoundThePicture(t *testing.T) {
	h := newHouse(t)
	session := events.NewSessionID()
	told := allocated(session, "large")
	told.Resolution = 480
	h.tell(t, told)
	report[Launched](t, h.reports, session)
	if d := report[Drawing](t, h.reports, session); d.Width != 852 || d.Height != 480 {
		t.Errorf("of 1280 × 720 in at most 480 lines, drawing is reported as %+v", d)
	}
	seen := &sizes{make(chan encode.AccessUnit, 256)}
	b := h.join(t, session)
	b.frame(t)
	h.worker.slot(session).stage.picture.audience.join(seen, time.Now())
	if first := soon(t, "picture", seen.seen); first.Width != 852 || first.Height != 480 {
		t.Errorf("the picture is sent as %+v", first)
	}
}

func TestSourceInLines(t *testing.T) {
	full := game.Entry{Game: events.Game{Width: 1280, Height: 720, FrameRate: 60}}
	for lines, want := range map[int]adapt.Source{
		0:    {Width: 1280, Height: 720, FrameRate: 60},
		720:  {Width: 1280, Height: 720, FrameRate: 60},
		1080: {Width: 1280, Height: 720, FrameRate: 60},
		540:  {Width: 960, Height: 540, FrameRate: 60},
		481:  {Width: 854, Height: 480, FrameRate: 60},
	} {
		if got := (staged{full, lines}).source(); got != want {
			t.Errorf("in at most %d lines the picture is %+v, want %+v", lines, got, want)
		}
	}
}

// What the path carries decides on the size of the picture that is sent.
func TestNarrowPath(t *testing.T) {
	h := newHouse(t, func(c *transport.Config) { c.Bitrate = transport.Bitrate{Start: 1_500_000, Max: 1_500_000} })
	session := h.draw(t, "large")
	seen := &sizes{make(chan encode.AccessUnit, 256)}
	b := h.join(t, session)
	step := report[Adapted](t, h.reports, session).Picture
	if step.Width >= 1280 || step.FrameRate != 30 || step.Cause != events.PicturePathNarrow ||
		step.Encoder == "" || step.Estimate != 1_500_000 || step.BitRate >= 1_500_000 {
		t.Errorf("the picture is adapted as %+v", step)
	}
	b.frame(t)
	h.worker.slot(session).stage.picture.audience.join(seen, time.Now())
	first := soon(t, "picture", seen.seen)
	if !first.Key || first.Width != step.Width || first.Height != step.Height {
		t.Errorf("the picture is sent as %+v", first)
	}
	var gaps []time.Duration
	for last := first.Captured; len(gaps) < 30; {
		next := soon(t, "picture", seen.seen)
		gaps = append(gaps, next.Captured.Sub(last))
		last = next.Captured
	}
	slices.Sort(gaps)
	// How much rarer they come is the machine's affair.
	if middle := gaps[len(gaps)/2]; middle < 25*time.Millisecond {
		t.Errorf("a picture comes every %v, want 30 a second", middle)
	}
}
