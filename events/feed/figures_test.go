package feed_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/feed"
)

func TestFigures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		registry := prometheus.NewRegistry()
		if _, err := feed.NewFigures(registry); err != nil {
			t.Fatal(err)
		}
		figures, err := feed.NewFigures(registry)
		if err != nil {
			t.Fatal(err)
		}
		r := reader(t, 3)
		r.poison.Figures, r.away = figures, 20
		r.fail[1] = func(n int) error {
			if n <= 5 {
				return errBad
			}
			return nil
		}
		stop := r.run(r.poison.Middleware)
		defer stop()
		want := func(failures, skipped, replayed, heldUp float64) {
			t.Helper()
			all, err := registry.Gather()
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]float64{}
			for _, family := range all {
				for _, m := range family.GetMetric() {
					if label := m.GetLabel()[0]; label.GetName() != "handler" || label.GetValue() != "mail" {
						t.Errorf("%s is of %s", family.GetName(), label)
					}
					got[strings.TrimPrefix(family.GetName(), "playcast_feed_")] = m.GetCounter().GetValue() + m.GetGauge().GetValue()
				}
			}
			for name, value := range map[string]float64{"failures_total": failures, "skipped_total": skipped, "replayed_total": replayed, "held_up": heldUp} {
				if got[name] != value {
					t.Errorf("%s is %v, want %v", name, got[name], value)
				}
			}
		}
		pass(10 * time.Second)
		want(5, 0, 0, 1) // what is skipped can't be kept yet
		pass(time.Minute)
		want(5, 1, 0, 0)
		r.asks(r.kept()[0].(events.EventPoisoned).Event)
		pass(time.Minute)
		want(5, 1, 1, 0)
	})
}
