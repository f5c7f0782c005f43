package competing

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/playcast/playcast/events/node/internal/eventlog"
)

// parked is what a group knows of its parked stream, which holds a link to
// each event that was put aside. Replayed events stay in the stream until they
// are done, so that a crash in between loses none.
type parked struct {
	first int64              // the oldest revision that is not cut off
	next  int64              // the next to be replayed; those before it were
	until int64              // replay up to this one, without it
	last  int64              // the newest revision; -1: none
	open  map[int64]struct{} // replayed and not done
}

func (p *parked) replaying() bool         { return p.next < p.until }
func (p *parked) stopReplay()             { p.until = p.next }
func (p *parked) count() int64            { return p.last + 1 - p.next }
func (p *parked) finished(revision int64) { delete(p.open, revision) }

// truncatable says whether all that was replayed is done and still stored.
func (p *parked) truncatable() bool { return len(p.open) == 0 && p.next > p.first }

func (g *group) loadParked() error {
	g.parked = parked{last: -1, open: map[int64]struct{}{}}
	view, err := g.log.Stream(g.key.parkedStream())
	switch {
	case gone(err):
		g.parked.first, g.parked.last = view.Last+1, view.Last
	case err != nil:
		return err
	default:
		g.parked.first, g.parked.last = view.First, view.Last
	}
	g.parked.next, g.parked.until = g.parked.first, g.parked.first
	return nil
}

// maxReason bounds what a consumer may have stored as its reason, in bytes.
const maxReason = 1024

// park appends links to the messages to the parked stream. Those that can't be
// stored are given out again.
func (g *group) park(ctx context.Context, messages []*message, reason string) {
	if len(messages) == 0 {
		return
	}
	reason = strings.ToValidUTF8(reason[:min(len(reason), maxReason)], "")
	events := make([]eventlog.Event, len(messages))
	for i, m := range messages {
		events[i] = parkedEvent(m, reason)
	}
	at, err := g.log.Append(ctx, g.key.parkedStream(), eventlog.Any, events)
	if err != nil {
		if ctx.Err() == nil {
			g.logger.Error("event store: park events of a subscription group", "group", g.key.id(), "error", err)
		}
		for _, m := range messages {
			g.queue.addAgain(m)
		}
		return
	}
	g.parked.last = at.Revision
	for _, m := range messages {
		g.finish(m)
	}
}

func parkedEvent(m *message, reason string) eventlog.Event {
	data := m.original().Data
	if m.event != nil {
		data = eventlog.LinkTo(string(m.event.Stream), m.event.Revision)
	}
	e := newEvent(eventlog.TypeLink, data)
	// It can't fail: all of it is strings and numbers.
	e.Metadata, _ = json.Marshal(struct {
		Added  time.Time `json:"added"`
		Reason string    `json:"reason"`
		Number int64     `json:"subscriptionEventNumber"`
	}{time.Now().UTC(), reason, m.original().Revision})
	return e
}

// replay gives out again what is parked before the revision; 0 is all of it.
func (g *group) replay(stopAt int64) {
	g.parked.until = g.parked.last + 1
	if stopAt > 0 {
		g.parked.until = min(g.parked.until, stopAt)
	}
}

func (g *group) replayable() bool {
	return g.parked.replaying() && len(g.queue.again) < g.settings.Buffer.History
}

// fillReplay reads the next parked events.
func (g *group) fillReplay() error {
	if !g.replayable() {
		return nil
	}
	p := &g.parked
	view, err := g.log.Stream(g.key.parkedStream())
	if gone(err) {
		p.next = p.until
		return nil
	}
	if err != nil {
		return err
	}
	limit := min(int64(g.settings.Buffer.Batch), p.until-p.next)
	if err := g.log.ReadStream(&g.page, view, eventlog.StreamScan{From: p.next, Limit: int(limit)}); err != nil {
		return err
	}
	var batch []*message
	for i := range g.page.Records {
		r := &g.page.Records[i]
		if r.Revision >= p.until {
			break
		}
		m := &message{link: clone(r), place: replayed, parked: r.Revision}
		if m.event, err = follow(g.log, m.link); err != nil {
			return err
		}
		g.weigh(m)
		batch = append(batch, m)
	}
	for _, m := range batch {
		p.open[m.parked] = struct{}{}
		p.next = m.parked + 1
		g.queue.bytes += m.size
		g.queue.addAgain(m)
	}
	if len(batch) == 0 || !g.page.More {
		p.next = p.until
	}
	return nil
}

// truncateParked cuts off what is before the revision.
func (g *group) truncateParked(ctx context.Context, before int64) error {
	g.parked.first = before // also where it fails: the next one that is done tries again
	return setMetadata(ctx, g.log, g.key.parkedStream(), "$tb", before)
}

// setMetadata sets one value of a stream's metadata and keeps the others.
func setMetadata(ctx context.Context, log *eventlog.Log, stream, key string, value int64) error {
	r, err := lastEvent(log, "$$"+stream)
	if err != nil {
		return fmt.Errorf("read metadata: %w", err)
	}
	raw := map[string]json.RawMessage{}
	if r != nil && (json.Unmarshal(r.Data, &raw) != nil || raw == nil) {
		raw = map[string]json.RawMessage{}
	}
	text, err := json.Marshal(value)
	if err != nil || string(raw[key]) == string(text) {
		return err
	}
	raw[key] = text
	data, err := json.Marshal(raw)
	if err != nil {
		return err
	}
	if _, err := log.Append(ctx, "$$"+stream, eventlog.Any, []eventlog.Event{newEvent("$metadata", data)}); err != nil {
		return fmt.Errorf("write metadata: %w", err)
	}
	return nil
}
