package gamepad

import (
	"testing"
	"time"
)

// shaker is the effects of one reader and what its player is told.
type shaker struct {
	effects *effects
	motor   motor
	now     time.Time
}

func newShaker() *shaker { return &shaker{effects: newEffects(), now: time.Unix(1000, 0)} }

func (s *shaker) after(d time.Duration, orders ...order) (*Rumble, time.Duration) {
	s.now = s.now.Add(d)
	for _, o := range orders {
		s.effects.do(o, s.now)
	}
	var sum level
	change := s.effects.level(&sum, s.now)
	told, again := s.motor.next(sum, change, s.now)
	if again.IsZero() {
		return told, 0
	}
	return told, again.Sub(s.now)
}

func TestRumbleOverTime(t *testing.T) {
	const ms = time.Millisecond
	s := newShaker()
	loud := upload{1, effect{strong: 0xffff, length: 300 * ms}}
	soft := upload{2, effect{weak: 0x8000, delay: 100 * ms}}
	for _, step := range []struct {
		name   string
		wait   time.Duration
		orders []order
		told   *Rumble
		again  time.Duration
	}{
		{"nothing", 0, nil, nil, 0},
		{"an effect that is not played", 10 * ms, []order{loud}, nil, 0},
		{"played", 10 * ms, []order{play{1, 1}}, &Rumble{1, 0, 300 * ms}, 300 * ms},
		{"another one, later", 5 * ms, []order{soft, play{2, 1}}, nil, 100 * ms},
		{"both", 100 * ms, nil, &Rumble{1, float64(0x8000) / 0xffff, 195 * ms}, 195 * ms},
		{"the first has ended", 195 * ms, nil, &Rumble{0, float64(0x8000) / 0xffff, rumbleFor}, rumbleAgain},
		{"told again", rumbleAgain, nil, &Rumble{0, float64(0x8000) / 0xffff, rumbleFor}, rumbleAgain},
		{"too soon", 5 * ms, []order{play{2, 0}}, nil, 15 * ms},
		{"stopped", 15 * ms, nil, &Rumble{}, 0},
		{"three times", 50 * ms, []order{play{1, 3}}, &Rumble{1, 0, 900 * ms}, 900 * ms},
		{"quieter", 50 * ms, []order{gain{0}}, &Rumble{}, 850 * ms},
		{"loud again", 50 * ms, []order{gain{0xffff}}, &Rumble{1, 0, 800 * ms}, 800 * ms},
		{"changed while it plays", 50 * ms, []order{upload{1, effect{weak: 0xffff, length: 100 * ms}}}, &Rumble{0, 1, 100 * ms}, 100 * ms},
		{"erased", 50 * ms, []order{erase{1}}, &Rumble{}, 0},
		{"played after it", 50 * ms, []order{play{1, 1}}, nil, rumbleAgain * 0},
	} {
		told, again := s.after(step.wait, step.orders...)
		if (told == nil) != (step.told == nil) || told != nil && *told != *step.told || again != step.again {
			t.Errorf("%s: told %+v, again in %v; want %+v, %v", step.name, told, again, step.told, step.again)
		}
	}
}

// FuzzOrders: whatever a game writes, and whenever, the motors are told no more
// than they can do, and not too often.
func FuzzOrders(f *testing.F) {
	event := func(what, code uint16, value int32, effect ...byte) []byte {
		e := appendEvent(nil, timeOf(0), what, code, value)
		copy(e, effect)
		return e
	}
	f.Add(append(event(tellUpload, 3, 0, 1, 2, 3, 4, 5, 6, 7, 8), event(evFF, 3, 1)...), uint16(30))
	f.Add(append(event(evFF, ffGain, -1), event(tellErase, 15, 0)...), uint16(0))
	f.Add(append(event(tellClock, 0, 1), event(evFF, 0xffff, 1<<31-1)...), uint16(9))
	f.Fuzz(func(t *testing.T, data []byte, step uint16) {
		s := newShaker()
		var last time.Time
		for ; len(data) >= eventSize; data = data[eventSize:] {
			o := decode([eventSize]byte(data))
			if _, clock := o.(setClock); o == nil || clock {
				continue
			}
			told, again := s.after(time.Duration(step)*time.Millisecond, o)
			if again < 0 {
				t.Errorf("to be asked %v ago", -again)
			}
			if told == nil {
				continue
			}
			if told.Strong > 1 || told.Weak > 1 || told.Strong < 0 || told.For < 0 || told.For > rumbleFor {
				t.Errorf("told %+v", told)
			}
			if !last.IsZero() && s.now.Sub(last) < rumbleEvery {
				t.Errorf("told again after %v", s.now.Sub(last))
			}
			last = s.now
		}
	})
}
