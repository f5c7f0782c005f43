package projections

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
)

// errNoRow says that an event changes a row that should be there and is not.
var errNoRow = errors.New("the row that the event changes is not there")

// isPoison says that an event is at fault, and not the connection: the row it
// needs is missing, or the data is refused by a type or constraint (SQLSTATE
// classes 22 and 23).
func isPoison(err error) bool {
	if errors.Is(err, errNoRow) {
		return true
	}
	var pg *pgconn.PgError
	return errors.As(err, &pg) && len(pg.Code) == 5 && (pg.Code[:2] == "22" || pg.Code[:2] == "23")
}

// one checks that a statement has changed the one row that it was for.
func one(rows int64, err error) error {
	if err != nil {
		return err
	}
	if rows != 1 {
		return fmt.Errorf("%w (%d rows changed)", errNoRow, rows)
	}
	return nil
}
