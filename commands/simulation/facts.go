package simulation

import "github.com/playcast/playcast/events"

// sessionOf returns the session whose life an event is of; false where it is of
// something else.
func sessionOf(e events.Event) (events.SessionID, bool) {
	switch e := e.(type) {
	case events.SessionRequested:
		return e.Session, true
	case events.SessionQueued:
		return e.Session, true
	case events.SessionAllocated:
		return e.Session, true
	case events.SessionLaunched:
		return e.Session, true
	case events.SessionReady:
		return e.Session, true
	case events.SessionActivated:
		return e.Session, true
	case events.SessionResumed:
		return e.Session, true
	case events.QualityReported:
		return e.Session, true
	}
	closing, is := events.ClosingOf(e)
	return closing.Session, is
}

// over says that an event is the last of its session.
func over(e events.Event) bool {
	closing, _ := events.ClosingOf(e)
	return closing.Over
}

// closed returns the segment that an event closes, or nil.
func closed(e events.Event) *events.Segment {
	closing, _ := events.ClosingOf(e)
	return closing.Segment
}

// accountOf returns the player on whose account an event is; false where it is
// on none.
func accountOf(e events.Event) (events.PlayerID, bool) {
	switch e := e.(type) {
	case events.AccountOpened:
		return e.Player, true
	case events.PlaytimeMetered:
		return e.Player, true
	case events.PlaytimeCharged:
		return e.Player, true
	case events.CreditGranted:
		return e.Player, true
	case events.CreditExpired:
		return e.Player, true
	case events.CreditRevoked:
		return e.Player, true
	case events.SpendingLimitSet:
		return e.Player, true
	case events.SpendingLimitLifted:
		return e.Player, true
	case events.SpendingLimitReached:
		return e.Player, true
	}
	return subscriberOf(e)
}

func subscriberOf(e events.Event) (events.PlayerID, bool) {
	switch e := e.(type) {
	case events.SubscriptionStarted:
		return e.Player, true
	case events.SubscriptionRenewed:
		return e.Player, true
	case events.SubscriptionChanged:
		return e.Player, true
	case events.SubscriptionChangeScheduled:
		return e.Player, true
	case events.SubscriptionChangeDropped:
		return e.Player, true
	case events.SubscriptionCancelled:
		return e.Player, true
	case events.SubscriptionKept:
		return e.Player, true
	case events.SubscriptionPaused:
		return e.Player, true
	case events.SubscriptionResumed:
		return e.Player, true
	case events.SubscriptionEnded:
		return e.Player, true
	}
	return "", false
}
