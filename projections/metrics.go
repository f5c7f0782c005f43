package projections

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/playcast/playcast/events"
)

// collectTime bounds how long figures are waited for.
const collectTime = 5 * time.Second

// Metrics are the figures of List for Prometheus, asked for each time.
type Metrics struct {
	pool  *pgxpool.Pool
	store events.Store
}

var _ prometheus.Collector = Metrics{}

// NewMetrics returns the figures of a database and a log.
func NewMetrics(pool *pgxpool.Pool, store events.Store) Metrics {
	return Metrics{pool: pool, store: store}
}

func figure(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

var (
	figureUp       = figure("playcast_projections_up", "1 when log and database answer.")
	figurePosition = figure("playcast_projection_position", "Position in the log up to which everything is in the rows.", "view", "generation", "state")
	figureHead     = figure("playcast_projection_head", "Position of the log's last event.")
	figureEvents   = figure("playcast_projection_events_total", "Events that the generation has seen.", "view", "generation", "state")
	figureLag      = figure("playcast_projection_lag_seconds", "Since the store took the last event that the generation has seen; 0 at the head.", "view", "generation", "state")
	figureFailed   = figure("playcast_projection_failed", "1 when the generation has stopped at an event.", "view", "generation", "state")
)

// Describe implements prometheus.Collector.
func (Metrics) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{figureUp, figurePosition, figureHead, figureEvents, figureLag, figureFailed} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (m Metrics) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), collectTime)
	defer cancel()
	list, err := List(ctx, m.pool, m.store, time.Now())
	to <- prometheus.MustNewConstMetric(figureUp, prometheus.GaugeValue, truth(err == nil))
	for i, s := range list {
		labels := []string{s.View, strconv.Itoa(s.Generation), s.State}
		if i == 0 {
			to <- prometheus.MustNewConstMetric(figureHead, prometheus.GaugeValue, float64(s.Head))
		}
		to <- prometheus.MustNewConstMetric(figurePosition, prometheus.GaugeValue, float64(s.Position), labels...)
		to <- prometheus.MustNewConstMetric(figureEvents, prometheus.CounterValue, float64(s.Events), labels...)
		to <- prometheus.MustNewConstMetric(figureLag, prometheus.GaugeValue, s.Lag.Seconds(), labels...)
		to <- prometheus.MustNewConstMetric(figureFailed, prometheus.GaugeValue, truth(s.Failed != ""), labels...)
	}
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
