package events

import (
	"fmt"
	"time"
)

// PlanID is a plan's slug; its form is that of a GameID.
type PlanID string

// ParsePlanID checks the form.
func ParsePlanID(text string) (PlanID, error) {
	if err := checkSlug(text); err != nil {
		return "", fmt.Errorf("plan id %q: %w", text, err)
	}
	return PlanID(text), nil
}

// PlanStream is the stream of a plan.
func PlanStream(id PlanID) Stream { return Stream("plan-" + string(id)) }

// Interval is how long a period of a subscription is, by the calendar.
type Interval string

// The intervals.
const (
	Monthly Interval = "month"
	Yearly  Interval = "year"
)

// The bounds of a picture's resolution, in lines.
const (
	LeastResolution = 144
	MostResolution  = 4320
)

// Access is what a plan lets its players do at a time.
type Access struct {
	Sessions   int           `json:"sessions"`   // at once
	Longest    time.Duration `json:"longest"`    // a session, in nanoseconds as JSON
	Resolution int           `json:"resolution"` // the most lines of a picture, as 1080
	Priority   int           `json:"priority"`   // in the queue; more is sooner
}

// Terms are what a player pays and gets. A subscription keeps those it began
// with, whatever becomes of the plan.
type Terms struct {
	Price    Money         `json:"price"` // of a period, in advance
	Interval Interval      `json:"interval"`
	Included time.Duration `json:"included"`         // of play, a period
	Rollover time.Duration `json:"rollover"`         // the most that a period leaves to the next
	Overage  Money         `json:"overage,omitzero"` // of an hour beyond; zero: there is none
	Access   Access        `json:"access"`
}

// Offer is one version of a plan, as subscriptions copy it.
type Offer struct {
	Plan    PlanID `json:"plan"`
	Version int    `json:"version"`
	Terms   Terms  `json:"terms"`
}

// ErrTerms refuses terms that nobody can be held to.
var ErrTerms = &Fault{Kind: Invalid, Code: "plan-terms-invalid",
	Message: "A plan has a price by month or year, hours, and limits, none of them negative."}

// The bounds of terms, far from where sums of them overflow.
const (
	maxPrice = 1_000_000_000
	maxHours = 10_000 * time.Hour
)

// Check refuses terms with ErrTerms, ErrCurrency or ErrAmount.
func (t Terms) Check() error {
	if err := t.Price.Currency.Check(); err != nil {
		return err
	}
	a := t.Access
	switch {
	case t.Interval != Monthly && t.Interval != Yearly:
		return ErrTerms.With("A plan is paid by month or by year.")
	case t.Price.Amount > maxPrice || t.Overage.Amount > maxPrice:
		return ErrAmount
	case t.Price.Amount < 0 || t.Overage.Amount < 0:
		return ErrTerms.With("A price is not negative.")
	case t.Overage != Money{} && t.Overage.Currency != t.Price.Currency:
		return ErrCurrency.With("The price of an hour beyond the plan is in the plan's currency.")
	case t.Included < 0 || t.Included > maxHours || t.Rollover < 0 || t.Rollover > maxHours:
		return ErrTerms.With("A period includes between 0 and 10000 hours, and leaves as many to the next at most.")
	case a.Sessions < 1 || a.Sessions > 100 || a.Longest < time.Minute || a.Longest > 24*time.Hour*7:
		return ErrTerms.With("A plan allows 1 to 100 sessions at once, each of a minute to a week.")
	case a.Resolution < LeastResolution || a.Resolution > MostResolution || a.Priority < 0 || a.Priority > 1000:
		return ErrTerms.With("A plan allows pictures of 144 to 4320 lines, and a priority of 0 to 1000.")
	}
	return nil
}

// Check refuses an offer that is of no plan, or has no terms.
func (o Offer) Check() error {
	if _, err := ParsePlanID(string(o.Plan)); err != nil || o.Version < 1 {
		return ErrTerms.With("An offer names its plan, and its version from 1.")
	}
	return o.Terms.Check()
}

// PlanPublished: a version of a plan can be subscribed to. Versions count from 1.
type PlanPublished struct {
	Offer
	At time.Time `json:"at"`
}

// PlanWithdrawn: nobody can subscribe to a version any more. Whoever has keeps it.
type PlanWithdrawn struct {
	Plan    PlanID    `json:"plan"`
	Version int       `json:"version"`
	At      time.Time `json:"at"`
}

func (PlanPublished) EventType() string { return "PlanPublished" }
func (PlanWithdrawn) EventType() string { return "PlanWithdrawn" }

func (PlanPublished) event() {}
func (PlanWithdrawn) event() {}
