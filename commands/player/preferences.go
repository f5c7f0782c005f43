package player

import (
	"reflect"
	"regexp"
	"time"

	"github.com/playcast/playcast/events"
)

// ErrPreferences refuses preferences that nothing could follow.
var ErrPreferences = &events.Fault{Kind: events.Invalid, Code: "preferences-invalid",
	Message: "A locale is like de-AT, a layout like de or us-intl, a time zone like Europe/Vienna, a theme light or dark, a volume 0 to 100."}

// Prefer replaces a player's preferences.
type Prefer struct {
	Player      events.PlayerID
	Preferences events.Preferences
}

func (c Prefer) Target() events.Stream { return events.PlayerStream(c.Player) }

func (c Prefer) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.alive(); err != nil {
		return nil, err
	}
	if !possible(c.Preferences) {
		return nil, ErrPreferences
	}
	if reflect.DeepEqual(c.Preferences, s.Preferences) {
		return nil, nil
	}
	return decided(events.PreferencesChanged{Player: c.Player, Preferences: c.Preferences, At: now})
}

var (
	locale = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$`)
	layout = regexp.MustCompile(`^[a-z]{2,8}(-[a-z0-9]{1,16})?$`)
)

func possible(p events.Preferences) bool {
	if p.TimeZone != "" {
		if _, err := zone(p.TimeZone); err != nil {
			return false
		}
	}
	return (p.Locale == "" || locale.MatchString(p.Locale)) &&
		(p.Layout == "" || layout.MatchString(p.Layout)) &&
		(p.Theme == events.ThemeSystem || p.Theme == events.ThemeLight || p.Theme == events.ThemeDark) &&
		(p.Volume == nil || *p.Volume >= 0 && *p.Volume <= 100)
}
