package record

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/encode"
)

func TestARecordingPlaysAsItWasShown(t *testing.T) {
	s := newStudio(t)
	r := Start(s.config(t))
	c := open(t, encode.H264, "", filmWidth, filmHeight, 0)
	c.shoot(t, r, 200)
	r.Stop(at(201), events.RecordingStopped)
	outcome := r.Outcome()
	if outcome.Reason != events.RecordingStopped || outcome.Err != nil || outcome.Dropped != 0 ||
		outcome.Codec != H264 || outcome.Width != filmWidth || outcome.Footage.Length != 6666 || outcome.Footage.Segments != 4 {
		t.Errorf("the outcome is %+v", outcome)
	}
	for name, input := range map[string]string{"as HLS": s.playlist(t, Span{}), "as one file": s.movie(t, Span{})} {
		t.Run(name, func(t *testing.T) {
			frames := play(t, input)
			numbers(t, frames, 1, 200)
			for i, f := range frames {
				if want := float64(i) / filmRate; math.Abs(f.at-frames[0].at-want) > 0.001 {
					t.Errorf("frame %d is shown at %.4f s, want %.4f", f.number, f.at, want)
				}
			}
			if packets := probe(t, input, "a", "stream=codec_name"); !strings.HasPrefix(packets, "opus") {
				t.Errorf("the sound is %q", packets)
			}
		})
	}
}

func TestEveryCodec(t *testing.T) {
	for codec, encoder := range map[encode.Codec]string{encode.H265: "libav-libx265", encode.AV1: "libav-libaom"} {
		t.Run(codec.String(), func(t *testing.T) {
			s := newStudio(t)
			r := Start(s.config(t))
			open(t, codec, encoder, filmWidth, filmHeight, 0).shoot(t, r, 70)
			r.Stop(at(71), events.RecordingStopped)
			if outcome := r.Outcome(); outcome.Err != nil {
				t.Fatal(outcome.Err)
			}
			numbers(t, play(t, s.playlist(t, Span{})), 1, 70)
			frames := play(t, s.movie(t, Span{From: 500, To: 2000}))
			// ffmpeg 5 forgets with AV1 what the edit list leaves out: it lies before 0.
			frames = slices.DeleteFunc(frames, func(f shown) bool { return f.at < -0.001 })
			numbers(t, frames, 16, 60)
		})
	}
}

// The picture is adapted while it is recorded: players are told by another init
// segment.
func TestAnotherShapeGoesOn(t *testing.T) {
	s := newStudio(t)
	r := Start(s.config(t))
	open(t, encode.H264, "", filmWidth, filmHeight, 0).shoot(t, r, 50)
	open(t, encode.H264, "", 480, 270, 50).shoot(t, r, 50)
	open(t, encode.H264, "", filmWidth, filmHeight, 100).shoot(t, r, 50)
	r.Stop(at(151), events.RecordingStopped)
	if outcome := r.Outcome(); outcome.Width != filmWidth || outcome.Footage.Length != 5000 {
		t.Errorf("the outcome is %+v", outcome)
	}
	m, err := s.Manifest(t.Context(), folder)
	must(t, err)
	list := string(m.Playlist(Span{}, "parts/"))
	if strings.Count(list, "EXT-X-MAP") != 3 || strings.Count(list, "DISCONTINUITY") != 2 || len(m.Inits) != 2 {
		t.Errorf("the playlist does not tell of two changes:\n%s", list)
	}
	numbers(t, play(t, s.playlist(t, Span{})), 1, 150)
	numbers(t, play(t, s.movie(t, Span{})), 1, 150)
	numbers(t, play(t, s.movie(t, Span{From: 1_000, To: 4_000})), 31, 120)
}

func TestPausesAreLeftOut(t *testing.T) {
	s := newStudio(t)
	r := Start(s.config(t))
	open(t, encode.H264, "", filmWidth, filmHeight, 0).shoot(t, r, 45)
	r.Cut(at(46))
	open(t, encode.H264, "", filmWidth, filmHeight, 3000).shoot(t, r, 45)
	r.Stop(at(3046), events.RecordingSessionOver)
	outcome := r.Outcome()
	if l := outcome.Footage.Length; l < 3_000 || l > 3_200 {
		t.Errorf("it is %d ms long, want about 3 s", l)
	}
	frames := play(t, s.movie(t, Span{}))
	numbers(t, frames[:45], 1, 45)
	numbers(t, frames[45:], 3001, 3045)
	if gap := frames[45].at - frames[44].at; gap > 0.2 {
		t.Errorf("the pause takes %.3f s", gap)
	}
	m, err := s.Manifest(t.Context(), folder)
	must(t, err)
	if !strings.Contains(string(m.Playlist(Span{}, "")), "#EXT-X-DISCONTINUITY\n#EXTINF") {
		t.Error("the playlist does not tell of the pause")
	}
}

// A clip shows exactly what was asked for: the frame that was shown when it
// begins, and the last before it ends.
func TestClipsAreExactToTheFrame(t *testing.T) {
	s := newStudio(t)
	r := Start(s.config(t))
	open(t, encode.H264, "", filmWidth, filmHeight, 0).shoot(t, r, 240)
	r.Stop(at(241), events.RecordingStopped)
	r.Outcome()
	for _, c := range []struct {
		span        Span
		first, last int
	}{
		{Span{0, 1_000}, 1, 30},
		{Span{0, 100}, 1, 3},
		{Span{1_000, 2_000}, 31, 60},
		{Span{1_990, 2_010}, 60, 61},
		{Span{2_500, 5_500}, 76, 165},
		{Span{3_333, 3_700}, 100, 111},
		{Span{7_000, 8_000}, 211, 240},
	} {
		path := s.movie(t, c.span)
		frames := play(t, path)
		if len(frames) == 0 {
			t.Fatalf("%v shows nothing", c.span)
		}
		if first, last := frames[0].number, frames[len(frames)-1].number; first != c.first || last != c.last {
			t.Errorf("%v shows frames %d to %d, want %d to %d", c.span, first, last, c.first, c.last)
		}
		if frames[0].at < 0 || frames[0].at > 0.001 {
			t.Errorf("%v begins at %.3f s", c.span, frames[0].at)
		}
		length, err := strconv.ParseFloat(probe(t, path, "v", "format=duration"), 64)
		must(t, err)
		if want := float64(c.last-c.first+1) / filmRate; math.Abs(length-want) > 0.04 {
			t.Errorf("%v lasts %.3f s, want %.3f", c.span, length, want)
		}
	}
	if _, err := s.Movie(t.Context(), folder, Span{From: 9_000, To: 10_000}); err == nil {
		t.Error("a clip of what is not there")
	}
}

// What was stored until a worker was killed can be played.
func TestARecordingThatNobodyEnds(t *testing.T) {
	s := newStudio(t)
	r := Start(s.config(t))
	open(t, encode.H264, "", filmWidth, filmHeight, 0).shoot(t, r, 150)
	deadline := time.Now().Add(20 * time.Second)
	for {
		if m, err := s.Manifest(t.Context(), folder); err == nil && len(m.Segments) == 2 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("no segments are stored")
		}
		time.Sleep(10 * time.Millisecond)
	}
	numbers(t, play(t, s.playlist(t, Span{})), 1, 120)
	numbers(t, play(t, s.movie(t, Span{})), 1, 120)
	r.Stop(at(151), events.RecordingStopped)
	r.Outcome()
}
