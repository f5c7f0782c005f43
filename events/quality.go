package events

import "time"

// QualityReported sums what a session's picture path did in one window of a
// few seconds. Frames are never events; windows are.
type QualityReported struct {
	Session SessionID `json:"session"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Quality Quality   `json:"quality"`
	At      time.Time `json:"at"`
}

// Quality is the figures of one window. Durations are in milliseconds.
type Quality struct {
	FramesSent    float64     `json:"framesSent"` // a second
	FramesSeen    float64     `json:"framesSeen"` // a second, told by the player's client
	FramesDropped int         `json:"framesDropped"`
	Freezes       int         `json:"freezes"` // told by the player's client
	BitRate       int         `json:"bitRate"` // bits a second
	Lost          float64     `json:"lost"`    // share of packets, 0 to 1
	RoundTrip     float64     `json:"roundTrip"`
	Encode        Percentiles `json:"encode"` // capture to encoded
	Send          Percentiles `json:"send"`   // encoded to handed to the network
}

// Percentiles of a duration, in milliseconds.
type Percentiles struct {
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
	P99 float64 `json:"p99"`
}

func (QualityReported) EventType() string { return "QualityReported" }

func (QualityReported) event() {}
