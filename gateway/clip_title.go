package gateway

import (
	"context"
	"errors"
	"fmt"

	"github.com/playcast/playcast/commands/player"
	"github.com/playcast/playcast/commands/recording"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries"
)

// Keys are those that what is personal of players is sealed with.
type Keys interface {
	// Key is a player's own, made where there is none yet. player.ErrErased: it
	// is destroyed, and none is made anew.
	Key(ctx context.Context, player events.PlayerID) (events.SealingKey, error)
}

// seal seals the title that a player gives to a clip.
func (t tapes) seal(ctx context.Context, by events.PlayerID, text string) (events.Sealed, error) {
	title, err := recording.Title(text)
	if err != nil {
		return events.Sealed{}, err
	}
	key, err := t.keys.Key(ctx, by)
	if err != nil {
		return events.Sealed{}, fmt.Errorf("seal the title of a clip: %w", err)
	}
	return events.Seal(key, by, []byte(title))
}

// titles opens the titles of all clips of one player's recordings. A clip that
// has none, or one that nothing opens any more, is not among them.
func (t tapes) titles(ctx context.Context, of events.PlayerID, recordings ...queries.Recording) (map[events.ClipID]string, error) {
	sealed := map[events.ClipID]events.Sealed{}
	for _, one := range recordings {
		for _, clip := range one.Clips {
			if !clip.Title.IsZero() {
				sealed[clip.ID] = clip.Title
			}
		}
	}
	if len(sealed) == 0 {
		return nil, nil
	}
	key, err := t.keys.Key(ctx, of)
	switch {
	case errors.Is(err, player.ErrErased):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("open the titles of clips: %w", err)
	}
	opened := map[events.ClipID]string{}
	for id, title := range sealed {
		text, err := title.Open(key)
		switch {
		case errors.Is(err, events.ErrSealed): // with a key that was lost
		case err != nil:
			return nil, err
		default:
			opened[id] = string(text)
		}
	}
	return opened, nil
}
