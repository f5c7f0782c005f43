package player

import (
	"fmt"
	"slices"
	"time"

	"github.com/playcast/playcast/events"
)

// What age refuses.
var (
	ErrAge = &events.Fault{Kind: events.Invalid, Code: "age-invalid",
		Message: "An age class is 0, 6, 12, 16 or 18 years; all but the last say the coming month in which the next begins, like 2027-05."}
	ErrAgeKnown = &events.Fault{Kind: events.Forbidden, Code: "age-known",
		Message: "Your age is known already. A guardian can change it: set a guardian's PIN first."}
	ErrAgeUnknown = &events.Fault{Kind: events.Forbidden, Code: "age-unknown",
		Message: "This game is not for everybody: say how old you are in your profile."}
	ErrTooYoung = &events.Fault{Kind: events.Forbidden, Code: "too-young",
		Message: "You are too young for this game. Choose another one."}
)

var classes = []events.AgeClass{events.AgeAny, events.AgeSix, events.AgeTwelve, events.AgeSixteen, events.AgeAdult}

// AgeOf is the age of who was born on a day. It counts whole months, so that a
// class begins with the month after the birthday.
func AgeOf(born, now time.Time) events.Age {
	months := monthsBetween(born.UTC(), now.UTC()) - 1
	for i, c := range classes[1:] {
		if begins := int(c) * 12; months < begins {
			next := time.Date(now.UTC().Year(), now.UTC().Month()+time.Month(begins-months), 1, 0, 0, 0, 0, time.UTC)
			return events.Age{Class: classes[i], Next: monthOf(next)}
		}
	}
	return events.Age{Class: events.AgeAdult}
}

func monthOf(t time.Time) events.Month { return events.Month(t.Format("2006-01")) }

func monthsBetween(a, b time.Time) int {
	return (b.Year()-a.Year())*12 + int(b.Month()) - int(a.Month())
}

// Years is an age at a time, 18 for all adults.
func Years(a events.Age, now time.Time) int {
	i := slices.Index(classes, a.Class)
	next, err := time.Parse("2006-01", string(a.Next))
	if i < 0 || i == len(classes)-1 || err != nil {
		return int(a.Class)
	}
	months := int(classes[i+1])*12 - monthsBetween(now.UTC(), next)
	return min(max(months/12, int(a.Class)), int(events.AgeAdult))
}

// OldEnough refuses a player who is too young for a game, or of whom that is not
// known.
func (s State) OldEnough(minimum int, now time.Time) error {
	switch {
	case minimum <= 0:
		return nil
	case !s.AgeDeclared:
		return ErrAgeUnknown
	case Years(s.Age, now) < minimum:
		return ErrTooYoung.With(fmt.Sprintf("This game is for players from %d years on. Choose another one.", minimum))
	}
	return nil
}

// DeclareAge says how old a player is: once by themselves, later by a guardian.
type DeclareAge struct {
	Player events.PlayerID
	Age    events.Age
	Proof  Proof
}

func (c DeclareAge) Target() events.Stream { return events.PlayerStream(c.Player) }

func (c DeclareAge) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.alive(); err != nil {
		return nil, err
	}
	if !c.plausible(now) {
		return nil, ErrAge
	}
	if s.AgeDeclared && s.Age == c.Age {
		return nil, nil
	}
	switch {
	case s.Guardian.Number > 0 && !s.proved(c.Proof):
		return nil, ErrProof
	case s.Guardian.Number == 0 && s.AgeDeclared:
		return nil, ErrAgeKnown
	}
	return decided(events.AgeDeclared{Player: c.Player, Age: c.Age, At: now})
}

// plausible holds the next class to begin after this month, and no later than
// this one lasts.
func (c DeclareAge) plausible(now time.Time) bool {
	i := slices.Index(classes, c.Age.Class)
	if i < 0 || i == len(classes)-1 {
		return i > 0 && c.Age.Next == ""
	}
	next, err := time.Parse("2006-01", string(c.Age.Next))
	if err != nil {
		return false
	}
	left := monthsBetween(now.UTC(), next)
	return left > 0 && left <= int(classes[i+1]-classes[i])*12+1
}
