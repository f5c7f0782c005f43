package node

import (
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/playcast/playcast/events/node/internal/eventlog"
)

// Stats is what a node has done since it was opened, and how it is.
type Stats struct {
	Started time.Time `json:"started"`
	Head    uint64    `json:"head"` // position of the last event

	Appends uint64 `json:"appends"` // appends, deletes and tombstones that wrote something
	Events  uint64 `json:"events"`  // events written
	Bytes   uint64 `json:"bytes"`   // written for these
	Waiting int    `json:"waiting"` // appends that wait for the writer
	Failed  uint64 `json:"failed"`  // groups of appends that the disk did not take

	Disk          uint64       `json:"diskBytes"`
	Commits       Distribution `json:"commitMicroseconds"` // until a group is synced
	Groups        Distribution `json:"groupSize"`          // appends answered by one sync
	Reading       Reading      `json:"reading"`
	CallsRefused  uint64       `json:"callsRefused"`  // of users unknown, or without the right
	RecordsBroken uint64       `json:"recordsBroken"` // calls that ended at a damaged record
}

// Reading is the part of Stats that readers cause.
type Reading struct {
	Calls         uint64 `json:"calls"` // subscriptions too
	Events        uint64 `json:"events"`
	Subscriptions int    `json:"subscriptions"` // now
	Lag           uint64 `json:"lag"`           // events that the slowest of these is behind
}

// A Distribution sums up values. P50 and P99 are bounds from above, exact to a
// factor of two.
type Distribution struct {
	Count uint64  `json:"count"`
	Mean  float64 `json:"mean"`
	P50   uint64  `json:"p50"`
	P99   uint64  `json:"p99"`
}

// Stats says what the node has done since it was opened, and how it is.
func (n *Node) Stats() (Stats, error) {
	f, err := n.log.Figures()
	if err != nil {
		return Stats{}, fmt.Errorf("stats: %w", err)
	}
	s := Stats{
		Started: n.traffic.started, Head: f.Head,
		Appends: f.Appends, Events: f.Events, Bytes: f.Bytes, Waiting: f.Queue, Failed: f.Refused,
		Disk: f.Disk, Commits: distribution(f.Sync), Groups: distribution(f.Group),
		Reading:      Reading{Calls: n.traffic.reads.Load(), Events: n.traffic.sent.Load()},
		CallsRefused: n.traffic.refused.Load(), RecordsBroken: n.traffic.damaged.Load(),
	}
	s.Reading.Subscriptions, s.Reading.Lag = n.traffic.subscriptions(n.log)
	return s, nil
}

func distribution(h eventlog.Histogram) Distribution {
	var d Distribution
	for _, c := range h.Counts {
		d.Count += c
	}
	if d.Count == 0 {
		return d
	}
	d.Mean = float64(h.Sum) / float64(d.Count)
	quantile := func(q float64) uint64 {
		below := uint64(0)
		for i, c := range h.Counts {
			if below += c; float64(below) >= q*float64(d.Count) {
				return 1 << i
			}
		}
		return 1 << len(h.Counts)
	}
	d.P50, d.P99 = quantile(0.5), quantile(0.99)
	return d
}

// metrics are the Stats for Prometheus.
type metrics struct {
	node *Node
}

var _ prometheus.Collector = metrics{}

var (
	countMetrics = []struct {
		desc *prometheus.Desc
		kind prometheus.ValueType
		of   func(eventlog.Figures, *Node) float64
	}{
		{describe("appends_total", "Appends, deletes and tombstones that wrote something."), prometheus.CounterValue,
			func(f eventlog.Figures, _ *Node) float64 { return float64(f.Appends) }},
		{describe("events_total", "Events written."), prometheus.CounterValue,
			func(f eventlog.Figures, _ *Node) float64 { return float64(f.Events) }},
		{describe("bytes_total", "Bytes written for these events."), prometheus.CounterValue,
			func(f eventlog.Figures, _ *Node) float64 { return float64(f.Bytes) }},
		{describe("commits_failed_total", "Groups of appends that the disk did not take."), prometheus.CounterValue,
			func(f eventlog.Figures, _ *Node) float64 { return float64(f.Refused) }},
		{describe("head_position", "Position of the last event."), prometheus.GaugeValue,
			func(f eventlog.Figures, _ *Node) float64 { return float64(f.Head) }},
		{describe("appends_waiting", "Appends that wait for the writer."), prometheus.GaugeValue,
			func(f eventlog.Figures, _ *Node) float64 { return float64(f.Queue) }},
		{describe("disk_bytes", "Bytes of the store on the disk."), prometheus.GaugeValue,
			func(f eventlog.Figures, _ *Node) float64 { return float64(f.Disk) }},
		{describe("reads_total", "Calls that read, subscriptions too."), prometheus.CounterValue,
			func(_ eventlog.Figures, n *Node) float64 { return float64(n.traffic.reads.Load()) }},
		{describe("events_read_total", "Events sent to readers."), prometheus.CounterValue,
			func(_ eventlog.Figures, n *Node) float64 { return float64(n.traffic.sent.Load()) }},
		{describe("calls_refused_total", "Calls of users unknown, or without the right."), prometheus.CounterValue,
			func(_ eventlog.Figures, n *Node) float64 { return float64(n.traffic.refused.Load()) }},
		{describe("records_broken_total", "Calls that ended at a record that is not what was written."), prometheus.CounterValue,
			func(_ eventlog.Figures, n *Node) float64 { return float64(n.traffic.damaged.Load()) }},
	}
	subscriptionsMetric = describe("subscriptions", "Catch-up subscriptions.")
	lagMetric           = describe("subscription_lag_events", "Events that the slowest subscription is behind.")
	syncMetric          = describe("commit_seconds", "Time until a group of appends is synced.")
	groupMetric         = describe("group_size", "Appends answered by one sync.")
)

func describe(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("playcast_node_"+name, help, nil, nil)
}

// Describe is for the registry.
func (m metrics) Describe(to chan<- *prometheus.Desc) {
	for _, c := range countMetrics {
		to <- c.desc
	}
	for _, d := range []*prometheus.Desc{subscriptionsMetric, lagMetric, syncMetric, groupMetric} {
		to <- d
	}
}

// Collect is for the registry.
func (m metrics) Collect(to chan<- prometheus.Metric) {
	f, err := m.node.log.Figures()
	if err != nil {
		to <- prometheus.NewInvalidMetric(syncMetric, err)
		return
	}
	send := func(desc *prometheus.Desc, metric prometheus.Metric, err error) {
		if err != nil {
			metric = prometheus.NewInvalidMetric(desc, err)
		}
		to <- metric
	}
	for _, c := range countMetrics {
		metric, err := prometheus.NewConstMetric(c.desc, c.kind, c.of(f, m.node))
		send(c.desc, metric, err)
	}
	count, lag := m.node.traffic.subscriptions(m.node.log)
	for desc, value := range map[*prometheus.Desc]float64{subscriptionsMetric: float64(count), lagMetric: float64(lag)} {
		metric, err := prometheus.NewConstMetric(desc, prometheus.GaugeValue, value)
		send(desc, metric, err)
	}
	metric, err := histogram(syncMetric, f.Sync, 1e-6)
	send(syncMetric, metric, err)
	metric, err = histogram(groupMetric, f.Group, 1)
	send(groupMetric, metric, err)
}

func histogram(desc *prometheus.Desc, h eventlog.Histogram, unit float64) (prometheus.Metric, error) {
	buckets := map[float64]uint64{}
	total := uint64(0)
	for i, c := range h.Counts {
		if total += c; i < len(h.Counts)-1 {
			buckets[float64(uint64(1)<<i)*unit] = total
		}
	}
	return prometheus.NewConstHistogram(desc, total, float64(h.Sum)*unit, buckets)
}
