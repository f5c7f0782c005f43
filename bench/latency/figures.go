package latency

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// result is what a run found.
type result struct {
	samples []sample
	lost    int
	played  played
	cpu     float64 // ms of the server's in that time
	machine machine
	psnr    []float64
}

// played is the time of the presses, as the client saw it.
type played struct {
	Presses []int64 `json:"presses"` // when they were sent
	Sights  []sight `json:"sights"`
	Began   int64   `json:"began"`
	Ended   int64   `json:"ended"`
	Bytes   int64   `json:"bytes"`  // of video that arrived
	Frames  int64   `json:"frames"` // of video that arrived
	Sound   int64   `json:"sound"`  // packets of sound that arrived
	Shown   int64   `json:"shown"`  // pictures presented, those too that were not looked at
}

// pool is the runs of a case.
type pool struct{ runs []result }

func (p pool) figures() (f Figures) {
	f.Pictures = map[string]int{}
	var totals, psnr []float64
	stages := make([][]float64, len(stageNames))
	var seconds, cpu float64
	var unique int
	var bytes, frames, shown int64
	for _, r := range p.runs {
		var run []float64
		for _, s := range r.samples {
			run = append(run, s.total)
			if s.stages == nil {
				f.Unjoined++
				continue
			}
			for i, stage := range s.stages {
				stages[i] = append(stages[i], stage)
			}
		}
		totals, psnr = append(totals, run...), append(psnr, r.psnr...)
		f.RunP50 = append(f.RunP50, round(percentile(run, 50)))
		f.Lost += r.lost
		f.Steal, f.Busy = max(f.Steal, round(r.machine.steal)), max(f.Busy, round(r.machine.busy))
		f.Sound = f.Sound || r.played.Sound > 0
		n, freezes := presented(r.played)
		unique, f.Freezes = unique+n, f.Freezes+freezes
		for _, s := range r.played.Sights {
			f.Pictures[fmt.Sprintf("%dx%d", s.Width, s.Height)]++
			f.Torn += count(s.Fault == torn)
			f.Unreadable += count(s.Fault == unreadable)
		}
		seconds += ms(r.played.Ended-r.played.Began) / 1000
		shown += r.played.Shown
		bytes, frames, cpu = bytes+r.played.Bytes, frames+r.played.Frames, cpu+r.cpu
	}
	f.N, f.P50, f.P95, f.P99 = len(totals), round(percentile(totals, 50)), round(percentile(totals, 95)), round(percentile(totals, 99))
	f.Stages = map[string]Quantile{}
	for i, name := range stageNames {
		f.Stages[name] = Quantile{round(percentile(stages[i], 50)), round(percentile(stages[i], 95))}
	}
	f.PSNR = round(mean(psnr))
	if seconds > 0 && frames > 0 {
		f.FPS, f.Bitrate = round(float64(unique)/seconds), round(float64(bytes)*8/1e6/seconds)
		f.Shown = round(float64(shown) / seconds)
		f.ServerCPU = round(cpu / float64(frames))
	}
	return f
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// freezeNS is the gap between two frames that counts as a freeze.
const freezeNS = 50_000_000

// presented counts the unique frames that were presented, and the freezes
// between them. A spoilt picture is a frame too.
func presented(p played) (unique, freezes int) {
	slices.SortFunc(p.Sights, func(a, b sight) int { return cmp.Compare(a.Presented, b.Presented) })
	var last sight
	for i, s := range p.Sights {
		if i > 0 && (s.RTP == last.RTP || s.Fault == clean && last.Fault == clean && s.Frame == last.Frame) {
			continue
		}
		unique++
		if i > 0 && s.Presented-last.Presented > freezeNS {
			freezes++
		}
		last = s
	}
	return unique, freezes
}

// percentile returns the smallest value that p percent of all do not exceed; 0
// of none.
func percentile(values []float64, p float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	rank := int(math.Ceil(p / 100 * float64(len(sorted))))
	return sorted[max(0, rank-1)]
}

func mean(values []float64) float64 {
	var sum float64
	for _, v := range values {
		sum += v
	}
	return sum / max(1, float64(len(values)))
}

// round keeps microseconds, or what they are of another unit.
func round(v float64) float64 { return math.Round(v*1000) / 1000 }
