package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/operators"
	"github.com/playcast/playcast/commands/player"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/schema/vault"
)

// eraseCommand erases what is personal.
type eraseCommand struct {
	logFlags
	vaultFlags

	Player erasePlayerCommand `cmd:"" help:"Destroy the key of a player's personal data, for good, and print the receipt."`
}

type erasePlayerCommand struct {
	ID string `arg:"" help:"The player."`
}

// Run destroys the key and then records it, so that the receipt says nothing
// that is not so. Cut off between the two, or run again, it goes on from there.
func (e *erasePlayerCommand) Run(ctx context.Context, t *terminal, c *eraseCommand) (err error) {
	id, err := events.ParsePlayerID(e.ID)
	if err != nil {
		return err
	}
	store, _, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	// An operator has to be none before, which the last one can't.
	dismiss := operators.Dismiss{Player: id, By: byOperator().Actor, Operator: true}
	if _, err := commands.NewHandler(store, time.Now).Do(ctx, commands.Issue(dismiss, byOperator())); err != nil {
		return err
	}
	destroyed, err := c.destroyKey(ctx, id)
	if err != nil {
		return err
	}
	receipt, err := erased(ctx, store, id, destroyed)
	if err != nil {
		return err
	}
	if receipt.Events == 0 {
		t.log.Warn("nothing was found that is personal of this player: if they were to have something, look how their id is spelt", "player", id)
	}
	written := json.NewEncoder(t.out)
	written.SetIndent("", "  ")
	return written.Encode(receipt)
}

func (c *eraseCommand) destroyKey(ctx context.Context, id events.PlayerID) (time.Time, error) {
	pool, err := c.pool(ctx, c.Data)
	if err != nil {
		return time.Time{}, err
	}
	defer pool.Close()
	key, err := masterKey(c.Data)
	if err != nil {
		return time.Time{}, err
	}
	v, err := vault.Open(ctx, pool, key)
	if err != nil {
		return time.Time{}, err
	}
	return v.Erase(ctx, id)
}

// erased records an erasure, and returns the first receipt of it.
func erased(ctx context.Context, store events.Store, id events.PlayerID, destroyed time.Time) (events.ErasureReceipt, error) {
	state, err := stateOfPlayer(ctx, store, id)
	if err != nil || state.Receipt != nil {
		return of(state.Receipt), err
	}
	origin := byOperator()
	receipt := events.ErasureReceipt{KeyDestroyed: destroyed, By: origin.Actor}
	if err := countSealed(ctx, store, id, &receipt); err != nil {
		return events.ErasureReceipt{}, err
	}
	if _, err := commands.NewHandler(store, time.Now).Do(ctx, commands.Issue(player.Erase{Player: id, Receipt: receipt}, origin)); err != nil {
		return events.ErasureReceipt{}, err
	}
	state, err = stateOfPlayer(ctx, store, id) // another's may have been first
	return of(state.Receipt), err
}

func of(receipt *events.ErasureReceipt) events.ErasureReceipt {
	if receipt == nil {
		return events.ErasureReceipt{}
	}
	return *receipt
}

func stateOfPlayer(ctx context.Context, store events.Store, id events.PlayerID) (player.State, error) {
	return commands.Load[player.State](ctx, store, events.PlayerStream(id))
}

// countSealed reads the log for what is sealed with a player's key.
func countSealed(ctx context.Context, store events.Store, id events.PlayerID, receipt *events.ErasureReceipt) error {
	found := map[events.Stream]int{}
	err := readLog(ctx, store, func(e events.Recorded) error {
		if hasSealed(e.Data, id) {
			found[e.Stream]++
			receipt.Events++
		}
		return nil
	})
	if err != nil {
		return err
	}
	receipt.Streams = len(found)
	streams := slices.SortedFunc(maps.Keys(found), func(a, b events.Stream) int {
		return cmp.Or(cmp.Compare(found[b], found[a]), cmp.Compare(a, b))
	})
	for _, stream := range streams[:min(len(streams), player.MaxNamed)] {
		receipt.Largest = append(receipt.Largest, events.SealedStream{Stream: stream, Events: found[stream]})
	}
	return nil
}

// hasSealed says whether the data of an event, of any type, hold an
// events.Sealed of a player.
func hasSealed(data []byte, id events.PlayerID) bool {
	if !bytes.Contains(data, []byte(`"data":`)) || !bytes.Contains(data, []byte(id)) {
		return false
	}
	var value any
	return json.Unmarshal(data, &value) == nil && sealedIn(value, id)
}

func sealedIn(value any, id events.PlayerID) bool {
	within := func(v any) bool { return sealedIn(v, id) }
	switch value := value.(type) {
	case []any:
		return slices.ContainsFunc(value, within)
	case map[string]any:
		data, sealed := value["data"].(string)
		if sealed && data != "" && len(value) == 2 && value["player"] == string(id) {
			return true
		}
		return slices.ContainsFunc(slices.Collect(maps.Values(value)), within)
	}
	return false
}
