package player

import (
	"regexp"
	"slices"
	"time"

	"github.com/playcast/playcast/events"
)

// ErrConsent refuses consent to what nobody asked for.
var ErrConsent = &events.Fault{Kind: events.Invalid, Code: "consent-invalid",
	Message: "Consent is to terms, recording or analytics, in a version of 1 to 32 letters, digits, dots and dashes."}

var version = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]{0,31}$`)

func asked(c events.Consent) bool {
	return slices.Contains([]events.Consent{events.ConsentTerms, events.ConsentRecording, events.ConsentAnalytics}, c)
}

// Consent agrees to a version of a text, instead of the one before.
type Consent struct {
	Player  events.PlayerID
	Consent events.Consent
	Version string
}

func (c Consent) Target() events.Stream { return events.PlayerStream(c.Player) }

func (c Consent) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.alive(); err != nil {
		return nil, err
	}
	if !asked(c.Consent) || !version.MatchString(c.Version) {
		return nil, ErrConsent
	}
	if s.Consents[c.Consent] == c.Version {
		return nil, nil
	}
	return decided(events.ConsentGiven{Player: c.Player, Consent: c.Consent, Version: c.Version, At: now})
}

// Dissent agrees no longer.
type Dissent struct {
	Player  events.PlayerID
	Consent events.Consent
}

func (c Dissent) Target() events.Stream { return events.PlayerStream(c.Player) }

func (c Dissent) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.alive(); err != nil {
		return nil, err
	}
	if !asked(c.Consent) {
		return nil, ErrConsent
	}
	if s.Consents[c.Consent] == "" {
		return nil, nil
	}
	return decided(events.ConsentWithdrawn{Player: c.Player, Consent: c.Consent, At: now})
}
