package events

import "time"

// ProfileChanged: how others see a player, and where they can be written to.
type ProfileChanged struct {
	Player PlayerID  `json:"player"`
	Name   Sealed    `json:"name"`
	Email  Sealed    `json:"email"` // zero: none is known
	At     time.Time `json:"at"`
}

// PreferencesChanged: how a player wants the platform to be.
type PreferencesChanged struct {
	Player      PlayerID    `json:"player"`
	Preferences Preferences `json:"preferences"`
	At          time.Time   `json:"at"`
}

// Preferences are a player's choices. None says who they are.
type Preferences struct {
	Locale       string `json:"locale,omitempty"`   // BCP 47, such as de-AT
	Layout       string `json:"layout,omitempty"`   // of the keyboard, as XKB names it
	TimeZone     string `json:"timeZone,omitempty"` // IANA
	Theme        Theme  `json:"theme,omitempty"`
	Volume       *int   `json:"volume,omitempty"` // percent
	ReduceMotion bool   `json:"reduceMotion,omitempty"`
	Captions     bool   `json:"captions,omitempty"`
	Invisible    bool   `json:"invisible,omitempty"` // to others, when they come online
}

// Theme is how the page looks.
type Theme string

// The themes.
const (
	ThemeSystem Theme = ""
	ThemeLight  Theme = "light"
	ThemeDark   Theme = "dark"
)

// Role is what somebody may do beside playing.
type Role string

// The roles.
const (
	RolePlayer   Role = "player"
	RoleSupport  Role = "support"
	RoleOperator Role = "operator"
	RoleAnalyst  Role = "analyst"
)

// OperatorsStream is where operators are appointed and dismissed: one stream for
// all, since somebody has to be left.
const OperatorsStream Stream = "operators-all"

// RoleGranted: an operator gave a player a role.
type RoleGranted struct {
	Player PlayerID  `json:"player"`
	Role   Role      `json:"role"`
	By     Actor     `json:"by"`
	At     time.Time `json:"at"`
}

// RoleRevoked: an operator took a role from a player.
type RoleRevoked struct {
	Player PlayerID  `json:"player"`
	Role   Role      `json:"role"`
	By     Actor     `json:"by"`
	At     time.Time `json:"at"`
}

// Consent is something that is done with a player's data only while they agree.
type Consent string

// What is asked.
const (
	ConsentTerms     Consent = "terms"
	ConsentRecording Consent = "recording"
	ConsentAnalytics Consent = "analytics"
)

// ConsentGiven: a player agreed to a version of a text.
type ConsentGiven struct {
	Player  PlayerID  `json:"player"`
	Consent Consent   `json:"consent"`
	Version string    `json:"version"`
	At      time.Time `json:"at"`
}

// ConsentWithdrawn: a player agrees no longer.
type ConsentWithdrawn struct {
	Player  PlayerID  `json:"player"`
	Consent Consent   `json:"consent"`
	At      time.Time `json:"at"`
}

// PlayerErased: the key of a player's personal data is destroyed, so that
// nothing opens them again. It is the last event of its stream.
type PlayerErased struct {
	Player  PlayerID       `json:"player"`
	Receipt ErasureReceipt `json:"receipt"`
	At      time.Time      `json:"at"`
}

// ErasureReceipt says what was done, without anything personal.
type ErasureReceipt struct {
	KeyDestroyed time.Time      `json:"keyDestroyed"`
	By           Actor          `json:"by"`
	Events       int            `json:"events"`            // with sealed data of the player, in all streams
	Streams      int            `json:"streams"`           // that have such events
	Largest      []SealedStream `json:"largest,omitempty"` // of those streams, the most events first
}

// SealedStream is a stream that holds sealed data of a player.
type SealedStream struct {
	Stream Stream `json:"stream"`
	Events int    `json:"events"`
}

// PlayerStream is where a player is kept.
func PlayerStream(id PlayerID) Stream { return Stream("player-" + string(id)) }

func (ProfileChanged) EventType() string     { return "ProfileChanged" }
func (PreferencesChanged) EventType() string { return "PreferencesChanged" }
func (RoleGranted) EventType() string        { return "RoleGranted" }
func (RoleRevoked) EventType() string        { return "RoleRevoked" }
func (ConsentGiven) EventType() string       { return "ConsentGiven" }
func (ConsentWithdrawn) EventType() string   { return "ConsentWithdrawn" }
func (PlayerErased) EventType() string       { return "PlayerErased" }

func (ProfileChanged) event()     {}
func (PreferencesChanged) event() {}
func (RoleGranted) event()        {}
func (RoleRevoked) event()        {}
func (ConsentGiven) event()       {}
func (ConsentWithdrawn) event()   {}
func (PlayerErased) event()       {}
