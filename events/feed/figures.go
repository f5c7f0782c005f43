package feed

import (
	"errors"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/playcast/playcast/events"
)

// Figures count what handlers fail of, for Prometheus. Nil counts nothing.
type Figures struct {
	failures, skipped, replayed *prometheus.CounterVec
	heldUp                      *prometheus.GaugeVec
}

var _ prometheus.Collector = (*Figures)(nil)

// NewFigures returns the figures of a registry, the same ones each time.
func NewFigures(registry prometheus.Registerer) (*Figures, error) {
	label := []string{"handler"}
	count := func(name, help string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "playcast_feed_" + name, Help: help}, label)
	}
	f := &Figures{
		failures: count("failures_total", "Attempts to handle an event that failed."),
		skipped:  count("skipped_total", "Events that were skipped into the handler's stream of poison."),
		replayed: count("replayed_total", "Events that were handled after they had been skipped."),
		heldUp: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "playcast_feed_held_up",
			Help: "Events that hold up their handler now: it can neither handle nor skip them."}, label),
	}
	var known prometheus.AlreadyRegisteredError
	err := registry.Register(f)
	if errors.As(err, &known) {
		if existing, is := known.ExistingCollector.(*Figures); is {
			return existing, nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("register the feed's figures: %w", err)
	}
	return f, nil
}

// Describe describes the figures.
func (f *Figures) Describe(to chan<- *prometheus.Desc) {
	for _, c := range f.all() {
		c.Describe(to)
	}
}

// Collect gives the figures as they are.
func (f *Figures) Collect(to chan<- prometheus.Metric) {
	for _, c := range f.all() {
		c.Collect(to)
	}
}

func (f *Figures) all() []prometheus.Collector {
	return []prometheus.Collector{f.failures, f.skipped, f.replayed, f.heldUp}
}

func (f *Figures) failed(handler string) {
	if f != nil {
		f.failures.WithLabelValues(handler).Inc()
	}
}

// kept counts an event that is skipped for the first time.
func (f *Figures) kept(failure Failure) {
	if f != nil && failure.Asked == (events.EventID{}) {
		f.skipped.WithLabelValues(string(failure.Handler)).Inc()
	}
}

func (f *Figures) handledAgain(handler events.HandlerID) {
	if f != nil {
		f.replayed.WithLabelValues(string(handler)).Inc()
	}
}

// holdUp counts an event that holds up its handler until release is called.
func (f *Figures) holdUp(handler string) (release func()) {
	if f == nil {
		return func() {}
	}
	held := f.heldUp.WithLabelValues(handler)
	held.Inc()
	return held.Dec
}
