package projections

import (
	"time"

	"github.com/playcast/playcast/events"
)

// lobbyView is lobbies with their members, who is kept out, and what was said.
// One that is closed keeps its row and what was said.
type lobbyView struct {
	lobbies  *Table[events.LobbyID, lobbyRow]
	codes    *Table[string, lobbyCodeRow]
	members  *Table[lobbyPlayer, lobbyMemberRow]
	bans     *Table[lobbyPlayer, lobbyBanRow]
	messages *Table[messageKey, lobbyMessageRow]
}

var _ View = (*lobbyView)(nil)

// lobbyRow is a lobby. A member is ready who is so in its round: another round
// begins whenever all of them are not ready any more, so that no row of theirs
// has to be found.
type lobbyRow struct {
	ID         events.LobbyID    `db:"lobby_id,key"`
	State      events.LobbyState `db:"state"`
	Visibility events.Visibility `db:"visibility"`
	Capacity   int               `db:"capacity"`
	Members    int               `db:"members"`
	Host       events.PlayerID   `db:"host_id,null"`
	Game       events.GameID     `db:"game_id,null"`
	Title      string            `db:"title"`
	Session    events.SessionID  `db:"session_id,null"`
	Round      int               `db:"round"`
	CodeHash   string            `db:"code_hash,null"`
	OpenedAt   time.Time         `db:"opened_at"`
	OpenedPos  int64             `db:"opened_pos"`
	ClosedAt   time.Time         `db:"closed_at,null"`
	Position   int64             `db:"position"`
}

type lobbyCodeRow struct {
	CodeHash string         `db:"code_hash,key"`
	Lobby    events.LobbyID `db:"lobby_id"`
}

type lobbyPlayer struct {
	Lobby  events.LobbyID
	Player events.PlayerID
}

type lobbyMemberRow struct {
	Lobby     events.LobbyID  `db:"lobby_id,key"`
	Player    events.PlayerID `db:"player_id,key"`
	ReadyIn   int             `db:"ready_in"`
	JoinedAt  time.Time       `db:"joined_at"`
	JoinedPos int64           `db:"joined_pos"`
}

type lobbyBanRow struct {
	Lobby    events.LobbyID  `db:"lobby_id,key"`
	Player   events.PlayerID `db:"player_id,key"`
	BannedAt time.Time       `db:"banned_at"`
}

type messageKey struct {
	Lobby  events.LobbyID
	Number int
	SaidAt time.Time
}

type lobbyMessageRow struct {
	Lobby  events.LobbyID  `db:"lobby_id,key"`
	Number int             `db:"number,key"`
	SaidAt time.Time       `db:"said_at,key"`
	Player events.PlayerID `db:"player_id"`
	Text   []byte          `db:"text"`
}

func newLobbyView() View {
	return &lobbyView{
		lobbies: NewTable("lobby", func(r *lobbyRow) events.LobbyID { return r.ID }),
		codes:   NewTable("lobby_code", func(r *lobbyCodeRow) string { return r.CodeHash }),
		members: NewTable("lobby_member", func(r *lobbyMemberRow) lobbyPlayer { return lobbyPlayer{r.Lobby, r.Player} }),
		bans:    NewTable("lobby_ban", func(r *lobbyBanRow) lobbyPlayer { return lobbyPlayer{r.Lobby, r.Player} }),
		messages: NewTable("lobby_message", func(r *lobbyMessageRow) messageKey {
			return messageKey{r.Lobby, r.Number, r.SaidAt}
		}).Monthly("said_at").Passing(),
	}
}

func (*lobbyView) Name() string { return "lobby" }
func (*lobbyView) Version() int { return 1 }
func (v *lobbyView) Tables() []Rows {
	return []Rows{v.lobbies, v.codes, v.members, v.bans, v.messages}
}

func (*lobbyView) Wants() []events.Event {
	return []events.Event{
		events.LobbyOpened{}, events.LobbyCodeChanged{}, events.LobbyJoined{}, events.LobbyLeft{}, events.LobbyBanned{},
		events.LobbyUnbanned{}, events.LobbyHandedOver{}, events.LobbyReadied{}, events.LobbyGameChosen{}, events.LobbyStarted{},
		events.LobbyReopened{}, events.LobbyMessageSent{}, events.LobbyClosed{}, events.PlayerErased{},
	}
}

func (v *lobbyView) Fold(n *Noted) error {
	switch e := n.Event.(type) {
	case events.LobbyJoined:
		v.join(e.Lobby, e.Player, e.At, n.Position)
		return v.change(n, e.Lobby, func(r *lobbyRow) { r.Members++ })
	case events.LobbyLeft:
		v.members.Delete(lobbyPlayer{e.Lobby, e.Player})
		return v.change(n, e.Lobby, func(r *lobbyRow) { r.Members-- })
	case events.LobbyBanned:
		v.bans.Put(lobbyBanRow{Lobby: e.Lobby, Player: e.Player, BannedAt: e.At})
		return v.change(n, e.Lobby, func(*lobbyRow) {})
	case events.LobbyUnbanned:
		v.bans.Delete(lobbyPlayer{e.Lobby, e.Player})
		return v.change(n, e.Lobby, func(*lobbyRow) {})
	case events.LobbyReadied:
		return v.ready(n, e)
	case events.LobbyMessageSent:
		v.messages.Add(lobbyMessageRow{Lobby: e.Lobby, Number: e.Number, SaidAt: e.At, Player: e.Player, Text: e.Text.Data})
	case events.PlayerErased: // the lobbies they are in are left by events of their own
		v.messages.DeleteWhere("player_id", e.Player)
		v.bans.DeleteWhere("player_id", e.Player)
	default:
		return v.live(n)
	}
	return nil
}

// live takes what changes the lobby itself.
func (v *lobbyView) live(n *Noted) error {
	switch e := n.Event.(type) {
	case events.LobbyOpened:
		v.lobbies.Add(lobbyRow{
			ID: e.Lobby, State: events.LobbyIsOpen, Visibility: e.Visibility, Capacity: e.Capacity, Members: 1, Host: e.Host,
			Round: 1, OpenedAt: e.At, OpenedPos: n.Position, Position: n.Position,
		})
		v.join(e.Lobby, e.Host, e.At, n.Position)
		return v.recode(n, e.Lobby, e.CodeHash)
	case events.LobbyCodeChanged:
		return v.recode(n, e.Lobby, e.CodeHash)
	case events.LobbyHandedOver:
		return v.change(n, e.Lobby, func(r *lobbyRow) { r.Host = e.To })
	case events.LobbyGameChosen:
		return v.change(n, e.Lobby, func(r *lobbyRow) { r.Game, r.Title, r.Round = e.Game, e.Title, r.Round+1 })
	case events.LobbyStarted:
		return v.change(n, e.Lobby, func(r *lobbyRow) { r.State, r.Session = events.LobbyIsStarted, e.Session })
	case events.LobbyReopened:
		return v.change(n, e.Lobby, func(r *lobbyRow) {
			r.State, r.Session, r.Round = events.LobbyIsOpen, events.SessionID{}, r.Round+1
		})
	case events.LobbyClosed:
		if err := v.recode(n, e.Lobby, events.CodeHash{}); err != nil {
			return err
		}
		return v.change(n, e.Lobby, func(r *lobbyRow) {
			r.State, r.Host, r.Session, r.ClosedAt = events.LobbyIsClosed, "", events.SessionID{}, e.At
		})
	}
	return nil
}

func (v *lobbyView) change(n *Noted, id events.LobbyID, how func(*lobbyRow)) error {
	return v.lobbies.Change(id, func(r *lobbyRow) {
		r.Position = n.Position
		how(r)
	})
}

func (v *lobbyView) join(id events.LobbyID, player events.PlayerID, at time.Time, position int64) {
	v.members.Add(lobbyMemberRow{Lobby: id, Player: player, JoinedAt: at, JoinedPos: position})
}

func (v *lobbyView) ready(n *Noted, e events.LobbyReadied) error {
	lobby, _ := v.lobbies.Get(e.Lobby)
	err := v.members.Change(lobbyPlayer{e.Lobby, e.Player}, func(r *lobbyMemberRow) {
		if r.ReadyIn = 0; e.Ready {
			r.ReadyIn = lobby.Round
		}
	})
	if err != nil {
		return err
	}
	return v.change(n, e.Lobby, func(*lobbyRow) {})
}

// recode has a code open the lobby, unless it opens another one, and the one
// before open nothing.
func (v *lobbyView) recode(n *Noted, id events.LobbyID, hash events.CodeHash) error {
	lobby, _ := v.lobbies.Get(id)
	if lobby.CodeHash != "" {
		if opens, is := v.codes.Get(lobby.CodeHash); is && opens.Lobby == id {
			v.codes.Delete(lobby.CodeHash)
		}
	}
	code := ""
	if hash != (events.CodeHash{}) {
		text, err := hash.MarshalText()
		if err != nil {
			return err
		}
		code = string(text)
		if _, taken := v.codes.Get(code); !taken {
			v.codes.Put(lobbyCodeRow{CodeHash: code, Lobby: id})
		}
	}
	return v.change(n, id, func(r *lobbyRow) { r.CodeHash = code })
}
