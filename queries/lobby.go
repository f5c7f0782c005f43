package queries

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// Lobby is a lobby as lists show it. One that is closed has no host.
type Lobby struct {
	ID         events.LobbyID
	State      events.LobbyState
	Visibility events.Visibility
	Capacity   int
	Joined     int // members
	Host       events.PlayerID
	Game       LobbyGame
	Session    events.SessionID // that is played; zero: none is
	Coded      bool             // there is a code
	OpenedAt   time.Time
	ClosedAt   *time.Time
	Position   events.Position
}

// LobbyGame is what is to be played. The zero value: nothing is chosen.
type LobbyGame struct {
	ID    events.GameID
	Title string
}

// Gathering is a lobby with who is in it.
type Gathering struct {
	Lobby
	Members []LobbyMember // who has been one for longest comes first
}

// LobbyMember is a player in a lobby.
type LobbyMember struct {
	Player   events.PlayerID
	JoinedAt time.Time
	Ready    bool
}

// Banned is a player who may not join a lobby.
type Banned struct {
	Player events.PlayerID
	At     time.Time
}

// What a lobby is asked for in vain.
var (
	ErrLobbyUnknown = &events.Fault{Kind: events.NotFound, Code: "unknown-lobby",
		Message: "There is no such lobby."}
	ErrLobbyCodeUnknown = &events.Fault{Kind: events.NotFound, Code: "lobby-code",
		Message: "This code does not open a lobby, or not any more. Ask for another one."}
)

// Lobby answers: what is the lobby's state, and who is in it?
func (d *DB) Lobby(ctx context.Context, id events.LobbyID) (Gathering, error) {
	rows, err := d.q.Lobby(ctx, uuid.UUID(id))
	if err != nil {
		return Gathering{}, failed("query the lobby", err, nil)
	}
	if len(rows) == 0 {
		return Gathering{}, ErrLobbyUnknown
	}
	g := Gathering{Lobby: lobbyOf(rows[0].ReadLobby)}
	for _, row := range rows {
		if row.PlayerID != nil {
			g.Members = append(g.Members, LobbyMember{
				Player: events.PlayerID(*row.PlayerID), JoinedAt: row.JoinedAt.UTC(), Ready: row.Ready,
			})
		}
	}
	return g, nil
}

// LobbyOfCode answers: which lobby does the code of this hash open?
func (d *DB) LobbyOfCode(ctx context.Context, hash events.CodeHash) (Gathering, error) {
	text, err := hash.MarshalText()
	if err != nil {
		return Gathering{}, ErrLobbyCodeUnknown
	}
	id, err := d.q.LobbyByCode(ctx, string(text))
	if err != nil {
		return Gathering{}, failed("query the code's lobby", err, ErrLobbyCodeUnknown)
	}
	return d.Lobby(ctx, events.LobbyID(id))
}

// LobbyBanned answers: who may not join the lobby? They are a hundred at most.
func (d *DB) LobbyBanned(ctx context.Context, id events.LobbyID) ([]Banned, error) {
	rows, err := d.q.LobbyBanned(ctx, uuid.UUID(id))
	if err != nil {
		return nil, failed("query who is kept out of the lobby", err, nil)
	}
	banned := make([]Banned, len(rows))
	for i, row := range rows {
		banned[i] = Banned{Player: events.PlayerID(row.PlayerID), At: row.BannedAt.UTC()}
	}
	return banned, nil
}

func lobbyOf(row db.ReadLobby) Lobby {
	return Lobby{
		ID: events.LobbyID(row.LobbyID), State: events.LobbyState(row.State), Visibility: events.Visibility(row.Visibility),
		Capacity: int(row.Capacity), Joined: int(row.Members), Host: events.PlayerID(value(row.HostID)),
		Game:    LobbyGame{ID: events.GameID(value(row.GameID)), Title: row.Title},
		Session: events.SessionID(value(row.SessionID)), Coded: row.CodeHash != nil,
		OpenedAt: row.OpenedAt.UTC(), ClosedAt: utc(row.ClosedAt), Position: events.Position(row.Position),
	}
}
