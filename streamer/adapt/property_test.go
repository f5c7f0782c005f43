package adapt

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func anySource(t *rapid.T) Source {
	return Source{
		Width:     rapid.IntRange(1, 4096).Draw(t, "width"),
		Height:    rapid.IntRange(1, 4096).Draw(t, "height"),
		FrameRate: rapid.IntRange(1, 240).Draw(t, "frames"),
	}
}

var sources = rapid.SampledFrom([]Source{
	fullHD, {1280, 720, 60}, {3840, 2160, 60}, {960, 720, 35}, {640, 480, 60}, {2560, 1440, 120},
})

// Whatever the samples say, the picture is a rung of its source's, and costs no
// more than the path is said to carry.
func TestDecisionsStayWithinBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		source := anySource(t)
		ladder := ladderOf(source)
		p, at := New(source), begin
		for range rapid.IntRange(1, 200).Draw(t, "samples") {
			at = at.Add(time.Duration(rapid.Int64Range(-1e8, 2e9).Draw(t, "later")))
			s := Sample{
				At:         at,
				Estimate:   rapid.IntRange(-1000, 100_000_000).Draw(t, "estimate"),
				Loss:       rapid.Float64().Draw(t, "loss"),
				RTT:        time.Duration(rapid.Int64().Draw(t, "rtt")),
				QueueDelay: time.Duration(rapid.Int64().Draw(t, "queue")),
				EncodeP95:  time.Duration(rapid.Int64Range(-1e6, 1e8).Draw(t, "encode")),
			}
			before := p.Present().Shape
			var d Decision
			p, d = p.Step(s)
			i := slices.IndexFunc(ladder, func(t tier) bool { return t.Rung == d.Shape })
			if i < 0 {
				t.Fatalf("%v is no rung of %v", d.Shape, source)
			}
			if d.Shape.Width > max(source.Width, 2) || d.Shape.Height > max(source.Height, 2) || d.Shape.FrameRate > source.FrameRate {
				t.Fatalf("%v is more than the source, %v", d.Shape, source)
			}
			if d.Shape.Width%2 != 0 || d.Shape.Height%2 != 0 {
				t.Fatalf("%v is odd", d.Shape)
			}
			if d.BitRate < minBitRate || d.BitRate > ladder[i].ceiling {
				t.Fatalf("%v at %d bit/s", d.Shape, d.BitRate)
			}
			if s.Estimate > 0 && d.BitRate > max(s.Estimate, minBitRate*11/10) {
				t.Fatalf("%d bit/s on a path that carries %d", d.BitRate, s.Estimate)
			}
			if d.Changed != (d.Shape != before) || d.Changed != (d.Cause != "") {
				t.Fatalf("from %v: %+v", before, d)
			}
		}
	})
}

// steady is a path that stays as it is, drawn at random.
func steady(t *rapid.T, capacity int) *link {
	return &link{
		capacity: constantly(capacity),
		loss:     rapid.SampledFrom([]float64{0, 0, 0.02, 0.05}).Draw(t, "loss"),
		rtt:      time.Duration(rapid.IntRange(1, 200).Draw(t, "rtt")) * time.Millisecond,
	}
}

func TestASteadyPathMovesThePictureLittle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := steady(t, rapid.IntRange(500_000, 40_000_000).Draw(t, "capacity"))
		l.noise = rand.New(rand.NewPCG(1, rapid.Uint64().Draw(t, "seed")))
		const settled = 30 * time.Second
		var early, late int
		l.run(sources.Draw(t, "source"), 3*time.Minute, func(at time.Duration, _ Sample, d Decision) {
			switch {
			case d.Changed && at < settled:
				early++
			case d.Changed:
				late++
			}
		})
		if early > 6 || late > 2 {
			t.Fatalf("%d steps in the first %s, %d in the 2.5 minutes after", early, settled, late)
		}
	})
}

func TestABetterPathGivesNoWorsePicture(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		source := sources.Draw(t, "source")
		worse := steady(t, rapid.IntRange(500_000, 40_000_000).Draw(t, "capacity"))
		better := *worse
		better.capacity = constantly(worse.capacity(0) + rapid.IntRange(0, 20_000_000).Draw(t, "more"))
		ignore := func(time.Duration, Sample, Decision) {}
		low, high := worse.run(source, 2*time.Minute, ignore), better.run(source, 2*time.Minute, ignore)
		if high.at > low.at {
			t.Fatalf("%d bit/s come to %v, and %d to %v", worse.capacity(0), low.Present(), better.capacity(0), high.Present())
		}
	})
}
