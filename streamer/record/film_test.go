package record

import (
	"bytes"
	"fmt"
	"image"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/playcast/playcast/streamer/encode"
	"github.com/playcast/playcast/streamer/lab"
	"github.com/playcast/playcast/streamer/storage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The film of the tests: frame n of the Latency Lab is captured n/30 s after
// the beginning.
const (
	filmRate   = 30
	filmWidth  = 640
	filmHeight = 360
	folder     = "one"
)

var began = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func at(frame int) time.Time { return began.Add(time.Duration(frame) * time.Second / filmRate) }

// film is a source of the lab's frames.
type film struct {
	t      *testing.T
	lab    *lab.Reference
	luma   []byte
	next   int
	width  int
	height int
}

var _ encode.Source = (*film)(nil)

func (f *film) Read() (image.Image, func(), error) {
	f.next++
	f.lab.Luma(lab.Reading{Frame: uint32(f.next)}, f.luma)
	picture := image.NewYCbCr(image.Rect(0, 0, f.width, f.height), image.YCbCrSubsampleRatio420)
	copy(picture.Y, f.luma)
	for i := range picture.Cb {
		picture.Cb[i], picture.Cr[i] = 128, 128
	}
	return picture, func() {}, nil
}

func (f *film) Captured() time.Time { return at(f.next) }

// camera encodes the film.
type camera struct {
	*encode.Encoder
	film *film
}

func open(t *testing.T, codec encode.Codec, encoder string, width, height, next int) *camera {
	t.Helper()
	drawn, err := lab.NewReference(lab.Dusk, width, height)
	must(t, err)
	f := &film{t: t, lab: drawn, luma: make([]byte, width*height), next: next, width: width, height: height}
	e, err := encode.Open(f, encode.Config{Width: width, Height: height, FrameRate: filmRate, BitRate: 2_000_000, Codec: codec, Encoder: encoder})
	must(t, err)
	t.Cleanup(func() { must(t, e.Close()) })
	return &camera{e, f}
}

// silence is 10 ms of it in Opus, in stereo.
var silence = []byte{0xf4, 0xff, 0xfe}

// shoot records so many frames, with a key frame every second and sound.
func (c *camera) shoot(t *testing.T, r *Recorder, frames int) {
	t.Helper()
	for n := range frames {
		if n > 0 && n%filmRate == 0 {
			c.ForceKeyFrame()
		}
		unit, err := c.Next()
		must(t, err)
		r.Take(Frame{
			Data: unit.Data, Codec: Codec(unit.Codec.String()), Width: unit.Width, Height: unit.Height, Captured: unit.Captured, Key: unit.Key,
		})
		if c.film.next%3 == 0 { // ten packets of 10 ms in three frames
			for i := range 10 {
				r.Hear(Sound{Data: silence, Captured: at(c.film.next).Add(time.Duration(i) * 10 * time.Millisecond), Length: 10 * time.Millisecond})
			}
		}
	}
}

// studio is a store with one recording in it.
type studio struct {
	store storage.Store
	dir   string
	*Library
}

func newStudio(t *testing.T) *studio {
	t.Helper()
	dir := t.TempDir()
	store, err := storage.OpenFolder(dir)
	must(t, err)
	t.Cleanup(func() { must(t, store.Close()) })
	return &studio{store: store, dir: dir, Library: NewLibrary(store)}
}

func (s *studio) config(t *testing.T) Config {
	return Config{
		Store: s.store, Folder: folder, Segment: 2 * time.Second, KeyFrame: func() {},
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
}

// playlist serves the recording over HTTP, as HLS, and returns its address.
func (s *studio) playlist(t *testing.T, span Span) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/")
		if name == "index.m3u8" {
			m, err := s.Manifest(r.Context(), folder)
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			w.Header().Set("Content-Type", "application/vnd.apple.mpegurl")
			_, _ = w.Write(m.Playlist(span, ""))
			return
		}
		file, modified, err := s.Part(r.Context(), folder, name)
		if err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		defer file.Close()
		http.ServeContent(w, r, name, modified, file)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/index.m3u8"
}

// movie writes a span as a file, and returns its path.
func (s *studio) movie(t *testing.T, span Span) string {
	t.Helper()
	movie, err := s.Movie(t.Context(), folder, span)
	must(t, err)
	path := filepath.Join(t.TempDir(), "movie.mp4")
	file, err := os.Create(path)
	must(t, err)
	n, err := io.Copy(file, movie)
	must(t, err)
	must(t, file.Close())
	must(t, movie.Close())
	if n != movie.Size() {
		t.Errorf("the movie has %d bytes, and says %d", n, movie.Size())
	}
	return path
}

// shown is a frame that a player shows.
type shown struct {
	number int
	at     float64 // s
}

// play decodes with ffmpeg, as a player would, and reads the frames' numbers.
func play(t *testing.T, input string) []shown {
	t.Helper()
	var out, said bytes.Buffer
	decode := exec.CommandContext(t.Context(), "ffmpeg", "-nostdin", "-loglevel", "warning", "-i", input, "-an",
		"-vf", fmt.Sprintf("showinfo,scale=%d:%d", filmWidth, filmHeight), "-fps_mode", "passthrough",
		"-f", "rawvideo", "-pix_fmt", "gray", "-loglevel", "info", "pipe:1")
	decode.Stdout, decode.Stderr = &out, &said
	if err := decode.Run(); err != nil {
		t.Fatalf("ffmpeg: %v\n%s", err, said.String())
	}
	var times []float64
	for line := range strings.Lines(said.String()) {
		if _, rest, found := strings.Cut(line, "pts_time:"); found {
			seconds, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			must(t, err)
			times = append(times, seconds)
		}
	}
	var frames []shown
	pixels := out.Bytes()
	for len(pixels) >= filmWidth*filmHeight {
		picture := pixels[:filmWidth*filmHeight]
		reading, err := lab.Decode(filmWidth, filmHeight, func(x, y int) byte { return picture[y*filmWidth+x] })
		must(t, err)
		if len(frames) >= len(times) {
			t.Fatalf("ffmpeg tells %d times\n%s", len(times), said.String())
		}
		frames = append(frames, shown{int(reading.Frame), times[len(frames)]})
		pixels = pixels[len(picture):]
	}
	return frames
}

// probe asks ffprobe for one figure.
func probe(t *testing.T, input, stream, what string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "ffprobe", "-v", "error", "-select_streams", stream, "-show_entries", what, "-of", "csv=p=0", input).CombinedOutput()
	if err != nil {
		t.Fatalf("ffprobe: %v\n%s", err, out)
	}
	return strings.TrimSpace(string(out))
}

// numbers are those of consecutive frames.
func numbers(t *testing.T, frames []shown, first, last int) {
	t.Helper()
	if len(frames) != last-first+1 {
		t.Fatalf("%d frames are shown, want those from %d to %d", len(frames), first, last)
	}
	for i, f := range frames {
		if f.number != first+i {
			t.Fatalf("frame %d is shown where %d belongs", f.number, first+i)
		}
	}
}
