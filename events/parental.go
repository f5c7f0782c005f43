package events

import "time"

// GuardianSet: a guardian has a PIN, with which alone what they decide for a
// player can be changed.
type GuardianSet struct {
	Player PlayerID `json:"player"`
	// Number is 1 for the first PIN and counts on: a proof says which it shows.
	Number int `json:"number"`
	// PIN is the PIN's hash, sealed: a few digits are soon found from a hash.
	PIN Sealed    `json:"pin"`
	At  time.Time `json:"at"`
}

// GuardianPINTried: somebody is about to enter the guardian's PIN. It is said
// before it is known whether it is right, so that tries at the same moment count.
type GuardianPINTried struct {
	Player PlayerID  `json:"player"`
	Number int       `json:"number"` // of the PIN
	At     time.Time `json:"at"`
}

// GuardianPINProved: the PIN was right, which settles the tries before it.
type GuardianPINProved struct {
	Player PlayerID  `json:"player"`
	Number int       `json:"number"`
	At     time.Time `json:"at"`
}

// AgeDeclared: how old a player is. A month is all that age limits need, so
// that the day of birth is said nowhere.
type AgeDeclared struct {
	Player PlayerID  `json:"player"`
	Age    Age       `json:"age"`
	At     time.Time `json:"at"`
}

// Age is an age class and when it changes.
type Age struct {
	Class AgeClass `json:"class"`
	// Next is the month, as 2027-05, from whose first day on the next class
	// holds. Empty for adults.
	Next Month `json:"next,omitempty"`
}

// AgeClass is the age, in years, at which a class of rating boards begins.
type AgeClass int

// The classes.
const (
	AgeAny     AgeClass = 0
	AgeSix     AgeClass = 6
	AgeTwelve  AgeClass = 12
	AgeSixteen AgeClass = 16
	AgeAdult   AgeClass = 18
)

// Month is a month of a year, as 2006-01.
type Month string

// ParentalLimitsSet: when and for how long a player may play.
type ParentalLimitsSet struct {
	Player PlayerID       `json:"player"`
	Limits ParentalLimits `json:"limits"`
	At     time.Time      `json:"at"`
}

// ParentalLimitsLifted: a player may play at any time again.
type ParentalLimitsLifted struct {
	Player PlayerID  `json:"player"`
	At     time.Time `json:"at"`
}

// ParentalLimits hold in the player's own time zone. A day lasts from midnight to
// midnight there, be it of 23 hours or 25, and a week from Monday to Sunday.
type ParentalLimits struct {
	TimeZone string       `json:"timeZone"` // IANA
	Day      int          `json:"day"`      // minutes; 0: any
	Week     int          `json:"week"`     // minutes; 0: any
	Windows  []PlayWindow `json:"windows"`  // none: at any time
}

// PlayWindow is a part of a weekday, by the clock on the wall.
type PlayWindow struct {
	Day  Weekday `json:"day"`
	From int     `json:"from"` // minutes from midnight
	To   int     `json:"to"`   // minutes from midnight, 1440 at most
}

// Weekday is a day of the week, as "monday".
type Weekday string

// Weekdays are all, from Sunday on, as time.Weekday counts them.
var Weekdays = [7]Weekday{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

func (GuardianSet) EventType() string          { return "GuardianSet" }
func (GuardianPINTried) EventType() string     { return "GuardianPINTried" }
func (GuardianPINProved) EventType() string    { return "GuardianPINProved" }
func (AgeDeclared) EventType() string          { return "AgeDeclared" }
func (ParentalLimitsSet) EventType() string    { return "ParentalLimitsSet" }
func (ParentalLimitsLifted) EventType() string { return "ParentalLimitsLifted" }

func (GuardianSet) event()          {}
func (GuardianPINTried) event()     {}
func (GuardianPINProved) event()    {}
func (AgeDeclared) event()          {}
func (ParentalLimitsSet) event()    {}
func (ParentalLimitsLifted) event() {}
