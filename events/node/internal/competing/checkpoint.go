package competing

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/playcast/playcast/events/node/internal/eventlog"
)

const checkpointType = "$SubscriptionCheckpoint"

// saved is the checkpoint of a group: the place up to which all events are
// done. A group that starts goes on after it.
type saved struct {
	place   int64 // -1: none is stored
	done    int   // events done since it was stored
	timer   *time.Timer
	counted bool // the timer runs, or ran
	waited  bool // Checkpoint.After has passed since the first of them
	failed  bool // the last attempt; the next one waits for the timer
}

func (g *group) loadCheckpoint() error {
	g.saved.place, g.next = -1, g.definition.begin
	r, err := lastEvent(g.log, g.key.checkpointStream())
	if err != nil || r == nil {
		return err
	}
	place, err := decodeCheckpoint(g.source, r.Data)
	if err != nil {
		return err
	}
	g.saved.place, g.next = place, place+1
	return nil
}

func decodeCheckpoint(s source, data []byte) (int64, error) {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return 0, fmt.Errorf("its checkpoint: %w", err)
	}
	place, err := s.parse(text)
	if err != nil {
		return 0, fmt.Errorf("its checkpoint: %w", err)
	}
	if place == math.MaxInt64 {
		return 0, fmt.Errorf("its checkpoint: %s is past every event", text)
	}
	return place, nil
}

// done counts events towards the next checkpoint.
func (g *group) done(n int) {
	if n == 0 {
		return
	}
	s := &g.saved
	s.done += n
	if s.counted {
		return
	}
	s.counted = true
	if g.settings.Checkpoint.After == 0 {
		s.waited = true
		return
	}
	s.timer.Reset(g.settings.Checkpoint.After)
}

// saveIfDue stores a checkpoint as often as the settings say, and truncates
// the parked stream when what was replayed of it is done.
func (g *group) saveIfDue(ctx context.Context) {
	s, c := &g.saved, g.settings.Checkpoint
	if s.done > 0 && (s.waited && s.done >= c.Min || s.done >= c.Max && !s.failed) {
		if err := g.save(ctx); err != nil && ctx.Err() == nil {
			g.logger.Error("event store: the checkpoint of a subscription group", "group", g.key.id(), "error", err)
			s.failed, s.waited = true, false
			s.timer.Reset(max(c.After, time.Second))
		}
	}
	if g.parked.truncatable() {
		if err := g.truncateParked(ctx, g.parked.next); err != nil && ctx.Err() == nil {
			g.logger.Error("event store: truncate the parked events of a subscription group", "group", g.key.id(), "error", err)
		}
	}
}

// save stores a checkpoint, if the group has come further than the last one.
func (g *group) save(ctx context.Context) error {
	place := g.settledUpTo()
	if g.saved.done > 0 && place > g.saved.place {
		stream := g.key.checkpointStream()
		if err := setMetadata(ctx, g.log, stream, "$maxCount", 1); err != nil {
			return err
		}
		data, err := json.Marshal(g.source.format(place))
		if err != nil {
			return err
		}
		if _, err := g.log.Append(ctx, stream, eventlog.Any, []eventlog.Event{newEvent(checkpointType, data)}); err != nil {
			return err
		}
		g.saved.place = place
	}
	g.saved.timer.Stop()
	g.saved.done, g.saved.counted, g.saved.waited, g.saved.failed = 0, false, false, false
	return nil
}

// settledUpTo is the place before the first event that is not done.
func (g *group) settledUpTo() int64 {
	first := g.next
	note := func(m *message) {
		if m.parked < 0 {
			first = min(first, m.place)
		}
	}
	for _, m := range g.queue.again {
		note(m)
	}
	if len(g.queue.ahead) > 0 {
		note(g.queue.ahead[0])
	}
	for _, c := range g.members.all {
		for _, with := range c.flying {
			for _, m := range with {
				note(m)
			}
		}
	}
	return first - 1
}
