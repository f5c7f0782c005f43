package competing

import (
	"math"
	"slices"
	"time"
)

// meter counts items, and how many a second since it was last asked.
type meter struct {
	total  int64
	marked int64
	at     time.Time
}

func (m *meter) add(n int64) { m.total += n }

// rate returns the items since the last question and how many a second they are.
func (m *meter) rate(now time.Time) (items int64, perSecond float64) {
	items = m.total - m.marked
	if passed := now.Sub(m.at).Seconds(); passed > 0 {
		perSecond = float64(items) / passed
	}
	m.marked, m.at = m.total, now
	return items, perSecond
}

// latencies keeps how long the last answers took.
type latencies struct {
	last []time.Duration
	next int
}

const latenciesKept = 1000

func (l *latencies) add(d time.Duration) {
	if len(l.last) < latenciesKept {
		l.last = append(l.last, d)
		return
	}
	l.last[l.next] = d
	l.next = (l.next + 1) % latenciesKept
}

// A Measurement is a named number of milliseconds.
type Measurement struct {
	Name  string
	Value int64
}

// summary is what EventStoreDB shows of latencies, under its names.
func (l *latencies) summary() []Measurement {
	if len(l.last) == 0 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(l.last))
	var sum time.Duration
	for _, d := range sorted {
		sum += d
	}
	at := func(share float64) int64 {
		i := int(math.Ceil(share*float64(len(sorted)))) - 1
		return sorted[max(i, 0)].Milliseconds()
	}
	return []Measurement{
		{"Mean", (sum / time.Duration(len(sorted))).Milliseconds()},
		{"Median", at(0.5)},
		{"Fastest", at(0)},
		{"Quintile 1", at(0.2)}, {"Quintile 2", at(0.4)}, {"Quintile 3", at(0.6)}, {"Quintile 4", at(0.8)}, {"Quintile 5", at(1)},
		{"90%", at(0.9)}, {"95%", at(0.95)}, {"99%", at(0.99)}, {"99.5%", at(0.995)}, {"99.9%", at(0.999)},
		{"Highest", at(1)},
	}
}
