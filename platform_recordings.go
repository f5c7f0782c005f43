package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/playcast/playcast/commands/recording"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/gateway"
	"github.com/playcast/playcast/streamer"
	"github.com/playcast/playcast/streamer/record"
	"github.com/playcast/playcast/streamer/storage"
)

// recordingFlags say where recordings are kept, for how long, and how large.
type recordingFlags struct {
	Store      string  `name:"recordings" placeholder:"FOLDER|s3://…|off" help:"Where recordings of sessions are kept, for all processes of the platform. Default: recordings in the data directory; 'off': nothing is recorded." env:"RECORDINGS"`
	MaxMinutes int     `name:"recording-max-minutes" default:"240" help:"A recording ends when it is so long, in minutes." env:"RECORDING_MAX_MINUTES"`
	MaxGiB     float64 `name:"recording-max-gib" default:"8" help:"A recording ends when it is so large, in GiB." env:"RECORDING_MAX_GIB"`
	KeepDays   float64 `name:"recording-keep-days" default:"30" help:"Recordings are deleted after so many days; 0: never." env:"RECORDING_KEEP_DAYS"`
	KeepGiB    float64 `name:"recording-keep-gib" default:"20" help:"A player's oldest recordings are deleted when all take more than this, in GiB; 0: never." env:"RECORDING_KEEP_GIB"`
	LinkSecret string  `name:"recording-link-secret" help:"What links to recordings are signed with: 16 characters or more, the same for all gateways. Default: something new at each start." env:"RECORDING_LINK_SECRET"`
}

func (f recordingFlags) validate() error {
	switch {
	case f.MaxMinutes < 1 || f.MaxMinutes > 24*60:
		return fmt.Errorf("--recording-max-minutes %d: want 1 to %d", f.MaxMinutes, 24*60)
	case f.MaxGiB <= 0 || f.MaxGiB > 1024:
		return fmt.Errorf("--recording-max-gib %g: want more than 0, and 1024 at most", f.MaxGiB)
	case f.KeepDays < 0 || f.KeepDays > 36500:
		return fmt.Errorf("--recording-keep-days %g: want 0 to 36500", f.KeepDays)
	case f.KeepGiB < 0 || f.KeepGiB > 1<<20:
		return fmt.Errorf("--recording-keep-gib %g: want 0 to %d", f.KeepGiB, 1<<20)
	case f.LinkSecret != "" && len(f.LinkSecret) < 16:
		return errors.New("--recording-link-secret is too short: want 16 characters or more")
	}
	return nil
}

const gib = 1 << 30

func (f recordingFlags) keep() recording.Keep {
	return recording.Keep{Age: time.Duration(f.KeepDays * float64(24*time.Hour)), Bytes: int64(f.KeepGiB * gib)}
}

// taping is where recordings are kept.
type taping struct {
	tapes   storage.Opened // nil: nothing is recorded
	linkKey []byte
}

// openRecordings opens the store of recordings, unless they are off.
func (p *platform) openRecordings(ctx context.Context) error {
	p.linkKey = []byte(p.command.Recording.LinkSecret)
	if len(p.linkKey) == 0 {
		p.linkKey = make([]byte, 32)
		rand.Read(p.linkKey) // never fails
	}
	address := p.command.Recording.Store
	switch address {
	case "off":
		return nil
	case "":
		address = p.command.path("recordings")
	}
	store, err := storage.Open(ctx, address)
	if err != nil {
		return fmt.Errorf("open the store of recordings: %w (name another with --recordings, or 'off')", err)
	}
	p.tapes = store
	p.onStop("recordings", func(context.Context) error { return store.Close() })
	return nil
}

// recordingsForWorker is nil where nothing is recorded.
func (p *platform) recordingsForWorker() *streamer.Recordings {
	if p.tapes == nil {
		return nil
	}
	f := p.command.Recording
	return &streamer.Recordings{Store: p.tapes, MaxBytes: int64(f.MaxGiB * gib), MaxLength: time.Duration(f.MaxMinutes) * time.Minute}
}

// recordingsForGateway is nil where nothing is recorded.
func (p *platform) recordingsForGateway() gateway.Recordings {
	if p.tapes == nil {
		return nil
	}
	return tapeReader{record.NewLibrary(p.tapes)}
}

func (p *platform) linkConfig() gateway.RecordingConfig {
	keep := p.command.Recording.keep()
	return gateway.RecordingConfig{KeepAge: keep.Age, KeepBytes: keep.Bytes, LinkKey: p.linkKey}
}

// tapeReader lets the gateway play what the worker has recorded.
type tapeReader struct{ library *record.Library }

var _ gateway.Recordings = tapeReader{}

// What can't be played.
var (
	errTapeGone = &events.Fault{Kind: events.NotFound, Code: "recording-not-kept",
		Message: "Nothing of this recording is kept."}
	errTapeSpan = &events.Fault{Kind: events.Conflict, Code: "recording-not-one-file",
		Message: "This part of the recording can't be had as one file. Play it in the page."}
)

func tapeFault(err error) error {
	switch {
	case errors.Is(err, record.ErrNone):
		return fmt.Errorf("%w: %w", errTapeGone, err)
	case errors.Is(err, record.ErrSpan):
		return fmt.Errorf("%w: %w", errTapeSpan, err)
	}
	return err
}

func (t tapeReader) Playlist(ctx context.Context, id events.RecordingID, span gateway.Span, prefix string) ([]byte, error) {
	m, err := t.library.Manifest(ctx, id.String())
	if err != nil {
		return nil, tapeFault(err)
	}
	return m.Playlist(record.Span(span), prefix), nil
}

func (t tapeReader) Part(ctx context.Context, id events.RecordingID, name string) (io.ReadSeekCloser, time.Time, error) {
	file, modified, err := t.library.Part(ctx, id.String(), name)
	return file, modified, tapeFault(err)
}

func (t tapeReader) Movie(ctx context.Context, id events.RecordingID, span gateway.Span) (io.ReadSeekCloser, error) {
	file, err := t.library.Movie(ctx, id.String(), record.Span(span))
	if err != nil {
		return nil, tapeFault(err)
	}
	return file, nil
}
