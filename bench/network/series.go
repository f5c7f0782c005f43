package network

import (
	"encoding/json"
	"io"

	"github.com/playcast/playcast/bench/internal/link"
)

// moment is a tenth of a second of a run.
type moment struct {
	Scenario   string  `json:"name"`
	Controller string  `json:"controller"`
	Run        int     `json:"run"`
	At         float64 `json:"at_s"` // its beginning, since the first leg's
	Capacity   float64 `json:"capacity_mbps"`
	Sent       float64 `json:"sent_mbps"`
	Delivered  float64 `json:"delivered_mbps"`
	Estimate   float64 `json:"estimate_mbps"` // the last; 0: not known
	Picture    float64 `json:"picture_mbps"`  // as decided last
	Probe      float64 `json:"probe_mbps"`    // the most that was asked for
	Thought    float64 `json:"queue_est_ms"`  // the queue as the server saw it last
	Queue50    float64 `json:"queue_p50_ms"`
	QueueMax   float64 `json:"queue_max_ms"`
	Overflow   int     `json:"overflow"` // packets
	Lost       int     `json:"lost"`     // otherwise
	Frames     int     `json:"frames"`
	Latency50  float64 `json:"latency_p50_ms"`
	Width      int     `json:"width"`
}

// writeSeries writes what happened in a run over time.
func writeSeries(to io.Writer, name, controller string, run int, o observed) error {
	if to == nil {
		return nil
	}
	out := json.NewEncoder(to)
	for _, l := range o.legs {
		for at := l.from; at < l.to; at += look {
			packets := between(o.packets, at, at+look)
			m := moment{
				Scenario: name, Controller: controller, Run: run, At: (at - o.from()).Seconds(),
				Capacity: float64(l.capacity()) / 1e6, Sent: rate(o.packets, at, at+look) / 1e6,
				Delivered: delivered(o.packets, at, at+look) / 1e6,
			}
			if queued := waits(packets); len(queued) > 0 {
				m.Queue50, m.QueueMax = milliseconds(quantile(queued, 0.5)), milliseconds(quantile(queued, 1))
			}
			for _, p := range packets {
				switch p.Fate {
				case link.Overflow:
					m.Overflow++
				case link.Random, link.Bursts, link.Outage:
					m.Lost++
				}
			}
			for _, e := range o.estimates {
				if e.at >= at+look {
					break
				}
				m.Estimate, m.Picture, m.Thought = float64(e.bps)/1e6, float64(e.rate)/1e6, milliseconds(e.queue)
				if e.at >= at {
					m.Probe = max(m.Probe, float64(e.probe)/1e6)
				}
			}
			ages := o.ages(at, at+look)
			m.Frames, m.Latency50 = len(ages), milliseconds(quantile(ages, 0.5))
			for _, f := range o.frames {
				if f.decoded < at+look {
					m.Width = f.width
				}
			}
			if err := out.Encode(m); err != nil {
				return err
			}
		}
	}
	return nil
}
