package simulation

import (
	"bytes"
	"context"
	"time"

	"github.com/playcast/playcast/commands"
	parental "github.com/playcast/playcast/commands/player"
	"github.com/playcast/playcast/events"
)

// guard gives a player a guardian, who allows some play a day and a week, and of
// some of them at some hours only.
func (ps *people) guard(w *world, p *player) {
	limits := events.ParentalLimits{TimeZone: "Europe/Vienna", Day: 45 + 15*p.chance.IntN(5), Week: 240 + 60*p.chance.IntN(3)}
	if p.chance.IntN(2) == 0 {
		for _, weekday := range events.Weekdays {
			limits.Windows = append(limits.Windows, events.PlayWindow{Day: weekday, From: 13 * 60, To: 20*60 + 30})
		}
	}
	at := within(p.chance, time.Hour, 10*day)
	w.in(at, func(ctx context.Context) {
		pin := events.Sealed{Player: p.id, Data: bytes.Repeat([]byte{byte(p.number)}, 60)} // nobody opens it here
		ps.send(ctx, w, p, commands.Issue(parental.SetGuardian{Player: p.id, PIN: pin}, p.wish(w)))
	})
	w.in(at+time.Hour, func(ctx context.Context) {
		ps.send(ctx, w, p, commands.Issue(parental.SetLimits{Player: p.id, Limits: limits, Proof: 1}, p.wish(w)))
	})
}
