package billing

import (
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// Renewal has accounts renewed when a period is over, also the last one of a
// cancelled subscription, and when credits expire.
type Renewal struct {
	seen   commands.Recent
	agenda commands.Agenda[timed]
}

// timed is what has a time: a subscription or a credit of a player.
type timed struct {
	player       events.PlayerID
	subscription events.SubscriptionID
	credit       events.CreditID
}

// NewRenewal returns the policy before the first event.
func NewRenewal() *Renewal { return &Renewal{} }

var _ commands.Policy = (*Renewal)(nil)

func (*Renewal) Name() string { return "renewal" }

func (p *Renewal) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.SubscriptionStarted:
		p.set(timed{player: e.Player, subscription: e.Subscription}, e.Period.To, n.Cause)
	case events.SubscriptionRenewed:
		p.set(timed{player: e.Player, subscription: e.Subscription}, e.Period.To, n.Cause)
	case events.SubscriptionResumed:
		if e.Period != nil {
			p.set(timed{player: e.Player, subscription: e.Subscription}, e.Period.To, n.Cause)
		}
	case events.SubscriptionEnded:
		p.agenda.Drop(timed{player: e.Player, subscription: e.Subscription})
	case events.CreditGranted:
		if !e.Expires.IsZero() {
			p.set(timed{player: e.Player, credit: e.Credit}, e.Expires, n.Cause)
		}
	case events.CreditExpired:
		p.agenda.Drop(timed{player: e.Player, credit: e.Credit})
	case events.CreditRevoked:
		p.agenda.Drop(timed{player: e.Player, credit: e.Credit})
	case events.PlaytimeCharged:
		for _, burnt := range e.Credits {
			if burnt.Left == 0 {
				p.agenda.Drop(timed{player: e.Player, credit: burnt.Credit})
			}
		}
	}
}

func (p *Renewal) Due(now time.Time) []commands.Order { return p.agenda.Due(now) }

func (p *Renewal) set(of timed, at time.Time, cause commands.Cause) {
	if !p.seen.Again(cause.Event) {
		p.agenda.Put(of, at, commands.Issue(Renew{Player: of.player}, commands.Because(cause, p.Name(), of.purpose())))
	}
}

// purpose tells apart what one event may have set.
func (t timed) purpose() string {
	if t.credit.IsZero() {
		return "renew " + t.subscription.String()
	}
	return "expire " + t.credit.String()
}
