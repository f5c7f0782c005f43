package events

import (
	"time"

	"github.com/google/uuid"
)

// FriendshipID names what is between two players, whatever it is.
type FriendshipID uuid.UUID

// FriendshipOf returns the id of what is between two players (UUIDv5), the same
// for both orders. Ids of players hold no '/', so that no two pairs share one.
func FriendshipOf(a, b PlayerID) FriendshipID {
	return FriendshipID(uuid.NewSHA1(uuid.Nil, []byte("friendship/"+string(min(a, b))+"/"+string(max(a, b)))))
}

func (id FriendshipID) String() string               { return uuid.UUID(id).String() }
func (id FriendshipID) MarshalText() ([]byte, error) { return uuid.UUID(id).MarshalText() }

func (id *FriendshipID) UnmarshalText(text []byte) error {
	return (*uuid.UUID)(id).UnmarshalText(text)
}

// FriendshipStream is where what is between two players is kept.
func FriendshipStream(id FriendshipID) Stream { return Stream("friendship-" + id.String()) }

// FriendRequested: By asks To for their friendship. Hidden: To has blocked By,
// and must not be shown it, while By sees it as any other.
type FriendRequested struct {
	By     PlayerID  `json:"by"`
	To     PlayerID  `json:"to"`
	Hidden bool      `json:"hidden"`
	At     time.Time `json:"at"`
}

// FriendRequestWithdrawn: By asks no more.
type FriendRequestWithdrawn struct {
	By PlayerID  `json:"by"`
	To PlayerID  `json:"to"`
	At time.Time `json:"at"`
}

// FriendRequestDeclined: By does not want to be To's friend, who had asked.
type FriendRequestDeclined struct {
	By PlayerID  `json:"by"`
	To PlayerID  `json:"to"`
	At time.Time `json:"at"`
}

// FriendshipFormed: the two are friends. By is who agreed last.
type FriendshipFormed struct {
	By PlayerID  `json:"by"`
	To PlayerID  `json:"to"`
	At time.Time `json:"at"`
}

// FriendshipEnded: By has removed To from their friends.
type FriendshipEnded struct {
	By PlayerID  `json:"by"`
	To PlayerID  `json:"to"`
	At time.Time `json:"at"`
}

// PlayerBlocked: By wants nothing of To any more. To is not told.
type PlayerBlocked struct {
	By PlayerID  `json:"by"`
	To PlayerID  `json:"to"`
	At time.Time `json:"at"`
}

// PlayerUnblocked: By hears of To again. What was before does not come back.
type PlayerUnblocked struct {
	By PlayerID  `json:"by"`
	To PlayerID  `json:"to"`
	At time.Time `json:"at"`
}

func (FriendRequested) EventType() string        { return "FriendRequested" }
func (FriendRequestWithdrawn) EventType() string { return "FriendRequestWithdrawn" }
func (FriendRequestDeclined) EventType() string  { return "FriendRequestDeclined" }
func (FriendshipFormed) EventType() string       { return "FriendshipFormed" }
func (FriendshipEnded) EventType() string        { return "FriendshipEnded" }
func (PlayerBlocked) EventType() string          { return "PlayerBlocked" }
func (PlayerUnblocked) EventType() string        { return "PlayerUnblocked" }

func (FriendRequested) event()        {}
func (FriendRequestWithdrawn) event() {}
func (FriendRequestDeclined) event()  {}
func (FriendshipFormed) event()       {}
func (FriendshipEnded) event()        {}
func (PlayerBlocked) event()          {}
func (PlayerUnblocked) event()        {}
