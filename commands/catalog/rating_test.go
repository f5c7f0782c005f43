package catalog_test

import (
	"testing"

	"github.com/playcast/playcast/commands/catalog"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/events"
)

func TestRate(t *testing.T) {
	four := catalog.Rate{Game: "doom", Player: "anna", Stars: 4}
	rated := events.GameRated{Game: "doom", Player: "anna", Stars: 4, At: Now}
	When(Given(), four).Then(t, rated)
	When(Given(rated), four).Then(t)
	When(Given(rated), catalog.Rate{Game: "doom", Player: "anna", Stars: 1}).
		Then(t, events.GameRated{Game: "doom", Player: "anna", Stars: 1, Before: 4, At: Now})
	for _, stars := range []int{0, -1, 6} {
		When(Given(), catalog.Rate{Game: "doom", Player: "anna", Stars: stars}).Refused(t, catalog.ErrStars)
	}
	withdrawn := events.GameRatingWithdrawn{Game: "doom", Player: "anna", Before: 4, At: Now}
	When(Given(rated), catalog.TakeBack{Game: "doom", Player: "anna"}).Then(t, withdrawn)
	When(Given(rated, withdrawn), catalog.TakeBack{Game: "doom", Player: "anna"}).Then(t)
	if four.Target() == (catalog.Rate{Game: "doo", Player: "m-anna"}).Target() {
		t.Error("two ratings share a stream")
	}
}

func TestLimitAge(t *testing.T) {
	limit := catalog.LimitAge{Game: "doom", Minimum: 16, By: "player:boss", Operator: true}
	limited := events.AgeLimitChanged{Game: "doom", Minimum: 16, By: "player:boss", At: Now}
	When(Given(published), limit).Then(t, limited)
	When(Given(published, limited), limit).Then(t)
	When(Given(published, limited, withdrawn, published), limit).Then(t)
	When(Given(), limit).Refused(t, catalog.ErrUnknown)
	When(Given(published, withdrawn), limit).Refused(t, catalog.ErrUnknown)
	limit.Minimum = 19
	When(Given(published), limit).Refused(t, catalog.ErrAge)
	limit.Operator = false
	When(Given(published), limit).Refused(t, catalog.ErrOperators)
}
