package network

import (
	"slices"
	"time"
)

// Figures of one scenario with one congestion control. Where there were
// several runs they are the runs' medians; nil is what never happened, or
// can't happen in the scenario. Rates are of IP packets.
type Figures struct {
	Scenario   string `json:"name"`
	Controller string `json:"controller"`
	Runs       int    `json:"runs"`
	Rejected   int    `json:"rejected_runs"` // done again because the machine was too busy

	Adapt     *float64 `json:"adapt_ms"`
	Recovery  *float64 `json:"recovery_90_ms"`
	Recovered *float64 `json:"recovery_before_ms"`
	FreezeFigures
	QueueFigures
	LatencyFigures
	RateFigures
}

// FreezeFigures tell of gaps between new frames that the player sees.
type FreezeFigures struct {
	Longest    *float64 `json:"longest_freeze_ms"`
	Over200    *float64 `json:"freezes_over_200ms"`
	FPS        *float64 `json:"fps_seen"`
	Unreadable *float64 `json:"unreadable"`
}

// QueueFigures tell how long packets waited at the bottleneck.
type QueueFigures struct {
	Queue50  *float64 `json:"queue_p50_ms"`
	Queue95  *float64 `json:"queue_p95_ms"`
	Narrow50 *float64 `json:"queue_narrow_p50_ms"` // while the path was narrow
	Narrow95 *float64 `json:"queue_narrow_p95_ms"`
	Late99   *float64 `json:"link_late_p99_ms"` // the instrument's own delay
}

// LatencyFigures tell how old frames are when they are decoded.
type LatencyFigures struct {
	Latency50 *float64 `json:"latency_p50_ms"`
	Latency95 *float64 `json:"latency_p95_ms"`
	Before    *float64 `json:"latency_before_ms"` // the median at the first leg's end
	After     *float64 `json:"latency_after_ms"`  // and at the last one's
	Creep     *float64 `json:"creep_ms"`
}

// RateFigures tell what was carried.
type RateFigures struct {
	Mbps        *float64 `json:"bitrate_mbps"`
	Utilisation *float64 `json:"utilisation"`
	Loss        *float64 `json:"loss"`
	Overflow    *float64 `json:"loss_overflow"` // of it at the full queue
}

// pool joins several runs' figures: the medians, of the longest freeze the
// longest. What one run never reached counts as longest.
func pool(runs []Figures) Figures {
	pooled := runs[0]
	pooled.Runs = len(runs)
	fields := pooled.fields()
	for i := range fields {
		var values []float64
		for j := range runs {
			if v := *runs[j].fields()[i]; v != nil {
				values = append(values, *v)
			}
		}
		slices.Sort(values)
		switch middle := len(runs) / 2; {
		case fields[i] == &pooled.Longest && len(values) > 0:
			*fields[i] = figure(values[len(values)-1])
		case middle < len(values):
			*fields[i] = figure(values[middle])
		default:
			*fields[i] = nil
		}
	}
	return pooled
}

// fields are the figures themselves.
func (f *Figures) fields() []**float64 {
	return []**float64{
		&f.Adapt, &f.Recovery, &f.Recovered,
		&f.Longest, &f.Over200, &f.FPS, &f.Unreadable,
		&f.Queue50, &f.Queue95, &f.Narrow50, &f.Narrow95, &f.Late99,
		&f.Latency50, &f.Latency95, &f.Before, &f.After, &f.Creep,
		&f.Mbps, &f.Utilisation, &f.Loss, &f.Overflow,
	}
}

// quantileOf is a quantile in milliseconds, nil of nothing.
func quantileOf(all []time.Duration, q float64) *float64 {
	if len(all) == 0 {
		return nil
	}
	return figure(milliseconds(quantile(all, q)))
}

func figure(value float64) *float64 { return &value }

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// quantile sorts what it is given.
func quantile(all []time.Duration, q float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[min(int(q*float64(len(all))), len(all)-1)]
}
