package events

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/google/uuid"
)

// SessionID names one game session, from its request to its end.
type SessionID uuid.UUID

// NewSessionID returns a fresh identifier that sorts by the time it was made (UUIDv7).
func NewSessionID() SessionID { return SessionID(newUUID()) }

// ParseSessionID reads the canonical text form; anything else is an error.
func ParseSessionID(text string) (SessionID, error) {
	id, err := parseUUID(text)
	if err != nil {
		return SessionID{}, fmt.Errorf("session id %q: %w", text, err)
	}
	return SessionID(id), nil
}

func (id SessionID) String() string               { return uuid.UUID(id).String() }
func (id SessionID) IsZero() bool                 { return id == SessionID{} }
func (id SessionID) MarshalText() ([]byte, error) { return uuid.UUID(id).MarshalText() }

func (id *SessionID) UnmarshalText(text []byte) error {
	return (*uuid.UUID)(id).UnmarshalText(text)
}

// InvitationID names one invitation to a session. It is no secret: the code that
// opens the session is another thing.
type InvitationID uuid.UUID

// InvitationOf returns the id of the invitation that a command gives (UUIDv5).
func InvitationOf(command CommandID) InvitationID {
	return InvitationID(uuid.NewSHA1(uuid.UUID(command), []byte("invitation")))
}

// ParseInvitationID reads the canonical text form; anything else is an error.
func ParseInvitationID(text string) (InvitationID, error) {
	id, err := parseUUID(text)
	if err != nil {
		return InvitationID{}, fmt.Errorf("invitation id %q: %w", text, err)
	}
	return InvitationID(id), nil
}

func (id InvitationID) String() string               { return uuid.UUID(id).String() }
func (id InvitationID) IsZero() bool                 { return id == InvitationID{} }
func (id InvitationID) MarshalText() ([]byte, error) { return uuid.UUID(id).MarshalText() }

func (id *InvitationID) UnmarshalText(text []byte) error {
	return (*uuid.UUID)(id).UnmarshalText(text)
}

// CommandID names one command. A repeated command with the same id has the
// effect of the first one only.
type CommandID uuid.UUID

// NewCommandID returns a fresh identifier (UUIDv7).
func NewCommandID() CommandID { return CommandID(newUUID()) }

// ParseCommandID reads the canonical text form.
func ParseCommandID(text string) (CommandID, error) {
	id, err := parseUUID(text)
	if err != nil {
		return CommandID{}, fmt.Errorf("command id %q: %w", text, err)
	}
	return CommandID(id), nil
}

// DeriveCommandID returns the id of the command that purpose issues because
// of cause (UUIDv5), so that a redelivered event issues the same command.
func DeriveCommandID(cause EventID, purpose string) CommandID {
	return CommandID(uuid.NewSHA1(uuid.UUID(cause), []byte(purpose)))
}

func (id CommandID) String() string               { return uuid.UUID(id).String() }
func (id CommandID) IsZero() bool                 { return id == CommandID{} }
func (id CommandID) MarshalText() ([]byte, error) { return uuid.UUID(id).MarshalText() }

func (id *CommandID) UnmarshalText(text []byte) error {
	return (*uuid.UUID)(id).UnmarshalText(text)
}

// EventID names one event.
type EventID uuid.UUID

// DeriveEventID returns the id of the index-th event of a command (UUIDv5), so
// that the store recognises a retried append.
func DeriveEventID(command CommandID, index int) EventID {
	return EventID(uuid.NewSHA1(uuid.UUID(command), fmt.Appendf(nil, "%d", index)))
}

// ParseEventID reads the canonical text form.
func ParseEventID(text string) (EventID, error) {
	id, err := parseUUID(text)
	if err != nil {
		return EventID{}, fmt.Errorf("event id %.200q: %w", text, err)
	}
	return EventID(id), nil
}

func (id EventID) String() string               { return uuid.UUID(id).String() }
func (id EventID) MarshalText() ([]byte, error) { return uuid.UUID(id).MarshalText() }

func (id *EventID) UnmarshalText(text []byte) error {
	return (*uuid.UUID)(id).UnmarshalText(text)
}

// PlayerID names a player: 1 to 64 of a–z, 0–9, and '-' between them. It holds
// no personal data.
type PlayerID string

// ParsePlayerID checks the form.
func ParsePlayerID(text string) (PlayerID, error) {
	if err := checkSlug(text); err != nil {
		return "", fmt.Errorf("player id %q: %w", text, err)
	}
	return PlayerID(text), nil
}

// GameID is a game's slug: 1 to 64 of a–z, 0–9, and '-' between them.
type GameID string

// ParseGameID checks the form.
func ParseGameID(text string) (GameID, error) {
	if err := checkSlug(text); err != nil {
		return "", fmt.Errorf("game id %q: %w", text, err)
	}
	return GameID(text), nil
}

// WorkerID names a streamer worker; its form is that of a GameID.
type WorkerID string

// ParseWorkerID checks the form.
func ParseWorkerID(text string) (WorkerID, error) {
	if err := checkSlug(text); err != nil {
		return "", fmt.Errorf("worker id %q: %w", text, err)
	}
	return WorkerID(text), nil
}

// Stream is the name of a stream in the store.
type Stream string

// The streams, one an aggregate.
func SessionStream(id SessionID) Stream { return Stream("session-" + id.String()) }
func AccountStream(id PlayerID) Stream  { return Stream("account-" + string(id)) }
func WorkerStream(id WorkerID) Stream   { return Stream("worker-" + string(id)) }
func GameStream(id GameID) Stream       { return Stream("game-" + string(id)) }

// ErrID refuses a command on what can't be there.
var ErrID = &Fault{Kind: Invalid, Code: "id-invalid",
	Message: "There is nothing of such an id. Copy it from where it is shown."}

// Check refuses a stream that no id gives: ErrID. Ids have the form of a
// PlayerID, or are a UUID that is not zero; a stream is of a kind, and named by
// one or two of them.
func (s Stream) Check() error {
	kind, id, found := strings.Cut(string(s), "-")
	first, second, two := strings.Cut(id, "_")
	if !found || kind == "" || id == uuid.Nil.String() || checkSlug(first) != nil || two && checkSlug(second) != nil {
		return ErrID
	}
	return nil
}

// SessionOf returns the id of the session that a command requests (UUIDv5), so
// that the command asked twice requests one session.
func SessionOf(command CommandID) SessionID {
	return SessionID(uuid.NewSHA1(uuid.UUID(command), []byte("session")))
}

// OfPlayer returns the id under which a player's own choice of a command id
// takes effect (UUIDv5), so that two players' choices never meet.
func (id CommandID) OfPlayer(player PlayerID) CommandID {
	return CommandID(uuid.NewSHA1(uuid.UUID(id), []byte(player)))
}

// On returns the id under which a choice takes effect on a stream (UUIDv5), so
// that one that is made again for another stream is another command. The ids of
// events, and of what policies order because of them, derive from it.
func (id CommandID) On(stream Stream) CommandID {
	return CommandID(uuid.NewSHA1(uuid.UUID(id), []byte(stream)))
}

var slug = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$`)

// CheckIDs refuses ids of the form of a PlayerID that are in another one: ErrID.
func CheckIDs[ID ~string](ids ...ID) error {
	for _, id := range ids {
		if !slug.MatchString(string(id)) {
			return ErrID
		}
	}
	return nil
}

func checkSlug(text string) error {
	if !slug.MatchString(text) {
		return fmt.Errorf("want 1 to 64 of a-z, 0-9 and '-', with no '-' at either end")
	}
	return nil
}

// parseUUID takes the 36-character form only: the library also takes URNs and
// braces, and one session must not have two names.
func parseUUID(text string) (uuid.UUID, error) {
	if len(text) != 36 {
		return uuid.Nil, fmt.Errorf("want a UUID of 36 characters")
	}
	return uuid.Parse(text)
}

// newUUID takes a random UUID where the clock gives no v7: both are unique.
func newUUID() uuid.UUID {
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.New()
	}
	return id
}
