package saves

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// bring makes the home what was stored last, unless it is that already, or has
// what could not be stored yet.
func (h *Home) bring(ctx context.Context) error {
	if waits, err := h.bringWaiting(); waits || err != nil {
		return err
	}
	c, err := h.shelf.list(ctx)
	if err != nil {
		return h.without(err)
	}
	goingOn := slices.DeleteFunc(c.versions, func(v Version) bool { return v.Kind == Aside })
	if len(goingOn) == 0 {
		return h.begin()
	}
	if goingOn[0].ID == h.desk.state.Base.ID && h.current() {
		return nil
	}
	var damage error
	for _, v := range goingOn {
		err := h.fetch(func(dir string) (Note, error) { return h.shelf.fetch(ctx, v, dir, h.cfg.Limits) }, v)
		switch {
		case err == nil:
			if damage != nil {
				h.say(Trouble{What: Damaged, Detail: fmt.Sprintf("%s goes on: %v", v, damage)})
			}
			return nil
		case errors.Is(err, ErrUnreachable) || ctx.Err() != nil:
			return h.without(err)
		case !errors.Is(err, errDamaged):
			return err
		}
		damage = errors.Join(damage, fmt.Errorf("%s: %w", v, err))
	}
	return fmt.Errorf("none of the versions that are stored can be read: %w", damage)
}

// begin has a session begin with what is here, as nothing is stored. What the
// first session ever has left torn is not played on with either.
func (h *Home) begin() error {
	if h.desk.state.Torn && h.desk.state.Base.IsZero() {
		return h.fetch(func(string) (Note, error) { return Note{}, nil }, Version{})
	}
	return h.desk.note(func(s *state) { *s = state{SafeAt: time.Now(), Boot: s.Boot} })
}

// bringWaiting tells whether something waits to be stored that the home is, or
// is made if it is torn: that is played on with.
func (h *Home) bringWaiting() (bool, error) {
	waiting, err := h.desk.waiting()
	if err != nil {
		return false, err
	}
	for _, n := range slices.Backward(waiting) {
		if n.Version.Kind == Aside {
			continue
		}
		if h.current() {
			return true, nil
		}
		return true, h.fetch(func(dir string) (Note, error) {
			archive, err := os.Open(h.desk.archive(n))
			if err != nil {
				return n, err
			}
			return n, errors.Join(unpackWhole(archive, n, dir, h.cfg.Limits), archive.Close())
		}, h.desk.state.Base)
	}
	return false, nil
}

// current says whether the home is what the state says.
func (h *Home) current() bool {
	if h.desk.state.Torn || !h.desk.sameBoot() {
		return false
	}
	s, err := look(h.path, h.cfg.Limits)
	return err == nil && s.print == h.desk.state.Print
}

// without plays on with what is here while the store can't be reached, if there
// is something.
func (h *Home) without(err error) error {
	if _, missing := os.Lstat(h.path); errors.Is(missing, fs.ErrNotExist) || h.desk.state.Torn {
		return err
	}
	h.say(Trouble{What: Behind, Detail: err.Error()})
	return nil
}

// fetch unpacks a version beside the home, and puts it in the home's place.
func (h *Home) fetch(unpack func(dir string) (Note, error), base Version) error {
	dir := filepath.Join(h.desk.dir, unfinished+"home")
	if err := errors.Join(removeAll(dir), os.Mkdir(dir, 0o700)); err != nil {
		return err
	}
	if _, err := unpack(dir); err != nil {
		return errors.Join(err, removeAll(dir))
	}
	brought, err := look(dir, h.cfg.Limits)
	if err != nil {
		return err
	}
	if err := h.desk.replace(h.path, dir); err != nil {
		return err
	}
	return h.desk.note(func(s *state) {
		*s = state{Base: base, Print: brought.print, Rest: brought.print, SafeAt: time.Now(), Boot: h.desk.boot}
	})
}
