package queries

import (
	"context"
	"time"

	"github.com/playcast/playcast/events"
)

// Account is a player's metered time. A player who has not played yet has an
// empty one.
type Account struct {
	Player   events.PlayerID
	Played   time.Duration
	Sessions int64 // with metered play
}

// Account answers: how long has the player played?
func (d *DB) Account(ctx context.Context, player events.PlayerID) (Account, error) {
	row, err := d.q.Account(ctx, string(player))
	if err != nil {
		return Account{}, failed("query the account", err, nil)
	}
	return Account{Player: player, Played: milliseconds(row.PlayedMs), Sessions: row.Sessions}, nil
}
