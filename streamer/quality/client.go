package quality

import "time"

// ClientTotals are what a client reports of itself: running totals since it
// began, as getStats names them, and its own measure of input to present.
type ClientTotals struct {
	Presented      uint64        `json:"presented"`
	Decoded        uint64        `json:"decoded"`
	Dropped        uint64        `json:"dropped"`
	Freezes        uint64        `json:"freezes"`
	FreezeTime     time.Duration `json:"freeze_ns"`
	DecodeTime     time.Duration `json:"decode_ns"` // of all decoded frames together
	BufferTime     time.Duration `json:"buffer_ns"` // in the jitter buffer, of all emitted frames together
	Emitted        uint64        `json:"emitted"`   // frames that have left the jitter buffer
	InputToPresent Quantiles     `json:"input_to_present"`
}

const (
	// maxFrameRate is more than any display shows.
	maxFrameRate = 1000
	// maxCount is that for a year.
	maxCount = maxFrameRate * 86400 * 366
	// maxTime is the same year, of 16 frames in the buffer at once.
	maxTime = 16 * 366 * 24 * time.Hour
	// maxLatency is the longest that a key press can take to be seen and still
	// be called that, in milliseconds.
	maxLatency = 60_000
)

// sane says whether a client's report can be true: nothing negative, not a
// number or past all bounds, and percentiles in their order. It arrives from
// outside, and goes into the log.
func (t ClientTotals) sane() bool {
	for _, n := range []uint64{t.Presented, t.Decoded, t.Dropped, t.Freezes, t.Emitted} {
		if n > maxCount {
			return false
		}
	}
	for _, d := range []time.Duration{t.FreezeTime, t.DecodeTime, t.BufferTime} {
		if d < 0 || d > maxTime {
			return false
		}
	}
	for _, q := range []float64{t.InputToPresent.P50, t.InputToPresent.P95, t.InputToPresent.P99} {
		if !(q >= 0 && q <= maxLatency) { // false for NaN too
			return false
		}
	}
	q := t.InputToPresent
	return q.P50 <= q.P95 && q.P95 <= q.P99
}

func clientBetween(s samples[ClientTotals], seconds float64) Client {
	if s.count == 0 {
		return Client{}
	}
	a, b := s.base, s.last
	return Client{
		Reports:        s.count,
		FPS:            min(float64(since(a.Presented, b.Presented))/seconds, maxFrameRate),
		Dropped:        int(since(a.Dropped, b.Dropped)),
		Freezes:        int(since(a.Freezes, b.Freezes)),
		FreezeMS:       ms(since(a.FreezeTime, b.FreezeTime)),
		DecodeMS:       min(ratio(ms(since(a.DecodeTime, b.DecodeTime)), since(a.Decoded, b.Decoded)), maxLatency),
		BufferMS:       min(ratio(ms(since(a.BufferTime, b.BufferTime)), since(a.Emitted, b.Emitted)), maxLatency),
		InputToPresent: b.InputToPresent,
	}
}
