package commands

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/playcast/playcast/events"
)

// attempts bounds the decisions of one command under conflicts. Each conflict
// means that another command went through, so a stream makes progress.
const attempts = 20

// ErrBusy says that a stream changed again and again while a command was
// decided.
var ErrBusy = &events.Fault{Kind: events.Unavailable, Code: "busy",
	Message: "Too much is happening here at the moment. Try again."}

// Handler carries out orders on a store. It is safe for concurrent use.
type Handler struct {
	store events.Store
	now   func() time.Time
	cache *cache

	snapshotEvery uint64
}

// NewHandler returns a handler whose decisions take the time from now.
func NewHandler(store events.Store, now func() time.Time) *Handler {
	return &Handler{store: store, now: now, cache: newCache(cached), snapshotEvery: snapshotEvery}
}

// Done says what an order did.
type Done struct {
	// Position of the effect: of the last event appended or, where nothing
	// was to do, of the stream's last event.
	Position events.Position
	// Events that this call appended; none for a repeated command.
	Events []events.Event
}

// Do carries out an order. An order that was carried out before, known by its
// id, returns what it did then. Errors: an *events.Fault from the decision, of
// events.Stream.Check or events.Encode, or ErrBusy; or one of the store's, which
// wraps events.ErrUnavailable where the same order can be tried again.
func (h *Handler) Do(ctx context.Context, order Order) (Done, error) {
	if err := order.Target.Check(); err != nil {
		return Done{}, err
	}
	place, err := h.cache.enter(ctx, order.Target)
	if err != nil {
		return Done{}, fmt.Errorf("wait for the commands before on %s: %w", order.Target, err)
	}
	defer h.cache.leave(place)
	d := &deciding{handler: h, order: order, decision: order.begin(), only: order.first()}
	// What is known comes back when the call has ended well: after anything
	// else the stream is read anew.
	d.fold, place.fold = place.fold, fold{}
	if !d.decision.resume(d.fold.state) {
		d.fold = fold{}
	}
	for range attempts {
		done, err := d.try(ctx)
		var conflict *events.ConflictError
		if errors.As(err, &conflict) {
			continue
		}
		var fault *events.Fault
		if err == nil || errors.As(err, &fault) {
			d.keepSnapshot(ctx)
			place.fold = d.fold
		}
		return done, err
	}
	return Done{}, ErrBusy
}

// deciding is one order on its way.
//
//	known and ours to go on ──────────────▶ decide ─▶ append ─▶ known
//	known, may be behind ─▶ read the rest ─▶ decide ─▶ append
//	not known ─────────────▶ read it all ──▶ decide ─▶ append
//
// What is known may be behind the stream at any time, since others append, too.
// An append that succeeds shows that it was not. A refusal, or that there is
// nothing to do, shows nothing: that is decided again on all there is.
type deciding struct {
	handler  *Handler
	order    Order
	decision decision
	fold     fold
	only     bool // nobody else can be carrying out an order of this id
	fresh    bool // all there was has been read in this attempt
}

func (d *deciding) try(ctx context.Context) (Done, error) {
	d.fresh = false
	if d.fold.state == nil || d.fold.behind || !d.only {
		if err := d.catchUp(ctx); err != nil {
			return Done{}, err
		}
	}
	if effect, repeated, err := d.repeated(ctx); err != nil || repeated {
		return Done{Position: effect}, err
	}
	decided, err := d.decide()
	if (err != nil || len(decided) == 0) && !d.fresh {
		if err := d.catchUp(ctx); err != nil {
			return Done{}, err
		}
		decided, err = d.decide()
	}
	if err != nil {
		return Done{}, err
	}
	if len(decided) == 0 {
		return Done{Position: d.fold.last}, nil
	}
	return d.append(ctx, decided)
}

func (d *deciding) decide() ([]events.Event, error) { return d.decision.decide(d.handler.time()) }

// time is in milliseconds: they are what the read side stores, and what people
// read.
func (h *Handler) time() time.Time { return h.now().UTC().Truncate(time.Millisecond) }

// repeated says whether the order's own events are in the stream already, and
// where the last one is. A command of which no other copy can be on its way can't.
func (d *deciding) repeated(ctx context.Context) (events.Position, bool, error) {
	if d.only {
		return 0, false, nil
	}
	effect, found := d.fold.recent.find(d.order.ID)
	if found || !d.fold.recent.dropped || d.fold.snapshots {
		return effect, found, nil
	}
	// It may be one of those that are not remembered.
	for recorded, err := range d.handler.store.Read(ctx, d.order.Target, 0) {
		if err != nil {
			return 0, false, fmt.Errorf("read %s: %w", d.order.Target, err)
		}
		_, meta, err := events.Decode(recorded)
		if err != nil {
			return 0, false, err
		}
		if meta.Command == d.order.ID {
			effect, found = recorded.Position, true
		}
	}
	return effect, found, nil
}

// catchUp reads what of the stream is not known. A stream whose last known event
// is not there is another one: it was deleted, or its store was restored.
func (d *deciding) catchUp(ctx context.Context) error {
	if d.fold.state == nil {
		d.recallSnapshot(ctx)
	}
	same, err := d.readOn(ctx)
	if err == nil && !same {
		d.fold, d.decision = fold{snapshots: d.fold.snapshots}, d.order.begin()
		_, err = d.readOn(ctx)
	}
	if err != nil {
		return fmt.Errorf("load %s: %w", d.order.Target, err)
	}
	d.fold.behind, d.fresh = false, true
	return nil
}

// readOn begins with the last event that is known, and says whether it is there.
func (d *deciding) readOn(ctx context.Context) (same bool, err error) {
	f := &d.fold
	last, some := f.expected.Last()
	same = !some
	for recorded, err := range d.handler.store.Read(ctx, d.order.Target, last) {
		if err != nil {
			return false, err
		}
		if !same {
			if same = recorded.ID == f.id && recorded.Position == f.last; !same {
				return false, nil
			}
			continue
		}
		event, meta, err := events.Decode(recorded)
		if err != nil {
			return false, err
		}
		if err := guarded(recorded, meta.SchemaVersion, func() { d.decision.evolve(event) }); err != nil {
			return false, err
		}
		f.expected, f.last, f.id = events.After(recorded.Revision), recorded.Position, recorded.ID
		f.recent.add(meta.Command, recorded.Position)
	}
	f.state = d.decision.state()
	return same, nil
}

func (d *deciding) append(ctx context.Context, decided []events.Event) (Done, error) {
	batch, err := encode(d.order.Origin, decided)
	if err != nil {
		return Done{}, err
	}
	f := &d.fold
	position, err := d.handler.store.Append(ctx, d.order.Target, f.expected, batch)
	if err != nil {
		f.behind = true
		return Done{}, fmt.Errorf("append to %s: %w", d.order.Target, err)
	}
	if !d.only {
		// The same order may have been carried out elsewhere at this moment, and
		// then the store has recognised it: what is there is that one's.
		f.behind = true
		return Done{Position: position, Events: decided}, nil
	}
	for _, event := range decided {
		d.decision.evolve(event)
	}
	f.state, f.last = d.decision.state(), position
	f.expected, f.id = f.expected.Further(len(decided)), batch[len(batch)-1].ID
	f.recent.add(d.order.ID, position)
	return Done{Position: position, Events: decided}, nil
}

func encode(origin Origin, decided []events.Event) ([]events.Proposed, error) {
	meta := events.Metadata{
		Correlation: origin.Correlation,
		Causation:   origin.Causation,
		Actor:       origin.Actor,
		Command:     origin.ID,
	}
	if meta.Correlation == "" {
		meta.Correlation = origin.ID.String()
	}
	if meta.Causation == "" {
		meta.Causation = origin.ID.String()
	}
	batch := make([]events.Proposed, 0, len(decided))
	for i, event := range decided {
		proposed, err := events.Encode(events.DeriveEventID(origin.ID, i), event, meta)
		if err != nil {
			return nil, err
		}
		batch = append(batch, proposed)
	}
	return batch, nil
}
