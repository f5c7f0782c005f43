package latency

import (
	"cmp"
	"slices"
	"sort"
)

// sight is a frame that a client has presented. Times are Unix nanoseconds.
type sight struct {
	RTP       uint32 `json:"rtp"`
	Frame     uint32 `json:"frame"`
	Inputs    uint32 `json:"inputs"`
	Arrived   int64  `json:"arrived"` // its last packet
	Decoded   int64  `json:"decoded"`
	Presented int64  `json:"presented"`
	Fault     fault  `json:"fault"`
	Width     int    `json:"width"`
	Height    int    `json:"height"`
}

// fault is what is wrong with a picture, so that it has no reading.
type fault int

const (
	clean fault = iota
	torn
	unreadable
)

// The stages, in their order.
var stageNames = []string{"input", "inject", "draw", "capture", "convert", "queue", "encode", "send", "receive", "decode", "present"}

// sample is a press that was seen. Its stages are nil where the server's trace
// has nothing of them; they add up to the total. Milliseconds.
type sample struct {
	total  float64
	stages []float64
}

// join finds for each press, by the time when it was sent, the first picture
// that shows it. lost counts those that no picture shows.
func join(presses []int64, sights []sight, r *records) (samples []sample, lost int) {
	slices.SortFunc(r.inputs, func(a, b record) int { return cmp.Compare(a.Received, b.Received) })
	slices.SortFunc(r.presses, func(a, b record) int { return cmp.Compare(a.Seen, b.Seen) })
	readable := slices.DeleteFunc(slices.Clone(sights), func(s sight) bool { return s.Fault != clean })
	slices.SortFunc(readable, func(a, b sight) int { return cmp.Compare(a.Presented, b.Presented) })
	for i, seen := range matchPresses(presses, r.presses) {
		if seen == nil {
			lost++
			continue
		}
		// The count of presses never falls.
		at := sort.Search(len(readable), func(i int) bool { return readable[i].Inputs >= seen.Inputs })
		if at == len(readable) {
			lost++
			continue
		}
		s := sample{total: ms(readable[at].Presented - presses[i])}
		if frame, ok := r.frames[readable[at].RTP]; ok {
			s.stages = stagesOf(presses[i], seen, r.inputs, frame, readable[at])
		}
		samples = append(samples, s)
	}
	return samples, lost
}

// matchPresses tells which line of the lab's log is a press's; nil: none, it
// was lost. Where none was lost they go in order. Else a line belongs to the
// last press before it, and of two lines of one press the second to none.
func matchPresses(sent []int64, log []record) []*record {
	matched := make([]*record, len(sent))
	if len(sent) == 0 {
		return matched
	}
	for len(log) > 0 && log[0].Seen < sent[0] {
		log = log[1:] // of the time before
	}
	for i := range log {
		at := i
		if len(log) != len(sent) {
			at = sort.Search(len(sent), func(n int) bool { return sent[n] > log[i].Seen }) - 1
		}
		if matched[at] == nil {
			matched[at] = &log[i]
		}
	}
	return matched
}

// stagesOf splits the way of a press. The input that the lab saw is the last
// that the server had received by then.
func stagesOf(sent int64, press *record, inputs []record, frame record, seen sight) []float64 {
	at := sort.Search(len(inputs), func(n int) bool { return inputs[n].Received > press.Seen }) - 1
	if at < 0 || inputs[at].Received < sent {
		return nil
	}
	points := []int64{sent, inputs[at].Received, inputs[at].Injected, press.Drawn, frame.Captured, frame.Converted,
		frame.Started, frame.Encoded, frame.Sent, seen.Arrived, seen.Decoded, seen.Presented}
	stages := make([]float64, len(points)-1)
	for i := range stages {
		stages[i] = ms(points[i+1] - points[i])
	}
	return stages
}

func ms(ns int64) float64 { return float64(ns) / 1e6 }
