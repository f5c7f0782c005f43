// Package competing runs the subscription groups of a log ("persistent
// subscriptions"): consumers that join a group share its events, and answer
// each one. It knows nothing of gRPC.
//
// What a consumer may rely on:
//
//   - Each event of the source is given out until somebody acknowledged or
//     skipped it, or it is parked: at least once, and over restarts.
//   - Events are first given out in the order of the source. An event that
//     failed, timed out or came back from a consumer that left is given out
//     again before newer ones, with its retry count. With several consumers,
//     or retries, they may be handled in another order.
//   - Parked events are links in a stream of the group, with the reason. They
//     can be replayed, and stay there until the replay of each is done.
//   - A checkpoint names a place up to which all events are done. It is stored
//     in a stream of the group, as are the groups themselves.
//
// Each group has one goroutine, which owns its state and reads the log at the
// pace of its consumers. No writer ever waits for a group. What a group holds
// is bounded by the buffers in its settings, the buffers of its consumers and
// a number of bytes; at the bound it reads no further.
package competing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/playcast/playcast/events/node/internal/eventlog"
)

// What can be wrong with a call, or why a consumer was let go, for errors.Is.
var (
	ErrUnknown = errors.New("there is no such group")
	ErrExists  = errors.New("the group exists already")
	ErrFull    = errors.New("the group takes no more subscribers")
	ErrDeleted = errors.New("the group was deleted")
	ErrDropped = errors.New("the group was started again: subscribe again")
	ErrStopped = errors.New("the subscriber asked to stop")
	ErrLeft    = errors.New("the subscriber left")
)

// An InvalidError says what of a request makes no sense.
type InvalidError struct{ Reason string }

func (e *InvalidError) Error() string { return e.Reason }

func invalid(format string, args ...any) error {
	return &InvalidError{Reason: fmt.Sprintf(format, args...)}
}

// Groups are the subscription groups of one log. Its methods are safe for
// concurrent use. Close it before the log.
type Groups struct {
	log    *eventlog.Log
	logger *slog.Logger

	// change is held by what changes the set of groups, for as long as that
	// takes. A change that has begun to be stored is not given up with its
	// context: what is stored and what runs would differ.
	change sync.Mutex

	mu     sync.RWMutex // guards what follows, shortly
	byID   map[string]*group
	broken error // why the stored groups could not be read
	closed bool
}

// Open starts the groups that the log knows. Where they can't be read, every
// call says so, and the log can be used without them.
func Open(log *eventlog.Log, logger *slog.Logger) *Groups {
	g := &Groups{log: log, logger: logger, byID: map[string]*group{}}
	if g.start(); g.broken != nil {
		logger.Error("event store: read the subscription groups", "error", g.broken)
	}
	return g
}

// start needs change, or to be the only one that knows g.
func (g *Groups) start() {
	definitions, err := loadConfig(g.log)
	for _, d := range definitions {
		err = errors.Join(err, g.run(d))
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.broken = err
}

// run starts a group, in place of an older one that has ended.
func (g *Groups) run(d definition) error {
	started, err := startGroup(d, g.log, g.logger)
	if err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.byID[d.key.id()] = started
	return nil
}

// Close ends all groups, lets their consumers go with eventlog.ErrClosed and
// stores the checkpoints. Only the first call does anything.
func (g *Groups) Close() {
	g.change.Lock()
	defer g.change.Unlock()
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.stopAll(eventlog.ErrClosed)
}

// stopAll needs change.
func (g *Groups) stopAll(reason error) {
	g.mu.Lock()
	stopping := slices.Collect(maps.Values(g.byID))
	clear(g.byID)
	g.mu.Unlock()
	for _, group := range stopping {
		group.cancel(reason)
	}
	for _, group := range stopping {
		group.stop(reason)
	}
}

// Create makes a group. Errors: *InvalidError, ErrExists.
func (g *Groups) Create(ctx context.Context, key Key, s Settings) error {
	if err := cmp.Or(key.validate(), s.validate()); err != nil {
		return err
	}
	g.change.Lock()
	defer g.change.Unlock()
	if known, err := g.find(key); err == nil {
		return fmt.Errorf("%s: %w", known.key, ErrExists)
	} else if !errors.Is(err, ErrUnknown) {
		return err
	}
	d, err := g.define(key, s)
	if err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	// A crash while an older group of that name was deleted may have left them.
	if err := g.forget(ctx, key); err != nil {
		return err
	}
	return g.put(ctx, d)
}

// define finds the place at which a new group begins.
func (g *Groups) define(key Key, s Settings) (definition, error) {
	d := definition{key: key, settings: s, begin: s.Start}
	if s.Start != End {
		return d, nil
	}
	from, err := newSource(g.log, key, s.Filter)
	if err != nil {
		return d, err
	}
	last, err := from.end()
	d.begin = last + 1
	return d, err
}

// put stores the group and starts it. It needs change.
func (g *Groups) put(ctx context.Context, d definition) error {
	definitions := slices.DeleteFunc(g.definitions(), func(other definition) bool { return other.key == d.key })
	if err := saveConfig(ctx, g.log, append(definitions, d)); err != nil {
		return err
	}
	return g.run(d)
}

func (g *Groups) definitions() []definition {
	g.mu.RLock()
	defer g.mu.RUnlock()
	var all []definition
	for _, id := range slices.Sorted(maps.Keys(g.byID)) {
		all = append(all, g.byID[id].definition)
	}
	return all
}

// Update gives the group other settings; the filter stays. Its consumers are
// let go with ErrDropped, to join again. Errors: *InvalidError, ErrUnknown.
func (g *Groups) Update(ctx context.Context, key Key, s Settings) error {
	g.change.Lock()
	defer g.change.Unlock()
	old, err := g.find(key)
	if err != nil {
		return err
	}
	s.Filter = old.settings.Filter
	if err := s.validate(); err != nil {
		return err
	}
	d := definition{key: key, settings: s, begin: old.begin}
	if s.Start != old.settings.Start {
		if d, err = g.define(key, s); err != nil {
			return err
		}
	}
	old.stop(ErrDropped)
	ctx = context.WithoutCancel(ctx)
	if err := g.put(ctx, d); err != nil {
		return errors.Join(err, g.run(old.definition))
	}
	return nil
}

// Delete ends a group and deletes what it stored. Its consumers are let go
// with ErrDeleted. Errors: ErrUnknown.
func (g *Groups) Delete(ctx context.Context, key Key) error {
	g.change.Lock()
	defer g.change.Unlock()
	old, err := g.find(key)
	if err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	others := slices.DeleteFunc(g.definitions(), func(d definition) bool { return d.key == key })
	if err := saveConfig(ctx, g.log, others); err != nil {
		return err
	}
	g.mu.Lock()
	delete(g.byID, key.id())
	g.mu.Unlock()
	old.stop(ErrDeleted)
	return g.forget(ctx, key)
}

// forget deletes the streams of a group that is no more.
func (g *Groups) forget(ctx context.Context, key Key) error {
	for _, stream := range []string{key.checkpointStream(), key.parkedStream()} {
		if _, err := g.log.Stream(stream); gone(err) {
			continue
		}
		if _, err := g.log.Delete(ctx, stream, eventlog.Any); err != nil {
			return fmt.Errorf("delete %q: %w", stream, err)
		}
	}
	return nil
}

// Restart ends all groups, with ErrDropped for their consumers, and starts
// what the log knows.
func (g *Groups) Restart() error {
	g.change.Lock()
	defer g.change.Unlock()
	g.mu.RLock()
	closed := g.closed
	g.mu.RUnlock()
	if closed {
		return eventlog.ErrClosed
	}
	g.stopAll(ErrDropped)
	g.start()
	return g.broken
}

// Join makes a consumer of the group. Errors: *InvalidError, ErrUnknown, ErrFull.
func (g *Groups) Join(ctx context.Context, key Key, m Member) (*Consumer, error) {
	if m.Buffer < 1 || m.Buffer > maxBuffer {
		return nil, invalid("the subscriber's buffer is of %d events: 1 to %d are possible", m.Buffer, maxBuffer)
	}
	group, err := g.find(key)
	if err != nil {
		return nil, err
	}
	return group.join(ctx, m)
}

// Replay gives out again what is parked before the revision of the parked
// stream; 0 is all of it. Errors: *InvalidError, ErrUnknown.
func (g *Groups) Replay(ctx context.Context, key Key, stopAt int64) error {
	if stopAt < 0 {
		return invalid("replay up to revision %d", stopAt)
	}
	group, err := g.find(key)
	if err != nil {
		return err
	}
	return group.ask(ctx, func(context.Context) { group.replay(stopAt) })
}

// Info describes a group. Errors: ErrUnknown.
func (g *Groups) Info(ctx context.Context, key Key) (Info, error) {
	group, err := g.find(key)
	if err != nil {
		return Info{}, err
	}
	return group.info(ctx)
}

// List describes the groups on a source, or, when it is empty, all.
func (g *Groups) List(ctx context.Context, source string) ([]Info, error) {
	if _, err := g.find(Key{}); !errors.Is(err, ErrUnknown) {
		return nil, err
	}
	all := []Info{}
	for _, d := range g.definitions() {
		if source != "" && d.key.Source != source {
			continue
		}
		info, err := g.Info(ctx, d.key)
		if errors.Is(err, ErrUnknown) {
			continue // deleted meanwhile
		}
		if err != nil {
			return nil, err
		}
		all = append(all, info)
	}
	slices.SortFunc(all, func(a, b Info) int { return strings.Compare(a.Key.id(), b.Key.id()) })
	return all, nil
}

// find returns the group, or why there is none.
func (g *Groups) find(key Key) (*group, error) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	switch found := g.byID[key.id()]; {
	case g.closed:
		return nil, eventlog.ErrClosed
	case g.broken != nil:
		return nil, g.broken
	case found == nil:
		return nil, fmt.Errorf("%s: %w", key, ErrUnknown)
	case found.key != key:
		return nil, invalid("%s: its streams would be those of the %s: choose another name", key, found.key)
	default:
		return found, nil
	}
}
