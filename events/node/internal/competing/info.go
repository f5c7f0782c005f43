package competing

import (
	"context"
	"time"
)

// Info is a group as it is at one moment.
type Info struct {
	Key           Key
	Settings      Settings
	StartFrom     string // the start as the protocol writes it
	Status        string
	Behind        bool   // there is more to read at once
	Checkpoint    string // the last one stored; "" without one
	LastKnown     string // the newest event of the source; "" without one
	Counts        Counts
	Total, Recent int64 // events given out, and since the last question
	PerSecond     float64
	Members       []MemberInfo
}

// Counts are how many events a group holds, and where.
type Counts struct{ Ahead, Again, InFlight, Parked int64 }

// MemberInfo is a consumer as it is at one moment.
type MemberInfo struct {
	Member
	Total, Recent   int64
	PerSecond       float64
	Slots, InFlight int
	Latencies       []Measurement // nil unless the group keeps them
}

func (g *group) info(ctx context.Context) (Info, error) {
	var info Info
	var failed error
	err := g.ask(ctx, func(context.Context) { info, failed = g.describe(time.Now()) })
	if err == nil {
		err = failed
	}
	return info, err
}

func (g *group) describe(now time.Time) (Info, error) {
	info := Info{Key: g.key, Settings: g.settings, Status: g.status(), Behind: g.more, Total: g.items.total}
	switch {
	case g.settings.Start != End:
		info.StartFrom = g.source.format(g.settings.Start)
	case g.key.Source == All:
		info.StartFrom = "C:-1/P:-1"
	default:
		info.StartFrom = "-1"
	}
	if g.saved.place >= 0 {
		info.Checkpoint = g.source.format(g.saved.place)
	}
	last, err := g.source.end()
	if err != nil {
		return Info{}, err
	}
	if last >= 0 {
		info.LastKnown = g.source.format(last)
	}
	info.Recent, info.PerSecond = g.items.rate(now)
	info.Counts = Counts{Ahead: int64(len(g.queue.ahead)), Again: int64(len(g.queue.again)), Parked: g.parked.count()}
	for _, c := range g.members.all {
		m := MemberInfo{Member: c.member, Total: c.items.total, Slots: cap(c.Out) - c.count, InFlight: c.count, Latencies: c.times.summary()}
		m.Recent, m.PerSecond = c.items.rate(now)
		info.Counts.InFlight += int64(c.count)
		info.Members = append(info.Members, m)
	}
	return info, nil
}

// status is in EventStoreDB's words.
func (g *group) status() string {
	if g.broken != nil {
		return "Broken: " + g.broken.Error()
	}
	status := "Live"
	if g.more {
		status = "Behind"
	}
	if g.parked.replaying() {
		status += ", ReplayingParkedMessages"
	}
	return status
}
