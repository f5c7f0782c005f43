//go:build !nolibav

package main_test

import (
	"fmt"
	"image"
	"math"
	"sync"
	"testing"
	"time"

	client "github.com/playcast/playcast/bench/player"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/lab"
)

// TestLadder gives sessions ever less to send, and compares decoded frames with
// those that were drawn, at each rung of the ladder: the frame's number in the
// picture says which one it is. They have gone the whole way, from the capture
// by the scaling, the encoder and the network to the client's decoder.
//
// The games draw 15 frames a second, so that a busy machine keeps up; with
// `make soak` 60, of which the lowest rungs keep half.
func TestLadder(t *testing.T) {
	rungs := []rung{
		{"slow-1080", 1920, 1080, 15, 30, 40}, {"slow-1080", 1600, 900, 15, 2.05, 34},
		{"slow-1080", 1280, 720, 15, 1.45, 33}, {"slow-1080", 960, 540, 15, 0.9, 32},
		{"slow-720", 1280, 720, 15, 30, 40}, {"slow-720", 960, 540, 15, 0.9, 32},
	}
	if long(t, 0) > 0 {
		rungs = []rung{
			{"flight-1080", 1920, 1080, 60, 30, 40}, {"flight-1080", 1600, 900, 60, 8.2, 36}, {"flight-1080", 1280, 720, 60, 5.8, 34},
			{"flight-1080", 1280, 720, 30, 3, 34}, {"flight-1080", 960, 540, 30, 1.6, 33},
			{"flight", 1280, 720, 60, 30, 40}, {"flight", 1280, 720, 30, 3, 34}, {"flight", 960, 540, 30, 1.6, 33},
		}
	}
	for _, r := range rungs {
		t.Run(fmt.Sprintf("%s at %dp%d", r.game, r.height, r.rate), r.climb)
	}
}

// rung is a shape of a game's picture.
type rung struct {
	game                events.GameID
	width, height, rate int
	mbps                float64 // that a player is sent at most, for the picture to take this shape
	psnr                float64 // that it has then at least, in dB: what was measured, less 4 or more
}

// compared is how many frames are compared at each rung.
const compared = 12

func (r rung) climb(t *testing.T) {
	p := up(t, dataIn(t), append(withGames(t), "--media-max-mbps", fmt.Sprint(r.mbps))...)
	one := p.signIn("player1")
	id := one.request(r.game)
	one.await(id, events.SessionIsReady)
	stream := streamOf(t, id)
	steps := func() []events.PictureAdapted { return find[events.PictureAdapted](facts(t, p.log()), stream) }
	judge := newJudge(t, r)
	view := one.view(id, client.Options{Handlers: client.Handlers{Frame: judge.see}})
	t.Cleanup(func() {
		select {
		case <-p.ended: // and has told
		default:
			t.Logf("it still runs; steps: %+v", steps())
		}
	})
	eventually(t, fmt.Sprintf("frames of %d by %d", r.width, r.height), func() (bool, any) {
		return len(judge.judged()) >= compared, fmt.Sprintf("%d such frames, the last was of %s", len(judge.judged()), judge.size())
	})
	psnr := judge.judged()
	t.Logf("PSNR %.1f dB (median), %.1f (worst), %d bytes a frame", median(psnr), quantile(psnr, 0), view.Counts().Bytes/view.Counts().Units)
	if median(psnr) < r.psnr {
		t.Errorf("the PSNR is %.1f dB, want %g", median(psnr), r.psnr)
	}
	one.steer(id, "end")
	one.await(id, events.SessionIsEnded)
	if taken := steps(); len(taken) > 0 {
		if last := taken[len(taken)-1]; last.Height != r.height || last.FrameRate != r.rate {
			t.Errorf("the last step is %+v", last)
		}
	}
	p.stop()
}

// judge compares some of the frames of a size that it sees.
type judge struct {
	reference   *lab.Reference
	drawn, want image.Point // sizes

	mu    sync.Mutex
	seen  image.Point
	since time.Time // when frames of that size began
	next  time.Time // when another one is compared
	psnr  []float64
}

func newJudge(t *testing.T, r rung) *judge {
	t.Helper()
	j := &judge{want: image.Pt(r.width, r.height), drawn: image.Pt(1920, 1080)}
	if r.game == "slow-720" || r.game == "flight" {
		j.drawn = image.Pt(1280, 720)
	}
	var err error
	if j.reference, err = lab.NewReference(lab.Moving, j.drawn.X, j.drawn.Y); err != nil {
		t.Fatal(err)
	}
	return j
}

func (j *judge) judged() []float64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.psnr
}

func (j *judge) size() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.seen.String()
}

// see is the Frame of a connection. For its first second a rung has the traces
// of its key frame and of the queue that it was taken for.
func (j *judge) see(f *client.Frame) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if size := image.Pt(f.Width, f.Height); size != j.seen {
		j.seen, j.since = size, f.Decoded
	}
	if j.seen != j.want || f.Decoded.Sub(j.since) < time.Second || f.Decoded.Before(j.next) {
		return
	}
	reading, err := lab.Decode(f.Width, f.Height, f.Luma)
	if err != nil {
		return // what can't be read is counted by TestSoak
	}
	j.next = f.Decoded.Add(200 * time.Millisecond)
	drawn := make([]byte, j.drawn.X*j.drawn.Y)
	j.reference.Luma(reading, drawn)
	j.psnr = append(j.psnr, psnrOf(f, area(drawn, j.drawn.X, j.drawn.Y, f.Width, f.Height)))
}

func psnrOf(f *client.Frame, want []float64) float64 {
	sum := 0.0
	for y := range f.Height {
		for x := range f.Width {
			d := float64(f.Luma(x, y)) - want[y*f.Width+x]
			sum += d * d
		}
	}
	return 10 * math.Log10(255*255*float64(len(want))/max(sum, 1))
}

// area scales by the mean of the area that a pixel covers, first across, then
// down.
func area(from []byte, width, height, newWidth, newHeight int) []float64 {
	lines := make([]float64, newWidth*height)
	for x := range newWidth {
		for i, weight := range covered(x, width, newWidth) {
			at := x*width/newWidth + i
			for y := range height {
				lines[y*newWidth+x] += weight * float64(from[y*width+at])
			}
		}
	}
	to := make([]float64, newWidth*newHeight)
	for y := range newHeight {
		for i, weight := range covered(y, height, newHeight) {
			at := y*height/newHeight + i
			for x := range newWidth {
				to[y*newWidth+x] += weight * lines[at*newWidth+x]
			}
		}
	}
	return to
}

// covered weighs the samples that an output covers, from output*size/parts on.
func covered(output, size, parts int) (weights []float64) {
	ratio := float64(size) / float64(parts)
	begin, end := float64(output)*ratio, float64(output+1)*ratio
	for i := output * size / parts; float64(i) < end-1e-9; i++ {
		weights = append(weights, (min(end, float64(i+1))-max(begin, float64(i)))/ratio)
	}
	return weights
}
