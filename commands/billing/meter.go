package billing

import (
	"time"

	"github.com/playcast/playcast/events"
)

// What a segment is refused for.
var (
	ErrSegment = &events.Fault{Kind: events.Invalid, Code: "segment-invalid",
		Message: "A segment of play has a number from 1, ends no earlier than it begins, no more than a year later, and is over."}
	ErrSettled = &events.Fault{Kind: events.Conflict, Code: "segment-settled",
		Message: "The segment was played more than 60 days ago: its time is settled."}
)

// longest bounds a segment, so that its price can be counted.
const longest = 366 * day

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
	long := m.Segment.Duration() > longest
	if m.Segment.Number < 1 || m.Segment.To.Before(m.Segment.From) || m.Segment.To.After(now.Add(day)) || long {
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
	if err := events.CheckIDs(m.Game); err != nil {
		return nil, err
	}
	decided = append(decided, events.PlaytimeMetered{Player: m.Player, Session: m.Session, Game: m.Game, Segment: m.Segment, At: now})
	s := a.subscriptionOf(m.Segment)
	if s.ID.IsZero() && len(a.Credits) == 0 {
		return decided, nil
	}
	charged, err := a.charged(s, m, now)
	if err != nil {
		return nil, err
	}
	decided = append(decided, charged)
	if a.reaches(s.Usage, charged.Overage) {
		decided = append(decided, events.SpendingLimitReached{
			Player: m.Player, Subscription: charged.Subscription, Period: charged.Period, Limit: *a.Limit,
			Session: m.Session, Segment: m.Segment.Number, At: now,
		})
	}
	return decided, nil
}

// subscriptionOf is the subscription that a segment is play of: the last one
// that ended, where the segment began before that, else the current one.
func (a Account) subscriptionOf(segment events.Segment) Subscription {
	if !a.Former.ID.IsZero() && segment.From.Before(a.Former.Ended) {
		return a.Former.Subscription
	}
	return a.Subscription
}

// charged burns a segment: the plan's hours, credits, and what is beyond.
func (a Account) charged(s Subscription, m Meter, now time.Time) (events.PlaytimeCharged, error) {
	left := m.Segment.Duration()
	charged := events.PlaytimeCharged{
		Player: m.Player, Session: m.Session, Segment: m.Segment, Subscription: s.ID, Period: s.Period.Number, At: now,
	}
	if s.running() {
		charged.Late = min(s.late(a.Subscription.ID, m.Segment, now), left)
		charged.Included = charged.Late + min(s.Usage.Included, left-charged.Late)
		left -= charged.Included
	}
	for _, c := range a.Credits {
		if play := min(c.Left, left); play > 0 {
			value, err := c.value(play)
			if err != nil {
				return charged, err
			}
			charged.Credits = append(charged.Credits, events.CreditBurnt{Credit: c.ID, Play: play, Left: c.Left - play, Value: value})
			left -= play
		}
	}
	var err error
	charged.Overage, err = a.overage(s, left)
	return charged, err
}

// late is what a segment may burn of what has lapsed.
func (s Subscription) late(current events.SubscriptionID, segment events.Segment, now time.Time) time.Duration {
	switch {
	case s.ID != current: // it has ended, and the segment is its own
		return s.Usage.Late
	case now.Before(s.Period.From.Add(day)):
		return min(s.Usage.Late, max(0, s.Period.From.Sub(segment.From)))
	}
	return 0
}

// overage prices play beyond. It is rounded of all that was played at the price,
// so that many short segments cost what a long one does.
func (a Account) overage(s Subscription, play time.Duration) (events.Overage, error) {
	over := events.Overage{Play: play}
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
func (a Account) reaches(u Usage, over events.Overage) bool {
	return a.Limit != nil && !u.Reached && over.Hour.Positive() && u.Spent+over.Charge.Amount >= a.Limit.Amount
}
