package quality

import "time"

// Window is what a session looked like between two instants.
type Window struct {
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Stages  Stages    `json:"stages"`
	Sent    Sent      `json:"sent"`
	Network Network   `json:"network"`
	Client  Client    `json:"client"`
	Refused int       `json:"refused"` // messages of the client that were not taken
}

// Stages are the parts of a frame's way through the server. They add up, frame
// by frame: Total is from capture to the last packet's leaving.
type Stages struct {
	Wait   Quantiles `json:"wait"`   // captured → encoder begins
	Encode Quantiles `json:"encode"` // encoder begins → encoder is done
	Send   Quantiles `json:"send"`   // encoder is done → last packet at the socket
	Total  Quantiles `json:"total"`
}

// Quantiles of a stage in milliseconds; all 0 when there was no frame.
type Quantiles struct {
	P50 float64 `json:"p50_ms"`
	P95 float64 `json:"p95_ms"`
	P99 float64 `json:"p99_ms"`
}

// Sent is what the server did in the window.
type Sent struct {
	Frames  int     `json:"frames"`
	FPS     float64 `json:"fps"`
	Dropped int     `json:"dropped"` // frames given up after capture
	// KeyFrames among the frames, as far as the peer was asked.
	KeyFrames int     `json:"key_frames"`
	Bitrate   float64 `json:"bitrate_bps"` // of video frames, without headers
}

// Network is what the transport measured in the window.
type Network struct {
	Loss   float64 `json:"loss"` // part of the packets sent, 0 to 1
	RTT    float64 `json:"rtt_ms"`
	Jitter float64 `json:"jitter_ms"`
	// QueueDelay is of what stands in the queue of the path.
	QueueDelay float64 `json:"queue_ms"`
	Resent     int     `json:"resent"` // packets
	Estimate   float64 `json:"estimate_bps"`
}

// Client is what the client reported; Reports is 0 when it did not.
type Client struct {
	Reports  int     `json:"reports"`
	FPS      float64 `json:"fps"`       // frames presented
	Dropped  int     `json:"dropped"`   // frames decoded but not presented
	Freezes  int     `json:"freezes"`   // pauses that the client calls a freeze
	FreezeMS float64 `json:"freeze_ms"` // in all
	// Means over the frames of the window.
	DecodeMS float64 `json:"decode_ms"`
	BufferMS float64 `json:"buffer_ms"` // in the jitter buffer
	// InputToPresent is the client's own measure, its last in the window; 0
	// when it has none.
	InputToPresent Quantiles `json:"input_to_present"`
}
