package billing

import (
	"time"

	"github.com/playcast/playcast/events"
)

// What a segment is refused for.
var (
	ErrSegment = &events.Fault{Kind: events.Invalid, Code: "segment-invalid",
		Message: "A segment of play has a number from 1, ends no earlier than it begins, and is over."}
	ErrSettled = &events.Fault{Kind: events.Conflict, Code: "segment-settled",
		Message: "The segment was played more than 60 days ago: its time is settled."}
)

// Meter puts a segment of play on the player's account, opens the account with
// the first one, and burns what the player has for it. A segment that is there
// already is left alone.
type Meter struct {
	Player  events.PlayerID
	Session events.SessionID
	Game    events.GameID
	Segment events.Segment
}

func (m Meter) Target() events.Stream { return events.AccountStream(m.Player) }

func (m Meter) Decide(a Account, now time.Time) ([]events.Event, error) {
	if m.Segment.Number < 1 || m.Segment.To.Before(m.Segment.From) || m.Segment.To.After(now.Add(day)) {
		return nil, ErrSegment
	}
	if a.metered.has(m.Session, m.Segment.Number) {
		return nil, nil
	}
	if !a.metered.takes(m.Segment.To, now) {
		return nil, ErrSettled
	}
	decided, a, err := a.current(m.Player, now)
	if err != nil {
		return nil, err
	}
	decided = append(decided, events.PlaytimeMetered{Player: m.Player, Session: m.Session, Game: m.Game, Segment: m.Segment, At: now})
	if a.Subscription.ID.IsZero() && len(a.Credits) == 0 {
		return decided, nil
	}
	charged, err := a.charged(m, now)
	if err != nil {
		return nil, err
	}
	decided = append(decided, charged)
	if a.reaches(charged.Overage) {
		decided = append(decided, events.SpendingLimitReached{
			Player: m.Player, Subscription: charged.Subscription, Period: charged.Period, Limit: *a.Limit,
			Session: m.Session, Segment: m.Segment.Number, At: now,
		})
	}
	return decided, nil
}

// charged burns a segment: the plan's hours, credits, and what is beyond.
func (a Account) charged(m Meter, now time.Time) (events.PlaytimeCharged, error) {
	s, left := a.Subscription, m.Segment.Duration()
	charged := events.PlaytimeCharged{
		Player: m.Player, Session: m.Session, Segment: m.Segment, Subscription: s.ID, Period: s.Period.Number, At: now,
	}
	if s.running() {
		if now.Before(s.Period.From.Add(day)) {
			earlier := max(0, s.Period.From.Sub(m.Segment.From))
			charged.Late = min(s.Usage.Late, earlier, left)
		}
		charged.Included = charged.Late + min(s.Usage.Included, left-charged.Late)
		left -= charged.Included
	}
	for _, c := range a.Credits {
		if play := min(c.Left, left); play > 0 {
			charged.Credits = append(charged.Credits, events.CreditBurnt{Credit: c.ID, Play: play, Left: c.Left - play})
			left -= play
		}
	}
	var err error
	charged.Overage, err = a.overage(left)
	return charged, err
}

// overage prices play beyond. It is rounded of all that was played at the price,
// so that many short segments cost what a long one does.
func (a Account) overage(play time.Duration) (events.Overage, error) {
	over := events.Overage{Play: play}
	s := a.Subscription
	if play == 0 || !s.running() || s.Offer.Terms.Overage == (events.Money{}) {
		return over, nil
	}
	over.Hour = s.Offer.Terms.Overage
	before, err := over.Hour.Portion(int64(s.Usage.Rated), int64(time.Hour))
	if err != nil {
		return over, err
	}
	after, err := over.Hour.Portion(int64(sum(s.Usage.Rated, play)), int64(time.Hour))
	if err != nil {
		return over, err
	}
	over.Charge = events.Money{Amount: after.Amount - before.Amount, Currency: over.Hour.Currency}
	if a.Limit != nil {
		room := max(0, a.Limit.Amount-s.Usage.Spent)
		if past := over.Charge.Amount - room; past > 0 {
			over.Charge.Amount, over.Waived = room, events.Money{Amount: past, Currency: over.Hour.Currency}
		}
	}
	return over, nil
}

// reaches says whether overage is what nothing can be spent after, for the first
// time.
func (a Account) reaches(over events.Overage) bool {
	u := a.Subscription.Usage
	return a.Limit != nil && !u.Reached && over.Hour.Positive() && u.Spent+over.Charge.Amount >= a.Limit.Amount
}
