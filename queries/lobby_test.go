package queries_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries"
)

// lobby adds an open public lobby of a game for two, opened at a position.
func (f *fixture) lobby(host, game string, position int) events.LobbyID {
	f.t.Helper()
	id := events.LobbyOf(events.NewCommandID())
	f.exec(`INSERT INTO read.lobby (lobby_id, state, visibility, capacity, members, host_id, game_id, title, round, opened_at, opened_pos, position)
		VALUES ($1, 'open', 'public', 2, 0, $2, $3, 'Doom', 3, $4, $5, $5)`, uuid.UUID(id), host, game, noon, position)
	f.joins(id, host, position, 0)
	return id
}

// joins adds a member to a lobby.
func (f *fixture) joins(id events.LobbyID, player string, position, round int) {
	f.t.Helper()
	f.exec(`INSERT INTO read.lobby_member VALUES ($1, $2, $3, $4, $5)`, uuid.UUID(id), player, round, noon, position)
	f.exec(`UPDATE read.lobby SET members = members + 1 WHERE lobby_id = $1`, uuid.UUID(id))
}

func TestLobby(t *testing.T) {
	f := newFixture(t)
	id := f.lobby("anna", "doom", 7)
	f.joins(id, "bert", 8, 3)
	hash := events.HashOfCode("knock")
	text, err := hash.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	f.exec(`UPDATE read.lobby SET code_hash = $2 WHERE lobby_id = $1`, uuid.UUID(id), string(text))
	f.exec(`INSERT INTO read.lobby_code VALUES ($1, $2)`, string(text), uuid.UUID(id))
	f.exec(`INSERT INTO read.lobby_ban VALUES ($1, 'cora', $2)`, uuid.UUID(id), noon)

	want := queries.Gathering{
		Lobby: queries.Lobby{ID: id, State: events.LobbyIsOpen, Visibility: events.LobbyPublic, Capacity: 2, Joined: 2, Host: "anna",
			Game: queries.LobbyGame{ID: "doom", Title: "Doom"}, Coded: true, OpenedAt: noon, Position: 7},
		Members: []queries.LobbyMember{{Player: "anna", JoinedAt: noon}, {Player: "bert", JoinedAt: noon, Ready: true}},
	}
	for name, ask := range map[string]func() (queries.Gathering, error){
		"its id":   func() (queries.Gathering, error) { return f.db.Lobby(t.Context(), id) },
		"its code": func() (queries.Gathering, error) { return f.db.LobbyOfCode(t.Context(), hash) },
	} {
		got, err := ask()
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("by %s: %v\n-want +got:\n%s", name, err, diff)
		}
	}
	if banned, err := f.db.LobbyBanned(t.Context(), id); err != nil || len(banned) != 1 || banned[0].Player != "cora" {
		t.Errorf("kept out are %v, %v", banned, err)
	}
	if _, err := f.db.Lobby(t.Context(), events.LobbyID{}); !errors.Is(err, queries.ErrLobbyUnknown) {
		t.Errorf("an unknown lobby: %v", err)
	}
	if _, err := f.db.LobbyOfCode(t.Context(), events.HashOfCode("guess")); !errors.Is(err, queries.ErrLobbyCodeUnknown) {
		t.Errorf("an unknown code: %v", err)
	}
}

func TestClosedLobby(t *testing.T) {
	f := newFixture(t)
	id := f.lobby("anna", "doom", 7)
	f.exec(`DELETE FROM read.lobby_member`)
	f.exec(`UPDATE read.lobby SET state = 'closed', host_id = NULL, members = 0, closed_at = $1`, noon)
	got, err := f.db.Lobby(t.Context(), id)
	if err != nil || got.State != events.LobbyIsClosed || got.Host != "" || got.Members != nil || !got.ClosedAt.Equal(noon) {
		t.Errorf("a lobby that is closed is %+v, %v", got, err)
	}
}

// hosts asks for the pages of a list and returns the hosts of its lobbies.
func hosts(t *testing.T, page func(cursor string) (queries.LobbyPage, error)) (all []string) {
	t.Helper()
	for cursor, first := "", true; first || cursor != ""; first = false {
		p, err := page(cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range p.Lobbies {
			all = append(all, string(l.Host))
		}
		cursor = p.Next
	}
	return all
}

func TestLobbiesThatCanBeJoined(t *testing.T) {
	f := newFixture(t)
	for i, host := range []string{"anna", "bert", "cora"} {
		f.lobby(host, []string{"doom", "quake"}[i%2], i+1)
	}
	full, secret := f.lobby("full", "doom", 10), f.lobby("secret", "doom", 11)
	f.joins(full, "zoe", 12, 0)
	f.exec(`UPDATE read.lobby SET visibility = 'code' WHERE lobby_id = $1`, uuid.UUID(secret))
	f.exec(`INSERT INTO read.lobby_ban VALUES ($1, 'eva', $2)`, uuid.UUID(f.lobby("foe", "doom", 13)), noon)

	for _, c := range []struct {
		player events.PlayerID
		game   events.GameID
		size   int
		want   []string
	}{
		{"eva", "", 1, []string{"cora", "bert", "anna"}},
		{"eva", "doom", 1, []string{"cora", "anna"}},
		{"eva", "tetris", 100, nil},
		{"anna", "", 2, []string{"foe", "cora", "bert"}},
	} {
		got := hosts(t, func(cursor string) (queries.LobbyPage, error) {
			return f.db.JoinableLobbies(t.Context(), c.player, c.game, cursor, c.size)
		})
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s can join of %q: -want +got:\n%s", c.player, c.game, diff)
		}
	}
	mine := hosts(t, func(cursor string) (queries.LobbyPage, error) { return f.db.LobbiesOf(t.Context(), "zoe", cursor, 1) })
	if diff := cmp.Diff([]string{"full"}, mine); diff != "" {
		t.Errorf("zoe is in: -want +got:\n%s", diff)
	}
	page, err := f.db.JoinableLobbies(t.Context(), "eva", "", "", 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.db.JoinableLobbies(t.Context(), "eva", "doom", page.Next, 1); !errors.Is(err, queries.ErrCursor) {
		t.Errorf("a cursor of another list: %v", err)
	}
}

func TestLobbyChat(t *testing.T) {
	f := newFixture(t)
	id := f.lobby("anna", "doom", 7)
	for i, month := range []string{"2025-12", "2026-01", "2026-02"} {
		from, err := time.Parse("2006-01", month)
		if err != nil {
			t.Fatal(err)
		}
		f.exec(fmt.Sprintf(`CREATE TABLE read_lobby_1.m%d PARTITION OF read_lobby_1.lobby_message FOR VALUES FROM ('%s') TO ('%s')`,
			i, from.Format(time.DateOnly), from.AddDate(0, 1, 0).Format(time.DateOnly)))
	}
	// One of a clock that is behind the lobby's, and none of number 2.
	for number, at := range map[int]time.Time{1: noon.Add(-time.Hour), 3: noon, 4: noon.AddDate(0, 1, 10)} {
		f.exec(`INSERT INTO read_lobby_1.lobby_message VALUES ($1, $2, $3, 'bert', 'sealed')`, uuid.UUID(id), number, at)
	}
	var said []int
	for cursor, first := "", true; first || cursor != ""; first = false {
		page, err := f.db.LobbyChat(t.Context(), id, cursor, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page.Messages {
			said = append(said, m.Number)
			if m.Text.Player != "bert" || string(m.Text.Data) != "sealed" {
				t.Errorf("%+v", m)
			}
		}
		cursor = page.Next
	}
	if diff := cmp.Diff([]int{4, 3, 1}, said); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if _, err := f.db.LobbyChat(t.Context(), events.LobbyID{}, "", 2); !errors.Is(err, queries.ErrLobbyUnknown) {
		t.Errorf("of an unknown lobby: %v", err)
	}
}
