package main_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/schema/local"
)

// database is a PostgreSQL of the test's own, so that it can be looked at, stopped
// and damaged.
type database struct {
	t      *testing.T
	dir    string
	server *local.Server
}

func openDatabase(t *testing.T) *database {
	t.Helper()
	d := &database{t: t, dir: dataIn(t)}
	d.start()
	t.Cleanup(func() {
		if err := d.server.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	})
	return d
}

// start starts it, at the address that it had.
func (d *database) start() {
	d.t.Helper()
	server, err := local.Start(d.t.Context(), local.Config{Dir: d.dir})
	if err != nil {
		d.t.Fatal(err)
	}
	if d.server != nil && server.URL() != d.server.URL() {
		d.t.Fatalf("the database was at %s and is at %s", d.server.URL(), server.URL())
	}
	d.server = server
}

// stop stops it in good order, with all that is connected.
func (d *database) stop() {
	d.t.Helper()
	if err := d.server.Close(); err != nil {
		d.t.Fatal(err)
	}
}

// crash ends it at once (PostgreSQL, "Immediate Shutdown"): it has to recover.
func (d *database) crash() {
	d.t.Helper()
	text, err := os.ReadFile(filepath.Join(d.dir, "cluster", "postmaster.pid"))
	if err != nil {
		d.t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		d.t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGQUIT); err != nil {
		d.t.Fatal(err)
	}
	<-d.server.Exited()
	_ = d.server.Close() // which says that it did not end well
}

func (d *database) url() string { return d.server.URL() }

// with runs a function on a connection of its own.
func (d *database) with(use func(context.Context, *pgx.Conn) error) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), bound)
	defer cancel()
	conn, err := pgx.Connect(ctx, d.url())
	if err != nil {
		d.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := use(ctx, conn); err != nil {
		d.t.Fatal(err)
	}
}

func (d *database) exec(statement string) {
	d.t.Helper()
	d.with(func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, statement)
		return err
	})
}

// dump is every row of every read model as PostgreSQL writes it, by table. The
// tables that tell how the schema came about, and how far each view has read,
// are not of the events alone, and left out; so are the workers, of which each
// start makes other ones.
func (d *database) dump() map[string][]string {
	d.t.Helper()
	dump := map[string][]string{}
	d.with(func(ctx context.Context, conn *pgx.Conn) error {
		tables, err := texts(ctx, conn, `SELECT table_name::text FROM information_schema.tables
			WHERE table_schema = 'read' AND table_name NOT IN ('migration', 'checkpoint', 'generation', 'worker', 'slot', 'running')`)
		if err != nil {
			return err
		}
		for _, table := range tables {
			if dump[table], err = texts(ctx, conn, fmt.Sprintf("SELECT t::text FROM read.%s t ORDER BY 1", table)); err != nil {
				return err
			}
		}
		return nil
	})
	if len(dump["session"]) == 0 {
		d.t.Fatalf("the read models are not those that this test knows: %v", dump)
	}
	return dump
}

func texts(ctx context.Context, conn *pgx.Conn, query string) ([]string, error) {
	rows, err := conn.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// models is what the read models hold, row by row.
type models struct {
	Games    []gameRow
	Sessions []sessionRow
	Accounts []accountRow
	Playtime []playtimeRow
	Pictures []pictureRow
	Guests   []guestRow
	Invited  []invitationRow
	Workers  []workerRow

	Recordings []recordingRow
	Clips      []clipRow
}

type workerRow struct {
	WorkerID, Incarnation, State, Address string
	Slots, Held                           int
	Encoders, Games                       []string
	RegisteredAt                          time.Time
	Position                              int64
}

type gameRow struct {
	GameID, Title, Description, Genre, Art string
	Width, Height, FrameRate               int
	Inputs                                 []string
	Players                                int
	Published                              bool
	Reason                                 string
	Position                               int64
}

type sessionRow struct {
	SessionID, PlayerID, GameID, Title, State string
	RequestedAt, QueuedAs                     time.Time
	RequestedPos                              int64
	WorkerID                                  *string
	Slot                                      *int
	AllocatedAt, ActiveSince, EndedAt         *time.Time
	EndReason, FailureCause                   *string
	Width, Height, FrameRate                  *int
	Encoder                                   *string
	PlayedMs                                  int64
	PictureCause, RecordingID, SavesTrouble   *string
	Quality                                   *events.Quality
	Warnings                                  map[events.EndReason]warned
	Position                                  int64
}

// warned is an end that a player was told of.
type warned struct {
	Left events.Seconds
	Ends time.Time
}

type pictureRow struct {
	SessionID        string
	Position         int64
	BeganAt, EndedAt time.Time
	Quality          *events.Quality
	Picture          *events.PictureAdapted
}

type accountRow struct {
	PlayerID string
	OpenedAt time.Time
	Position int64
}

type guestRow struct {
	SessionID, PlayerID, InvitationID string
	JoinedAt                          time.Time
	Keyboard                          bool
	Pads                              int
}

type invitationRow struct {
	InvitationID, SessionID, Kind string
	CodeHash                      []byte
	GivenAt                       time.Time
}

type playtimeRow struct {
	SessionID, PlayerID, GameID string
	Segment                     int
	BeganAt, EndedAt            time.Time
	PlayedMs                    int64
}

// sessionRows are the sessions, each with what was told last of its picture.
const sessionRows = `SELECT s.session_id, s.player_id, s.game_id, s.title, s.state, s.requested_at, s.queued_as, s.requested_pos,
		s.worker_id, CASE WHEN s.worker_id IS NOT NULL THEN s.slot END AS slot, s.allocated_at, s.active_since, s.ended_at,
		s.end_reason, s.failure_cause, s.width, s.height, s.frame_rate, s.encoder, s.played_ms,
		s.picture_cause, s.recording_id, s.saves_trouble, h.quality, s.warnings, greatest(s.position, q.position) AS position
	FROM read.session s JOIN read.session_quality q USING (session_id)
	LEFT JOIN read.picture_history h ON (h.session_id, h.position, h.at) = (q.session_id, q.last_position, q.last_at)
	ORDER BY s.session_id`

// rows reads the read models, each in the order of its key.
func (d *database) rows() models {
	d.t.Helper()
	var m models
	d.with(func(ctx context.Context, conn *pgx.Conn) error {
		return errors.Join(
			collect(ctx, conn, &m.Games, `SELECT game_id, title, description, genre, art, width, height, frame_rate, inputs, players, published, reason, position
				FROM read.game ORDER BY game_id`),
			collect(ctx, conn, &m.Sessions, sessionRows),
			collect(ctx, conn, &m.Accounts, "SELECT player_id, opened_at, position FROM read.account ORDER BY player_id"),
			collect(ctx, conn, &m.Playtime, "SELECT session_id, player_id, game_id, segment, began_at, ended_at, played_ms FROM read.playtime ORDER BY session_id, segment"),
			collect(ctx, conn, &m.Pictures, "SELECT session_id, position, began_at, ended_at, quality, picture FROM read.picture_history ORDER BY position"),
			collect(ctx, conn, &m.Guests, "SELECT * FROM read.guest ORDER BY session_id, player_id"),
			collect(ctx, conn, &m.Invited, "SELECT * FROM read.invitation ORDER BY invitation_id"),
			collect(ctx, conn, &m.Workers, `SELECT worker_id, incarnation, state, address, slots, held, encoders, games, registered_at, position
				FROM read.worker ORDER BY worker_id`),
			collect(ctx, conn, &m.Recordings, "SELECT * FROM read.recording ORDER BY recording_id"),
			collect(ctx, conn, &m.Clips, "SELECT * FROM read.clip ORDER BY clip_id"),
		)
	})
	return m
}

// follows waits until the rows are the fold of the events of a log, which may
// go on: each view comes to them in its own time.
func (d *database) follows(t *testing.T, log func() []events.Recorded) {
	t.Helper()
	eventually(t, "the rows to be the fold of the events (-fold +rows)", func() (bool, any) {
		diff := cmp.Diff(foldOf(facts(t, log())), d.rows(), cmpopts.EquateEmpty())
		return diff == "", diff
	})
}

// collect reads rows into structs, column by column of the same name.
func collect[R any](ctx context.Context, conn *pgx.Conn, into *[]R, query string) error {
	rows, err := conn.Query(ctx, query)
	if err != nil {
		return err
	}
	*into, err = pgx.CollectRows(rows, pgx.RowToStructByName[R])
	return err
}
