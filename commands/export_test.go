package commands

import (
	"time"

	"github.com/playcast/playcast/events"
)

// NewForgetfulHandler remembers few streams and keeps a snapshot often.
func NewForgetfulHandler(store events.Store, now func() time.Time, streams, snapshotEvery int) *Handler {
	h := NewHandler(store, now)
	h.cache, h.snapshotEvery = newCache(streams), uint64(snapshotEvery)
	return h
}
