package eventlog

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
)

// pebbleOptions keep the store under some 150 MB of memory: two write buffers
// and a block cache. The newest format tells a torn end of the write-ahead
// log, which a crash leaves, from damage in its middle.
func pebbleOptions(f *failure) *pebble.Options {
	return &pebble.Options{
		CacheSize:                   32 << 20,
		MemTableSize:                32 << 20,
		MemTableStopWritesThreshold: 3,
		L0CompactionThreshold:       4,
		L0StopWritesThreshold:       24,
		FormatMajorVersion:          pebble.FormatNewest,
		Logger:                      f,
		EventListener: &pebble.EventListener{
			BackgroundError: func(err error) { f.logger.Error("event log: background work went wrong", "error", err) },
			DataCorruption: func(info pebble.DataCorruptionInfo) {
				f.logger.Error("event log: corrupt file", "path", info.Path, "details", info.Details)
			},
		},
	}
}

// failure remembers that Pebble met an error it can't go on from. It is also
// Pebble's logger, because that is how Pebble says so: it expects Fatalf to
// end the process, which a library must not do. Nothing is acknowledged once
// the failure is set.
type failure struct {
	logger *slog.Logger
	err    atomic.Pointer[error]
}

var _ pebble.Logger = (*failure)(nil)

func (f *failure) get() error {
	if err := f.err.Load(); err != nil {
		return *err
	}
	return nil
}

// clear forgets the error, when Pebble is opened again.
func (f *failure) clear() { f.err.Store(nil) }

func (f *failure) set(err error) error {
	err = fmt.Errorf("%w: %w", ErrFailed, err)
	f.err.CompareAndSwap(nil, &err)
	return f.get()
}

// Infof drops Pebble's own narration: it logs every flush.
func (f *failure) Infof(string, ...any) {}

func (f *failure) Errorf(format string, args ...any) {
	f.logger.Error("event log: pebble", "message", fmt.Sprintf(format, args...))
}

func (f *failure) Fatalf(format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	f.logger.Error("event log: pebble can't go on", "message", message)
	err := errors.New(message)
	for _, a := range args {
		if cause, ok := a.(error); ok {
			err = fmt.Errorf("%s: %w", strings.TrimSuffix(message, cause.Error()), cause)
		}
	}
	_ = f.set(err)
}

// markCorrupt makes Pebble's corruption errors ours too.
func markCorrupt(err error) error {
	if err != nil && pebble.IsCorruptionError(err) {
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return err
}
