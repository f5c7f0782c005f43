package projections

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/feed"
)

// bulk is how many new rows of a table are copied in, and not inserted.
const bulk = 64

// A notification has less than PostgreSQL's limit of 8000 bytes: of keys so many.
// Of more keys than mostTold no single one is told.
const (
	keyBytes = 7500
	mostTold = 8000
)

// Notification says, on the channel read_model, that a view has moved. Keys
// are the streams whose state changed; there may be none; null: any may have.
type Notification struct {
	View     string   `json:"view"`
	Keys     []string `json:"keys"`
	Position int64    `json:"position"`
}

// step is what moves a generation's checkpoint: from where, to where, over how
// many events, and the last one's time.
type step struct {
	after, reached events.Position
	events         int
	newest         *time.Time
	told           []events.Stream
}

// count adds events to those that the step is over.
func (s *step) count(more []*feed.Event) {
	if len(more) > 0 {
		s.events, s.newest = s.events+len(more), &more[len(more)-1].Time
	}
}

// errMoved says that another runner has moved the checkpoint, or that the
// generation is gone.
var errMoved = errors.New("another runner has moved the checkpoint")

// errUnwritable says that a column can't hold a value.
var errUnwritable = errors.New("a value does not fit in its column")

const codeMoved = "PC001" // of read.advance

// writer writes what a batch has changed.
type writer struct {
	pool       *pgxpool.Pool
	g          generation
	tables     []Rows
	partitions map[string]bool // that are there
}

// write commits rows, checkpoint and notification together, and returns the
// state of the generation. It is one round trip where little has changed.
func (w *writer) write(ctx context.Context, s step) (state string, err error) {
	all := make([]changes, len(w.tables))
	for i, rows := range w.tables {
		all[i] = rows.drain()
		if err := w.partition(ctx, rows.shape(), all[i]); err != nil {
			return "", err
		}
	}
	batch := &pgx.Batch{}
	// To nowhere, if the generation is another one of the same number.
	batch.Queue("SELECT read.advance($1, $2, (SELECT $3::bigint FROM read.generation WHERE view = $1 AND generation = $2 AND made_at = $4), $5, $6, $7)",
		w.g.View, w.g.Generation, int64(s.after), w.g.MadeAt, int64(s.reached), int64(s.events), s.newest).
		QueryRow(func(row pgx.Row) error { return row.Scan(&state) })
	for i, rows := range slices.Backward(w.tables) {
		w.delete(batch, rows.shape(), all[i])
	}
	if slices.ContainsFunc(all, changes.many) {
		err = pgx.BeginFunc(ctx, w.pool, func(tx pgx.Tx) error { return w.copyIn(ctx, tx, batch, all, s) })
	} else {
		for i, rows := range w.tables {
			w.put(batch, rows.shape(), all[i])
		}
		if err = notify(batch, w.g, s); err == nil {
			err = w.pool.SendBatch(ctx, batch).Close() // a transaction by itself
		}
	}
	var pg *pgconn.PgError
	switch {
	case errors.As(err, &pg) && pg.Code == codeMoved:
		return "", errMoved
	case err != nil && ctx.Err() == nil && !refused(err):
		return "", cmp.Or(w.unwritable(ctx, all), err)
	}
	return state, err
}

// unwritable finds a value among changes that its column can't hold. The driver
// refuses it as if the connection had failed.
func (w *writer) unwritable(ctx context.Context, all []changes) error {
	conn, err := w.pool.Acquire(ctx)
	if err != nil {
		return nil // the connection has failed
	}
	defer conn.Release()
	types := conn.Conn().TypeMap()
	for i, rows := range w.tables {
		l := rows.shape()
		takes, err := conn.Conn().Prepare(ctx, "", l.insert(schemaOf(w.g)))
		if err != nil {
			return nil
		}
		for _, row := range slices.Concat(all[i].added, all[i].put) {
			for j, value := range row {
				of := takes.ParamOIDs[j]
				if _, err := types.Encode(of, types.FormatCodeForOID(of), value, nil); err != nil {
					return fmt.Errorf("%w: %s of %s: %v", errUnwritable, l.columns[j].name, l.table, err)
				}
			}
		}
	}
	return nil
}

// many says that rows are better copied than inserted.
func (c changes) many() bool { return len(c.added) >= bulk }

// copyIn is write where tables get many rows. What other rows refer to is there
// before them.
func (w *writer) copyIn(ctx context.Context, tx pgx.Tx, batch *pgx.Batch, all []changes, s step) error {
	for i, rows := range w.tables {
		l, c := rows.shape(), all[i]
		if c.many() {
			if err := tx.SendBatch(ctx, batch).Close(); err != nil {
				return err
			}
			batch = &pgx.Batch{}
			from := pgx.CopyFromRows(c.added)
			if _, err := tx.CopyFrom(ctx, pgx.Identifier{schemaOf(w.g), l.table}, l.names(), from); err != nil {
				return fmt.Errorf("copy rows into %s: %w", l.table, err)
			}
			c.added = nil
		}
		w.put(batch, l, c)
	}
	if err := notify(batch, w.g, s); err != nil {
		return err
	}
	return tx.SendBatch(ctx, batch).Close()
}

func (w *writer) delete(batch *pgx.Batch, l *layout, c changes) {
	for _, where := range c.gone {
		batch.Queue("DELETE FROM "+l.in(schemaOf(w.g))+" WHERE "+l.columns[where.column].name+" = $1", where.value)
	}
	for _, key := range c.deleted {
		batch.Queue("DELETE FROM "+l.in(schemaOf(w.g))+" WHERE "+l.keyIs(), key...)
	}
}

func (w *writer) put(batch *pgx.Batch, l *layout, c changes) {
	if len(c.added)+len(c.put) == 0 {
		return
	}
	insert := l.insert(schemaOf(w.g))
	for _, row := range c.added {
		batch.Queue(insert, row...)
	}
	if len(c.put) == 0 {
		return
	}
	upsert := insert + l.onConflict()
	for _, row := range c.put {
		batch.Queue(upsert, row...)
	}
}

// notify tells of a live generation's step.
func notify(batch *pgx.Batch, g generation, s step) error {
	changed := slices.Clone(s.told)
	slices.Sort(changed)
	changed = slices.Compact(changed)
	if len(changed) > mostTold { // to ask again is less than to be told
		return tell(batch, g, Notification{View: g.View, Position: int64(s.reached)})
	}
	keys, size := []string{}, 0
	for _, key := range changed {
		written, err := json.Marshal(key)
		if err != nil {
			return fmt.Errorf("notify: %w", err)
		}
		if len(written) > keyBytes {
			return tell(batch, g, Notification{View: g.View, Position: int64(s.reached)})
		}
		if size += len(written) + 1; size > keyBytes {
			if err := tell(batch, g, Notification{View: g.View, Keys: keys, Position: int64(s.reached)}); err != nil {
				return err
			}
			keys, size = nil, len(written)+1
		}
		keys = append(keys, string(key))
	}
	return tell(batch, g, Notification{View: g.View, Keys: keys, Position: int64(s.reached)})
}

func tell(batch *pgx.Batch, g generation, n Notification) error {
	payload, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("notify: %w", err)
	}
	batch.Queue("SELECT pg_notify('read_model', $3) FROM read.generation WHERE view = $1 AND generation = $2 AND state = 'live'",
		g.View, g.Generation, string(payload))
	return nil
}

func (l *layout) names() []string {
	names := make([]string, len(l.columns))
	for i, c := range l.columns {
		names[i] = c.name
	}
	return names
}

func (l *layout) insert(schema string) string {
	places := make([]string, len(l.columns))
	for i := range places {
		places[i] = fmt.Sprintf("$%d", i+1)
	}
	return fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", l.in(schema), strings.Join(l.names(), ", "), strings.Join(places, ", "))
}

func (l *layout) onConflict() string {
	var keys, sets []string
	for _, c := range l.columns {
		if c.key {
			keys = append(keys, c.name)
			continue
		}
		sets = append(sets, c.name+" = excluded."+c.name)
	}
	if len(sets) == 0 {
		return fmt.Sprintf(" ON CONFLICT (%s) DO NOTHING", strings.Join(keys, ", "))
	}
	return fmt.Sprintf(" ON CONFLICT (%s) DO UPDATE SET %s", strings.Join(keys, ", "), strings.Join(sets, ", "))
}

func (l *layout) keyIs() string {
	parts := make([]string, len(l.keys))
	for i, k := range l.keys {
		parts[i] = fmt.Sprintf("%s = $%d", l.columns[k].name, i+1)
	}
	return strings.Join(parts, " AND ")
}
