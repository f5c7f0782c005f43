package lab

import (
	"strings"
	"testing"
	"time"

	"github.com/jezek/xgb/xproto"
)

// runDry lets time pass for a lab without a display, and notes its frames: when
// they are due, and the presses they count.
func (l *lab) runDry(start time.Time, length time.Duration, presses ...time.Duration) (frames []time.Duration, inputs []uint32) {
	l.start, l.tick, l.period = start, start, 10*time.Millisecond
	for at := time.Duration(0); at < length; at += time.Millisecond {
		now := start.Add(at)
		if len(presses) > 0 && presses[0] <= at {
			l.see(xproto.KeyPressEvent{}, now)
			presses = presses[1:]
		}
		if l.due(now) {
			frames, inputs = append(frames, at/time.Millisecond), append(inputs, l.reading.Inputs)
			l.unlogged = l.unlogged[:0]
		}
		if wait := l.wait(now); wait <= 0 || wait > l.period {
			frames = append(frames, -1)
		}
	}
	return frames, inputs
}

func TestDue(t *testing.T) {
	for _, c := range []struct {
		name   string
		config Config
		frames []time.Duration
		inputs []uint32
	}{
		{"at once", Config{}, []time.Duration{0, 3, 10, 20, 24, 30}, []uint32{0, 1, 1, 1, 2, 2}},
		{"on the tick", Config{OnTick: true}, []time.Duration{0, 10, 20, 30}, []uint32{0, 1, 1, 2}},
		{"late", Config{Faults: Faults{Delay: 5 * time.Millisecond}},
			[]time.Duration{0, 8, 10, 20, 29, 30}, []uint32{0, 1, 1, 1, 2, 2}},
	} {
		l := &lab{Config: c.config}
		frames, inputs := l.runDry(time.Unix(1, 0), 35*time.Millisecond, 3*time.Millisecond, 24*time.Millisecond)
		if len(frames) != len(c.frames) {
			t.Errorf("%s: frames at %v, want %v", c.name, frames, c.frames)
			continue
		}
		for i := range frames {
			if frames[i] != c.frames[i] || inputs[i] != c.inputs[i] {
				t.Errorf("%s: frames at %v with %v inputs, want %v with %v", c.name, frames, inputs, c.frames, c.inputs)
				break
			}
		}
	}
}

func TestPlantedFaults(t *testing.T) {
	p := mustPaint(t, Dusk, 640, 360)
	l := &lab{painter: p, Config: Config{Faults: Faults{TearEvery: 10, FlipEvery: 7}}}
	var torn, wrong int
	for frame := uint32(1); frame <= 140; frame++ {
		before := l.reading
		l.reading = Reading{Frame: frame, Inputs: frame / 3}
		p.draw(l.reading, nil)
		l.plant(before)
		switch got, err := Decode(640, 360, p.luma); {
		case err == nil && got != l.reading:
			t.Errorf("frame %d reads as %v", frame, got)
		case err != nil && strings.HasPrefix(err.Error(), "torn"):
			torn++
		case err != nil:
			wrong++
		}
	}
	if torn != 14 || wrong != 18 {
		t.Errorf("%d torn, %d wrong, want 14 and 18", torn, wrong)
	}
}

func TestLog(t *testing.T) {
	var log strings.Builder
	l := &lab{Config: Config{Log: &log}, reading: Reading{Frame: 9, Inputs: 4}, unlogged: []time.Time{time.Unix(0, 5), time.Unix(0, 6)}}
	if err := l.record(time.Unix(0, 7)); err != nil {
		t.Fatal(err)
	}
	want := `{"kind":"press","inputs":3,"frame":9,"seen":5,"drawn":7}` + "\n" + `{"kind":"press","inputs":4,"frame":9,"seen":6,"drawn":7}` + "\n"
	if log.String() != want {
		t.Errorf("got %s", &log)
	}
}
