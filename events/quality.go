package events

import (
	"encoding/json"
	"time"
)

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
	Stages StageQuality   `json:"stages"`
	Sent   SentQuality    `json:"sent"`
	Path   PathQuality    `json:"path"`
	Client *ClientQuality `json:"client,omitempty"` // nil: it said nothing
	// Refused is how many of the client's messages were not taken: malformed,
	// too long, or too many.
	Refused int `json:"refused,omitempty"`
}

// StageQuality is how long frames took on their way through the server. The
// stages of a frame add up to its total. Wait and total are 0 in windows that
// were written as version 1.
type StageQuality struct {
	Wait   Percentiles `json:"wait"`   // captured → the encoder begins
	Encode Percentiles `json:"encode"` // the encoder begins → it is done
	Send   Percentiles `json:"send"`   // the encoder is done → the last packet is at the socket
	Total  Percentiles `json:"total"`  // captured → the last packet is at the socket
}

// SentQuality is what the server sent.
type SentQuality struct {
	FrameRate float64 `json:"frameRate"` // frames a second
	Dropped   int     `json:"dropped"`   // frames given up after their capture
	KeyFrames int     `json:"keyFrames"`
	BitRate   int     `json:"bitRate"` // of frames, bits a second
}

// PathQuality is what the transport measured of the way to the player.
type PathQuality struct {
	Lost       float64 `json:"lost"` // share of packets, 0 to 1
	Resent     int     `json:"resent"`
	RoundTrip  float64 `json:"roundTrip"`
	Jitter     float64 `json:"jitter"`
	QueueDelay float64 `json:"queueDelay"`
	Estimate   int     `json:"estimate"` // of what it carries, bits a second
}

// ClientQuality is what the player's client told of itself.
type ClientQuality struct {
	Reports    int     `json:"reports"`   // that the window rests on; 0: not known
	FrameRate  float64 `json:"frameRate"` // frames presented a second
	Dropped    int     `json:"dropped"`   // frames decoded and not presented
	Freezes    int     `json:"freezes"`
	FreezeTime float64 `json:"freezeTime"` // in all
	Decode     float64 `json:"decode"`     // mean of a frame
	Buffer     float64 `json:"buffer"`     // mean of a frame in the jitter buffer
	// InputToPresent is from an input to the frame that answers it; 0 where
	// the client could not tell.
	InputToPresent Percentiles `json:"inputToPresent"`
}

// Percentiles of a duration, in milliseconds.
type Percentiles struct {
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
	P99 float64 `json:"p99"`
}

func (QualityReported) EventType() string { return "QualityReported" }

func (QualityReported) event() {}

// upcastQuality1 takes QualityReported from version 1 to 2.
func upcastQuality1(data json.RawMessage) (json.RawMessage, error) {
	var old struct {
		Session SessionID `json:"session"`
		From    time.Time `json:"from"`
		To      time.Time `json:"to"`
		Quality struct {
			FramesSent    float64     `json:"framesSent"`
			FramesSeen    float64     `json:"framesSeen"`
			FramesDropped int         `json:"framesDropped"`
			Freezes       int         `json:"freezes"`
			BitRate       int         `json:"bitRate"`
			Lost          float64     `json:"lost"`
			RoundTrip     float64     `json:"roundTrip"`
			Encode        Percentiles `json:"encode"`
			Send          Percentiles `json:"send"`
		} `json:"quality"`
		At time.Time `json:"at"`
	}
	if err := unmarshalExactly(data, &old); err != nil {
		return nil, err
	}
	q := old.Quality
	now := QualityReported{Session: old.Session, From: old.From, To: old.To, At: old.At, Quality: Quality{
		Stages: StageQuality{Encode: q.Encode, Send: q.Send},
		Sent:   SentQuality{FrameRate: q.FramesSent, Dropped: q.FramesDropped, BitRate: q.BitRate},
		Path:   PathQuality{Lost: q.Lost, RoundTrip: q.RoundTrip},
	}}
	if q.FramesSeen > 0 || q.Freezes > 0 {
		now.Quality.Client = &ClientQuality{FrameRate: q.FramesSeen, Freezes: q.Freezes}
	}
	return json.Marshal(now)
}
