package record

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"syscall"
	"time"

	"github.com/playcast/playcast/events"
)

// writer is the goroutine's side of a recorder.
type writer struct {
	ctx      context.Context // of the store's work
	cfg      Config
	cutter   cutter
	manifest Manifest
	inits    map[string]int // by what they hold
	outcome  Outcome
	asked    time.Time // when a key frame was asked for last
	told     time.Time // when the progress was told last
}

func newWriter(ctx context.Context, cfg Config) *writer {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	target := ticks(cmp.Or(cfg.Segment, 4*time.Second), videoScale)
	return &writer{
		ctx: ctx, cfg: cfg, cutter: cutter{target: target}, inits: map[string]int{},
		manifest: Manifest{Version: manifestVersion}, told: time.Now(),
	}
}

// write does what one item asks for, and says whether that was the end.
func (w *writer) write(i item) (ended bool) {
	var full *segment
	var err error
	switch {
	case i.frame != nil:
		if i.gap {
			// What was dropped is left out, like a pause.
			if full = w.cutter.cut(i.frame.Captured); full != nil && w.keep(full) {
				return true
			}
		}
		full, err = w.cutter.frame(i.frame)
	case i.sound != nil:
		w.cutter.hear(i.sound)
	default:
		full = w.cutter.cut(i.cut)
	}
	if err != nil {
		return w.fail(events.RecordingMedia, err)
	}
	if full != nil && w.keep(full) {
		return true
	}
	if i.stop == "" {
		return false
	}
	return w.finish(i.stop)
}

// tick asks for a key frame when the next segment is due, or the recording waits
// for one.
func (w *writer) tick(now time.Time) {
	due := !w.cutter.live || w.cutter.age(now) >= w.cutter.target
	if due && now.Sub(w.asked) >= time.Second {
		w.asked = now
		w.cfg.KeyFrame()
	}
}

// keep stores a segment, and says whether that was the end.
func (w *writer) keep(s *segment) (ended bool) {
	if err := w.store(s); err != nil {
		return w.fail(faultOf(err), err)
	}
	f := &w.outcome.Footage
	f.Segments = len(w.manifest.Segments)
	f.Length = w.manifest.end() / perMilli
	if w.outcome.Codec == "" {
		w.outcome.Codec = s.format.codec
	}
	if s.format.width*s.format.height > w.outcome.Width*w.outcome.Height {
		w.outcome.Width, w.outcome.Height = s.format.width, s.format.height
	}
	switch {
	case w.cfg.MaxBytes > 0 && f.Bytes >= w.cfg.MaxBytes:
		return w.finish(events.RecordingFullSize)
	case w.cfg.MaxLength > 0 && f.Length >= w.cfg.MaxLength.Milliseconds():
		return w.finish(events.RecordingFullLength)
	}
	w.progress(time.Now())
	return false
}

// tellEvery is how often progress is told.
const tellEvery = 10 * time.Second

func (w *writer) progress(now time.Time) {
	if w.cfg.Progress != nil && now.Sub(w.told) >= tellEvery {
		w.told = now
		w.cfg.Progress(w.outcome.Footage)
	}
}

// store puts a segment, its init segment if that is new, and then the manifest
// that names them.
func (w *writer) store(s *segment) error {
	init, err := w.init(s)
	if err != nil {
		return err
	}
	number := len(w.manifest.Segments)
	data, err := mediaSegment(s, number)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMedia, err)
	}
	if err := w.put(segmentName(number), data); err != nil {
		return err
	}
	w.manifest.Segments = append(w.manifest.Segments, Part{
		Init: init, Start: s.start, Length: s.length, Bytes: int64(len(data)), Break: s.gap,
	})
	w.outcome.Footage.Bytes += int64(len(data))
	return w.putManifest()
}

// init returns the number of the segment's init segment.
func (w *writer) init(s *segment) (int, error) {
	sound := len(s.sound) > 0
	key := fmt.Sprintf("%t %s", sound, s.format.parameters)
	if number, known := w.inits[key]; known {
		return number, nil
	}
	data, err := initSegment(s.format, sound)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrMedia, err)
	}
	number := len(w.manifest.Inits)
	if err := w.put(initName(number), data); err != nil {
		return 0, err
	}
	w.inits[key] = number
	w.outcome.Footage.Bytes += int64(len(data))
	w.manifest.Inits = append(w.manifest.Inits, Init{Codec: s.format.codec, Width: s.format.width, Height: s.format.height, Sound: sound})
	return number, nil
}

func (w *writer) putManifest() error {
	data, err := w.manifest.encode()
	if err != nil {
		return err
	}
	return w.put(manifestName, data)
}

// How often a store that fails is tried, and for how long it may take.
const (
	attempts  = 3
	putWithin = 20 * time.Second
)

// put stores one file. A store that fails is tried again, unless it is full:
// meanwhile the queue fills.
func (w *writer) put(name string, data []byte) (err error) {
	for attempt := range attempts {
		if attempt > 0 {
			select {
			case <-w.ctx.Done():
				return fmt.Errorf("store %s: %w", name, err)
			case <-time.After(time.Duration(attempt) * 500 * time.Millisecond):
			}
		}
		ctx, cancel := context.WithTimeout(w.ctx, putWithin)
		err = w.cfg.Store.Put(ctx, w.cfg.Folder+"/"+name, bytes.NewReader(data))
		cancel()
		if err == nil || isFull(err) {
			break
		}
		w.cfg.Log.Warn("a part of the recording could not be stored", "part", name, "attempt", attempt+1, "error", err)
	}
	if err != nil {
		return fmt.Errorf("store %s: %w", name, err)
	}
	return nil
}

func isFull(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }

func faultOf(err error) events.RecordingFault {
	switch {
	case errors.Is(err, ErrMedia):
		return events.RecordingMedia
	case isFull(err):
		return events.RecordingDiskFull
	}
	return events.RecordingStore
}

// finish ends the recording in good order, if there is anything of it.
func (w *writer) finish(reason events.RecordingEnd) bool {
	if len(w.manifest.Segments) == 0 {
		return w.fail(events.RecordingEmpty, errors.New("no picture was shown while the session was recorded"))
	}
	w.manifest.Ended = true
	if err := w.putManifest(); err != nil {
		// All segments are kept, and named by the manifest before.
		w.cfg.Log.Warn("the end of the recording could not be stored", "error", err)
	}
	w.outcome.Reason = reason
	return true
}

func (w *writer) fail(fault events.RecordingFault, err error) bool {
	w.outcome.Fault, w.outcome.Err = fault, err
	return true
}
