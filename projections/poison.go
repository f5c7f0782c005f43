package projections

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/playcast/playcast/events/feed"
	"github.com/playcast/playcast/projections/internal/db"
)

// ErrStopped marks the failure of a view: an event could not be applied, and
// applying it again would fail again.
var ErrStopped = errors.New("the view has stopped")

// errNoRow says that an event changes a row that should be there and is not.
var errNoRow = errors.New("the row that the event changes is not there")

// record keeps what the view has stopped at, for people to see, as soon as the
// database takes it.
func (r *runner) record(ctx context.Context, s *stopped) error {
	for pause := shortestPause; ; pause = min(2*pause, longestPause) {
		_, err := db.New(r.pool).Fail(ctx, db.FailParams{
			View: r.g.View, Generation: r.g.Generation, Position: int64(r.after), Failed: s.name(), Failure: s.err.Error(),
		})
		if err == nil || ctx.Err() != nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// stopped is the end of a view at an event.
type stopped struct {
	at  *feed.Event
	err error
}

func (s *stopped) name() string {
	return fmt.Sprintf("%s of %s@%d", s.at.Type, s.at.Stream, s.at.Revision)
}

func (s *stopped) Error() string { return fmt.Sprintf("%v: apply %s: %v", ErrStopped, s.name(), s.err) }

func (s *stopped) Unwrap() []error { return []error{ErrStopped, s.err} }

// refused says that the rows are at fault, and not the connection: the data is
// refused by a type, a constraint or a limit of the server (SQLSTATE classes 22,
// 23 and 54), or can't be written at all.
func refused(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && len(pg.Code) == 5 {
		return slices.Contains([]string{"22", "23", "54"}, pg.Code[:2])
	}
	return errors.Is(err, errUnwritable)
}

// readOnly says that the server takes no changes, as one that only follows another.
func readOnly(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "25006"
}
