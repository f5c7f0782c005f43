package eventlog

import (
	"cmp"
	"errors"
	"fmt"
	"time"
)

// mendEvery is how often the writer tries to go on after a failed commit.
const mendEvery = time.Second

// mend opens Pebble again after a commit that failed, which leaves it able to
// read only. What was answered is on the disk; what was not may be, and is then
// seen from now on, as after a crash. Where the disk does not let it write yet,
// it opens to be read, and a later append tries again.
func (w *writer) mend() error {
	l := w.log
	was := l.failure.get()
	if was == nil || time.Since(w.mended) < mendEvery {
		return was
	}
	w.mended = time.Now()
	l.room.seen = time.Time{} // what was seen before it failed is no help
	if err := cmp.Or(l.room.take(0), l.room.opens()); err != nil {
		return err
	}
	l.use.Lock() // waits for the pages that are being read
	defer l.use.Unlock()
	_ = l.db.Close() // says again what has failed
	l.failure.clear()
	err := l.openPebble(false)
	if err == nil {
		var fresh *writer
		if fresh, err = newWriter(l); err == nil {
			fresh.mended = w.mended
			*w = *fresh
			l.cache.clear()
			l.hub.wakeAll()
			l.failure.logger.Info("event log: appends go on", "head", l.Head())
			return nil
		}
		err = errors.Join(err, l.db.Close())
	}
	failed := l.failure.set(fmt.Errorf("open again: %w", err))
	if err := l.openPebble(true); err != nil {
		l.db = nil
		l.failure.logger.Error("event log: can't be read any more until it is opened again", "error", err)
	}
	return failed
}
