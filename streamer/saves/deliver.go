package saves

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// deliver stores what waits, the earliest first.
func (h *Home) deliver(ctx context.Context) error {
	waiting, err := h.desk.waiting()
	if err != nil {
		return err
	}
	for _, n := range waiting {
		began := time.Now()
		stored, err := h.store(ctx, n)
		if err != nil {
			return err
		}
		if err := h.desk.drop(n); err != nil {
			return err
		}
		h.tell(Kept{Version: stored, Size: n.Size, Content: n.Content, Took: time.Since(began)})
	}
	return nil
}

// store gives a version its place among those that are stored, and stores it.
func (h *Home) store(ctx context.Context, n Note) (Version, error) {
	c, err := h.shelf.list(ctx)
	if err != nil {
		return Version{}, err
	}
	if i := slices.IndexFunc(c.versions, func(v Version) bool { return v.ID == n.Version.ID }); i >= 0 {
		// It was stored, but nobody lived to hear of it.
		return c.versions[i], h.settle(c.versions[i])
	}
	last, any := head(c.versions)
	n.Base = h.desk.state.Base
	switch {
	case n.Version.Kind == Aside:
		n.Version.Number = last.Number
	case any && last.ID != n.Base.ID:
		if n, err = h.diverge(ctx, n, last); err != nil {
			return Version{}, err
		}
	default:
		n.Version.Number = last.Number + 1
	}
	if err := h.shelf.put(ctx, n, h.desk.archive(n)); err != nil {
		return Version{}, err
	}
	c.versions = append(c.versions, n.Version)
	slices.SortFunc(c.versions, later)
	if err := h.shelf.tidy(ctx, c, time.Now()); err != nil {
		h.log.Warn("versions that are not kept could not be removed", "error", err)
	}
	return n.Version, h.settle(n.Version)
}

// settle has the home come from a version that was stored of it.
func (h *Home) settle(v Version) error {
	if v.Kind == Aside {
		return nil
	}
	return h.desk.note(func(s *state) { s.Base = v })
}

// diverge places a version when another worker has stored one since: the one
// that was played last goes on, and the other is put aside.
func (h *Home) diverge(ctx context.Context, n Note, last Version) (Note, error) {
	const why = "two workers had the game at once"
	h.say(Trouble{What: Diverged, Detail: fmt.Sprintf("%s was stored since %s", last, n.Base)})
	n.Why = why
	if n.Version.At.Before(last.At) {
		n.Version.Kind, n.Version.Number = Aside, last.Number
		return n, nil
	}
	n.Version.Number = last.Number + 1
	other, err := h.shelf.note(ctx, last)
	if errors.Is(err, errDamaged) {
		return n, nil // nothing to put aside
	}
	if err != nil {
		return n, err
	}
	// A second note of the same archive.
	other.Version, other.Why = last, why
	other.Version.Kind = Aside
	return n, h.shelf.putNote(ctx, other)
}
