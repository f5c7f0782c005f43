package record

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/encode"
	"github.com/playcast/playcast/streamer/storage"
)

// faulty is a store whose Put does something else first.
type faulty struct {
	storage.Store
	put func(ctx context.Context, key string) error
}

func (f faulty) Put(ctx context.Context, key string, content io.Reader) error {
	if err := f.put(ctx, key); err != nil {
		return err
	}
	return f.Store.Put(ctx, key, content)
}

func TestAFullDiskKeepsWhatThereIs(t *testing.T) {
	s := newStudio(t)
	cfg := s.config(t)
	cfg.Store = faulty{s.store, func(_ context.Context, key string) error {
		if key == folder+"/1.m4s" {
			return fmt.Errorf("write: %w", syscall.ENOSPC)
		}
		return nil
	}}
	r := Start(cfg)
	open(t, encode.H264, "", filmWidth, filmHeight, 0).shoot(t, r, 200)
	outcome := r.Outcome() // of itself
	if outcome.Fault != events.RecordingDiskFull || !errors.Is(outcome.Err, syscall.ENOSPC) || outcome.Footage.Length != 2_000 {
		t.Errorf("the outcome is %+v", outcome)
	}
	numbers(t, play(t, s.playlist(t, Span{})), 1, 60)
}

// A store that fails once is tried again.
func TestAStoreThatStumbles(t *testing.T) {
	s := newStudio(t)
	cfg, stumbled := s.config(t), false
	cfg.Store = faulty{s.store, func(_ context.Context, key string) error {
		if key == folder+"/0.m4s" && !stumbled {
			stumbled = true
			return errors.New("connection reset")
		}
		return nil
	}}
	r := Start(cfg)
	open(t, encode.H264, "", filmWidth, filmHeight, 0).shoot(t, r, 90)
	r.Stop(at(91), events.RecordingStopped)
	if outcome := r.Outcome(); outcome.Err != nil || !stumbled || outcome.Footage.Segments != 2 {
		t.Errorf("the outcome is %+v", outcome)
	}
}

// A store that hangs holds up nobody who is shown the picture: what does not fit
// the queue is dropped and counted, and the recording goes on with a key frame.
func TestAStoreThatHangsHoldsUpNobody(t *testing.T) {
	s := newStudio(t)
	cfg, hangs := s.config(t), make(chan struct{})
	var once sync.Once
	reached := make(chan struct{})
	cfg.Store = faulty{s.store, func(context.Context, string) error {
		once.Do(func() { close(reached) })
		<-hangs
		return nil
	}}
	r := Start(cfg)
	c := open(t, encode.H264, "", filmWidth, filmHeight, 0)
	c.shoot(t, r, 70)
	<-reached
	frame := Frame{Data: bytes.Repeat([]byte{0, 0, 1, 0x41}, 2<<20), Codec: H264, Captured: at(71)}
	for range 8 { // 64 MB
		r.Take(frame)
	}
	c.shoot(t, r, 20) // dropped: no key frame comes
	close(hangs)
	for len(r.peek()) > 0 {
		time.Sleep(time.Millisecond)
	}
	c.ForceKeyFrame()
	c.shoot(t, r, 60)
	r.Stop(at(c.film.next+1), events.RecordingStopped)
	outcome := r.Outcome()
	if outcome.Err != nil || outcome.Dropped < 3 {
		t.Errorf("the outcome is %+v", outcome)
	}
	m, err := s.Manifest(t.Context(), folder)
	must(t, err)
	if last := m.Segments[len(m.Segments)-1]; !last.Break {
		t.Error("the manifest does not tell of what was dropped")
	}
}

// peek is the queue, for tests.
func (r *Recorder) peek() []item {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.queue
}

func TestLimits(t *testing.T) {
	for name, c := range map[string]struct {
		limit func(*Config)
		want  events.RecordingEnd
	}{
		"length": {func(c *Config) { c.MaxLength = 3 * time.Second }, events.RecordingFullLength},
		"size":   {func(c *Config) { c.MaxBytes = 10_000 }, events.RecordingFullSize},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStudio(t)
			cfg := s.config(t)
			c.limit(&cfg)
			r := Start(cfg)
			open(t, encode.H264, "", filmWidth, filmHeight, 0).shoot(t, r, 200)
			outcome := r.Outcome() // of itself
			if outcome.Reason != c.want || outcome.Footage.Length > 4_000 {
				t.Errorf("the outcome is %+v", outcome)
			}
			r.Take(Frame{})
			r.Stop(at(201), events.RecordingStopped) // changes nothing
			if again := r.Outcome(); again != outcome {
				t.Errorf("the outcome became %+v", again)
			}
			if m, err := s.Manifest(t.Context(), folder); err != nil || !m.Ended {
				t.Errorf("the manifest is %+v, %v", m, err)
			}
		})
	}
}

func TestNothingShown(t *testing.T) {
	s := newStudio(t)
	asked := make(chan struct{}, 8)
	cfg := s.config(t)
	cfg.KeyFrame = func() { asked <- struct{}{} }
	r := Start(cfg)
	<-asked // it waits for a key frame, and asks for one
	r.Stop(at(1), events.RecordingStopped)
	if outcome := r.Outcome(); outcome.Fault != events.RecordingEmpty {
		t.Errorf("the outcome is %+v", outcome)
	}
	if _, err := s.Manifest(t.Context(), folder); !errors.Is(err, ErrNone) {
		t.Errorf("the manifest: %v", err)
	}
}

func TestAFrameThatIsNone(t *testing.T) {
	s := newStudio(t)
	r := Start(s.config(t))
	r.Take(Frame{Data: []byte("nonsense"), Codec: H264, Captured: at(1), Key: true})
	if outcome := r.Outcome(); outcome.Fault != events.RecordingMedia || !errors.Is(outcome.Err, ErrMedia) {
		t.Errorf("the outcome is %+v", outcome)
	}
}

func TestEraseLeavesNothing(t *testing.T) {
	s := newStudio(t)
	r := Start(s.config(t))
	open(t, encode.H264, "", filmWidth, filmHeight, 0).shoot(t, r, 70)
	r.Stop(at(71), events.RecordingStopped)
	r.Outcome()
	for range 2 { // again is no error
		must(t, s.Erase(t.Context(), folder))
		left, err := s.store.List(t.Context(), "")
		must(t, err)
		if len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	}
}

func TestPartsAreThoseOfAPlaylist(t *testing.T) {
	s := newStudio(t)
	must(t, s.store.Put(t.Context(), "secret", bytes.NewReader([]byte("x"))))
	must(t, s.store.Put(t.Context(), folder+"/manifest.json", bytes.NewReader([]byte("{}"))))
	for _, name := range []string{"", "../secret", "..%2fsecret", "manifest.json", "0.m4s/../manifest.json", "/etc/passwd", "init-0.mp4\n", "-1.m4s", "99999999999999.m4s"} {
		if file, _, err := s.Part(t.Context(), folder, name); !errors.Is(err, ErrNone) {
			t.Errorf("%q opens %v, %v", name, file, err)
		}
	}
}
