package events

import (
	"fmt"
	"time"

	"github.com/google/uuid"
)

// LobbyID names one lobby, from its opening to its close.
type LobbyID uuid.UUID

// LobbyOf returns the id of the lobby that a command opens (UUIDv5), so that
// the command asked twice opens one lobby.
func LobbyOf(command CommandID) LobbyID {
	return LobbyID(uuid.NewSHA1(uuid.UUID(command), []byte("lobby")))
}

func (id LobbyID) String() string               { return uuid.UUID(id).String() }
func (id LobbyID) IsZero() bool                 { return id == LobbyID{} }
func (id LobbyID) MarshalText() ([]byte, error) { return uuid.UUID(id).MarshalText() }

func (id *LobbyID) UnmarshalText(text []byte) error {
	return (*uuid.UUID)(id).UnmarshalText(text)
}

// LobbyStream is where a lobby's events are.
func LobbyStream(id LobbyID) Stream { return Stream("lobby-" + id.String()) }

// SessionOfStart returns the id of the session that a lobby's start of a number
// requests (UUIDv5): each start has one, and no other has the same.
func SessionOfStart(lobby LobbyID, start int) SessionID {
	return SessionID(uuid.NewSHA1(uuid.UUID(lobby), fmt.Appendf(nil, "start %d", start)))
}

// LobbyState is a lobby's place in its life.
//
//	open ⇄ started
//	either → closed
type LobbyState string

// The states.
const (
	LobbyNone      LobbyState = ""
	LobbyIsOpen    LobbyState = "open"
	LobbyIsStarted LobbyState = "started"
	LobbyIsClosed  LobbyState = "closed"
)

// Visibility says who may join a lobby without its code.
type Visibility string

// The visibilities.
const (
	LobbyPublic  Visibility = "public"  // everybody
	LobbyFriends Visibility = "friends" // the host's friends
	LobbyByCode  Visibility = "code"    // nobody
)

// LobbyLeaving says why somebody is no member any more.
type LobbyLeaving string

// The reasons for leaving a lobby.
const (
	LeftByChoice LobbyLeaving = "left"
	LeftByKick   LobbyLeaving = "kicked"
	LeftByBan    LobbyLeaving = "banned"
	LeftAbsent   LobbyLeaving = "absent" // offline for too long
	LeftErased   LobbyLeaving = "erased" // there is no such player any more
)

// LobbyOutcome says how a lobby's session came to its end.
type LobbyOutcome string

// The outcomes.
const (
	LobbyPlayed     LobbyOutcome = "played"
	LobbyFailed     LobbyOutcome = "failed"
	LobbyNotStarted LobbyOutcome = "not-started" // the session was refused
)

// LobbyOpened: a player waits for others, as the host and first member. Whoever
// has the code may join; a hash that is zero is no code's.
type LobbyOpened struct {
	Lobby      LobbyID    `json:"lobby"`
	Host       PlayerID   `json:"host"`
	Visibility Visibility `json:"visibility"`
	Capacity   int        `json:"capacity"`
	CodeHash   CodeHash   `json:"codeHash"`
	At         time.Time  `json:"at"`
}

// LobbyCodeChanged: the code from before opens nothing any more.
type LobbyCodeChanged struct {
	Lobby    LobbyID   `json:"lobby"`
	CodeHash CodeHash  `json:"codeHash"` // zero: there is no code
	At       time.Time `json:"at"`
}

// LobbyJoined: a player is a member until LobbyLeft, whatever their connection
// does.
type LobbyJoined struct {
	Lobby  LobbyID   `json:"lobby"`
	Player PlayerID  `json:"player"`
	At     time.Time `json:"at"`
}

// LobbyLeft: a player is no member any more. After the host's, LobbyHandedOver
// follows; after the last one's, LobbyClosed.
type LobbyLeft struct {
	Lobby  LobbyID      `json:"lobby"`
	Player PlayerID     `json:"player"`
	Reason LobbyLeaving `json:"reason"`
	At     time.Time    `json:"at"`
}

// LobbyBanned: a player, member or not, may not join until LobbyUnbanned.
type LobbyBanned struct {
	Lobby  LobbyID   `json:"lobby"`
	Player PlayerID  `json:"player"`
	At     time.Time `json:"at"`
}

// LobbyUnbanned: the player may join again, as everybody else.
type LobbyUnbanned struct {
	Lobby  LobbyID   `json:"lobby"`
	Player PlayerID  `json:"player"`
	At     time.Time `json:"at"`
}

// LobbyHandedOver: another member is the host.
type LobbyHandedOver struct {
	Lobby LobbyID   `json:"lobby"`
	From  PlayerID  `json:"from"`
	To    PlayerID  `json:"to"`
	At    time.Time `json:"at"`
}

// LobbyReadied: a member is ready, or not any more. Another game, and the end
// of play, make all of them not ready.
type LobbyReadied struct {
	Lobby  LobbyID   `json:"lobby"`
	Player PlayerID  `json:"player"`
	Ready  bool      `json:"ready"`
	At     time.Time `json:"at"`
}

// LobbyGameChosen: this is what is to be played.
type LobbyGameChosen struct {
	Lobby LobbyID   `json:"lobby"`
	Game  GameID    `json:"game"`
	Title string    `json:"title"`
	At    time.Time `json:"at"`
}

// LobbyStarted: the members, the host first, play in this session, which is
// the host's, on the terms of the host's plan.
type LobbyStarted struct {
	Lobby   LobbyID      `json:"lobby"`
	Session SessionID    `json:"session"`
	Host    PlayerID     `json:"host"`
	Members []PlayerID   `json:"members"`
	Game    GameID       `json:"game"`
	Title   string       `json:"title"`
	Terms   SessionTerms `json:"terms"`
	At      time.Time    `json:"at"`
}

// LobbyReopened: the session is over, and another may be started.
type LobbyReopened struct {
	Lobby   LobbyID      `json:"lobby"`
	Session SessionID    `json:"session"`
	Outcome LobbyOutcome `json:"outcome"`
	At      time.Time    `json:"at"`
}

// LobbyMessageSent: a member has said something to the others. Messages are
// numbered from 1 within their lobby.
type LobbyMessageSent struct {
	Lobby  LobbyID   `json:"lobby"`
	Number int       `json:"number"`
	Player PlayerID  `json:"player"`
	Text   Sealed    `json:"text"`
	At     time.Time `json:"at"`
}

// LobbyClosed: the last member has left. Nothing happens to it any more.
type LobbyClosed struct {
	Lobby LobbyID   `json:"lobby"`
	At    time.Time `json:"at"`
}

func (LobbyOpened) EventType() string      { return "LobbyOpened" }
func (LobbyCodeChanged) EventType() string { return "LobbyCodeChanged" }
func (LobbyJoined) EventType() string      { return "LobbyJoined" }
func (LobbyLeft) EventType() string        { return "LobbyLeft" }
func (LobbyBanned) EventType() string      { return "LobbyBanned" }
func (LobbyUnbanned) EventType() string    { return "LobbyUnbanned" }
func (LobbyHandedOver) EventType() string  { return "LobbyHandedOver" }
func (LobbyReadied) EventType() string     { return "LobbyReadied" }
func (LobbyGameChosen) EventType() string  { return "LobbyGameChosen" }
func (LobbyStarted) EventType() string     { return "LobbyStarted" }
func (LobbyReopened) EventType() string    { return "LobbyReopened" }
func (LobbyMessageSent) EventType() string { return "LobbyMessageSent" }
func (LobbyClosed) EventType() string      { return "LobbyClosed" }

func (LobbyOpened) event()      {}
func (LobbyCodeChanged) event() {}
func (LobbyJoined) event()      {}
func (LobbyLeft) event()        {}
func (LobbyBanned) event()      {}
func (LobbyUnbanned) event()    {}
func (LobbyHandedOver) event()  {}
func (LobbyReadied) event()     {}
func (LobbyGameChosen) event()  {}
func (LobbyStarted) event()     {}
func (LobbyReopened) event()    {}
func (LobbyMessageSent) event() {}
func (LobbyClosed) event()      {}
