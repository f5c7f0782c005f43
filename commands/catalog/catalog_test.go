package catalog_test

import (
	"testing"

	"github.com/playcast/playcast/commands/catalog"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/events"
)

var (
	doom = events.Game{ID: "doom", Title: "Doom", Command: []string{"doom"}, Width: 640, Height: 480, FrameRate: 35,
		Inputs: []events.Input{events.Keyboard}, Environment: map[string]string{}}
	published   = events.GamePublished{Game: doom, At: Now}
	withdrawn   = events.GameWithdrawn{Game: "doom", At: Now}
	unavailable = events.GameBecameUnavailable{Game: "doom", Reason: "not installed", At: Now}
)

func TestPublish(t *testing.T) {
	changed := doom
	changed.Title = "Doom II"
	When(Given(), catalog.Publish{Game: doom}).Then(t, published)
	When(Given(), catalog.Publish{Game: doom, Reason: "not installed"}).Then(t, published, unavailable)
	When(Given(published), catalog.Publish{Game: doom}).Then(t)
	When(Given(published), catalog.Publish{Game: changed}).Then(t, events.GameChanged{Game: changed, At: Now})
	When(Given(published, unavailable), catalog.Publish{Game: doom, Reason: "not installed"}).Then(t)
	When(Given(published, unavailable), catalog.Publish{Game: doom}).Then(t, events.GameBecameAvailable{Game: "doom", At: Now})
	When(Given(published, unavailable, withdrawn), catalog.Publish{Game: doom}).Then(t, published)

	odd := doom
	odd.Width = 641
	When(Given(), catalog.Publish{Game: odd}).Refused(t, catalog.ErrGame)
	When(Given(), catalog.Publish{Game: events.Game{ID: "doom"}}).Refused(t, catalog.ErrGame)
}

func TestPublishingWhatTheLogHoldsChangesNothing(t *testing.T) {
	read := doom
	read.Environment = nil // as it comes back from the log
	When(Given(events.GamePublished{Game: read, At: Now}), catalog.Publish{Game: doom}).Then(t)
}

func TestWithdraw(t *testing.T) {
	When(Given(published), catalog.Withdraw{Game: "doom"}).Then(t, withdrawn)
	When(Given(published, withdrawn), catalog.Withdraw{Game: "doom"}).Then(t)
	When(Given(), catalog.Withdraw{Game: "doom"}).Then(t)
}
