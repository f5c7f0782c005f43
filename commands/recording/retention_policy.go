package recording

import (
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// Keep is for how long and how much recordings are kept.
type Keep struct {
	Age   time.Duration // since the recording ended; 0: for ever
	Bytes int64         // of one player's; 0: any
}

// Retention deletes recordings that have been kept for long enough, and a
// player's oldest ones when they take more than may be kept, so that the newest
// is always there. Of a player who is erased it deletes all, the one that is
// being made when it has ended. Ages are moments after an event of the log, so a
// restart forgets none.
type Retention struct {
	keep Keep
	kept []kept // in the order of their end
	open map[events.RecordingID]taking
	due  []commands.Order
	next time.Time // until then the same orders are due; zero: something has changed
}

type taking struct {
	player events.PlayerID
	erased bool
}

type kept struct {
	recording events.RecordingID
	player    events.PlayerID
	bytes     int64
	ended     time.Time
	cause     commands.Cause
	erased    bool // its player is
}

// NewRetention returns the policy before the first event.
func NewRetention(keep Keep) *Retention {
	return &Retention{keep: keep, open: map[events.RecordingID]taking{}}
}

var _ commands.Policy = (*Retention)(nil)

func (*Retention) Name() string { return "recording-retention" }

func (p *Retention) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.RecordingOpened:
		p.open[e.Recording] = taking{player: e.Player}
	case events.RecordingFinished:
		p.closed(e.Recording, e.Footage.Bytes, e.At, n.Cause)
	case events.RecordingFailed:
		p.closed(e.Recording, e.Footage.Bytes, e.At, n.Cause)
	case events.RecordingDeleted:
		p.kept = slices.DeleteFunc(p.kept, func(k kept) bool { return k.recording == e.Recording })
		p.next = time.Time{}
	case events.PlayerErased:
		p.erase(e.Player)
	}
}

func (p *Retention) erase(player events.PlayerID) {
	p.next = time.Time{}
	for i := range p.kept {
		p.kept[i].erased = p.kept[i].erased || p.kept[i].player == player
	}
	for id, o := range p.open {
		if o.player == player {
			p.open[id] = taking{player: player, erased: true}
		}
	}
}

func (p *Retention) closed(recording events.RecordingID, bytes int64, at time.Time, cause commands.Cause) {
	of, known := p.open[recording]
	if !known {
		return
	}
	delete(p.open, recording)
	p.kept = append(p.kept, kept{recording: recording, player: of.player, bytes: bytes, ended: at, cause: cause, erased: of.erased})
	p.next = time.Time{}
}

// Due looks through what is kept when something has changed, or has come of age.
func (p *Retention) Due(now time.Time) []commands.Order {
	if !now.Before(p.next) {
		p.look(now)
	}
	return p.due
}

// unchanged is how long nothing comes of age where nothing ever does.
const unchanged = 24 * time.Hour

func (p *Retention) look(now time.Time) {
	p.due, p.next = nil, now.Add(unchanged)
	taken := map[events.PlayerID]int64{}
	// From the newest on, so that it is the oldest that there is no place for.
	for _, k := range slices.Backward(p.kept) {
		newest := taken[k.player] == 0
		taken[k.player] += max(k.bytes, 1)
		old := k.ended.Add(p.keep.Age)
		var reason events.Disposal
		switch {
		case k.erased:
			reason = events.DeletedByErasure
		case p.keep.Age > 0 && !now.Before(old):
			reason = events.DeletedByAge
		case p.keep.Bytes > 0 && taken[k.player] > p.keep.Bytes && !newest:
			reason = events.DeletedForSpace
		default:
			if p.keep.Age > 0 && old.Before(p.next) {
				p.next = old
			}
			continue
		}
		p.due = append(p.due, commands.Issue(Delete{Recording: k.recording, Reason: reason},
			commands.Because(k.cause, p.Name(), "delete")))
	}
	slices.Reverse(p.due)
}
