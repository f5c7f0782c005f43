package record

import (
	"context"
	"fmt"
	"slices"
	"sort"
)

// preroll is how much sound comes before what is heard: a decoder of Opus needs
// it to be right from the first sample on (RFC 7845, 4.6).
const preroll = 80 * soundScale / 1000

// track is what of a track goes into a file of its own.
type track struct {
	chunks []chunk
	begin  int64 // where playing begins, on the track's clock
	end    int64 // and ends
}

// chunk is samples that lie one after another in a segment.
type chunk struct {
	key     string
	init    int
	samples []stored
}

func (c chunk) offset() int64 { return c.samples[0].offset }

func (c chunk) size() (n int64) {
	for _, s := range c.samples {
		n += s.size
	}
	return n
}

// Movie returns a span as one MP4 file that any player plays from its first frame
// to its last: the one that is shown when the span begins, and the one before
// its end. What is compressed stays as it is: the file begins with the key frame
// before, and an edit list says where to begin to show. The zero span is all.
func (l *Library) Movie(ctx context.Context, folder string, s Span) (*File, error) {
	m, err := l.Manifest(ctx, folder)
	if err != nil {
		return nil, err
	}
	from, to := m.within(s)
	if from == to {
		return nil, fmt.Errorf("%w: nothing lies between %d and %d ms", ErrSpan, s.From, s.To)
	}
	if s == (Span{}) {
		s.To = (m.end() + perMilli - 1) / perMilli
	}
	first := m.Inits[m.Segments[from].Init]
	var fragments []fragment
	for i, p := range m.Segments[from:to] {
		if m.Inits[p.Init].Codec != first.Codec {
			return nil, fmt.Errorf("%w: it begins in %s and goes on in %s", ErrSpan, first.Codec, m.Inits[p.Init].Codec)
		}
		f, err := l.fragment(ctx, folder+"/"+segmentName(from+i), p.Init)
		if err != nil {
			return nil, err
		}
		fragments = append(fragments, f)
	}
	video, sound := cutVideo(fragments, s), track{}
	if len(video.chunks) == 0 {
		return nil, fmt.Errorf("%w: nothing is shown between %d and %d ms", ErrSpan, s.From, s.To)
	}
	sound = cutSound(fragments, video)
	return l.file(ctx, folder, video, sound)
}

// cutVideo takes the frames from the key frame before a span to its end.
func cutVideo(fragments []fragment, s Span) track {
	begin, end := s.From*perMilli, s.To*perMilli
	var t track
	// Which frame is shown when the span begins? The last that is not later.
	first := fragments[0].video
	shown := max(0, sort.Search(len(first), func(i int) bool { return first[i].at > begin })-1)
	t.begin = first[shown].at
	for ; !first[shown].key; shown-- {
	}
	for i, f := range fragments {
		frames := f.video
		if i == 0 {
			frames = frames[shown:]
		}
		n := sort.Search(len(frames), func(i int) bool { return frames[i].at >= end })
		if n > 0 {
			t.chunks = append(t.chunks, chunk{key: f.key, init: f.init, samples: slices.Clone(frames[:n])})
		}
	}
	t.end = t.close(end)
	return t
}

// cutSound takes the sound that belongs to the picture.
func cutSound(fragments []fragment, video track) track {
	t := track{begin: video.begin * soundScale / videoScale, end: video.end * soundScale / videoScale}
	for _, f := range fragments {
		from := sort.Search(len(f.sound), func(i int) bool { return f.sound[i].at+f.sound[i].length > t.begin-preroll })
		to := sort.Search(len(f.sound), func(i int) bool { return f.sound[i].at >= t.end })
		if from < to {
			t.chunks = append(t.chunks, chunk{key: f.key, init: f.init, samples: slices.Clone(f.sound[from:to])})
		}
	}
	t.close(t.end)
	return t
}

// close has each sample last until the next one, and the last one until an end at
// most; it returns where the track ends.
func (t *track) close(end int64) int64 {
	var last *stored
	for _, c := range t.chunks {
		for i := range c.samples {
			if next := &c.samples[i]; last != nil {
				last.length = max(0, next.at-last.at)
			}
			last = &c.samples[i]
		}
	}
	if last == nil {
		return end
	}
	last.length = max(1, min(last.length, end-last.at))
	return last.at + last.length
}
