package transport

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"image"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/playcast/playcast/streamer/encode"
)

// seen is what a page says of a picture that it receives: getStats of the
// inbound video, and what it counted itself.
type seen struct {
	State         string  `json:"state"`
	Frames        int     `json:"framesDecoded"`
	Freezes       int     `json:"freezeCount"`
	FrozenSeconds float64 `json:"totalFreezesDuration"`
	Lost          int     `json:"packetsLost"`
	Repairs       int     `json:"fecPacketsReceived"`
	Resent        int     `json:"retransmittedPacketsReceived"`
	Codec         string  `json:"codec"`
	Protocol      string  `json:"protocol"`      // of the path in use
	CandidateType string  `json:"candidateType"` // of the page's end of it
	Gaps          int     `json:"gaps"`          // between frames shown, over 100 ms
	Restarted     bool    `json:"restarted"`     // it has begun a new ICE session
}

//go:embed testdata/player.html
var playerPage string

// chromium is a headless browser with one page, which plays a peer a name.
type chromium struct {
	pageOptions
	server *httptest.Server

	mu   sync.Mutex
	seen map[string]seen
}

// pageOptions say what the page plays.
type pageOptions struct {
	names         []string // of its peers; default: one player
	configuration string   // of its peer connections, as JSON
	// offer answers the offer of a peer; restart, where it is set, the fragment
	// by which each begins a new ICE session after a second of the film.
	offer   func(name, sdp string) (string, error)
	restart func(fragment string) (string, error)
}

// newChromium starts a browser with the page.
func newChromium(t *testing.T, o pageOptions) *chromium {
	t.Helper()
	c := &chromium{pageOptions: o, seen: map[string]seen{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, playerPage)
	})
	mux.HandleFunc("POST /offer", func(w http.ResponseWriter, r *http.Request) {
		sdp, _ := io.ReadAll(r.Body)
		answer, err := c.offer(r.FormValue("name"), string(sdp))
		if err != nil {
			t.Errorf("the offer of %s: %v", r.FormValue("name"), err)
		}
		_, _ = io.WriteString(w, answer)
	})
	mux.HandleFunc("POST /restart", func(w http.ResponseWriter, r *http.Request) {
		fragment, _ := io.ReadAll(r.Body)
		answer, err := c.restart(string(fragment))
		if err != nil {
			t.Errorf("the restart of %s: %v", r.FormValue("name"), err)
		}
		_, _ = io.WriteString(w, answer)
	})
	mux.HandleFunc("POST /seen", func(w http.ResponseWriter, r *http.Request) {
		var s seen
		if err := json.NewDecoder(r.Body).Decode(&s); err != nil {
			t.Errorf("what %s has seen: %v", r.FormValue("name"), err)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.seen[r.FormValue("name")] = s
	})
	c.server = httptest.NewServer(mux)
	t.Cleanup(c.server.Close)
	query := url.Values{"name": o.names, "configuration": {o.configuration}}
	if o.names == nil {
		query.Set("name", "player")
	}
	if o.restart != nil {
		query.Set("restart", "")
	}
	startChromium(t, c.server.URL+"/?"+query.Encode())
	return c
}

func startChromium(t *testing.T, address string) {
	t.Helper()
	path := os.Getenv("CHROME")
	if path == "" {
		path = "/usr/bin/chromium"
	}
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, path, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--mute-audio",
		"--autoplay-policy=no-user-gesture-required", "--user-data-dir="+t.TempDir(), address)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	must(t, cmd.Start())
	t.Cleanup(func() {
		stop()
		_ = cmd.Wait() // it was killed
	})
}

// look returns what a peer has seen up to now.
func (c *chromium) look(name string) seen {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen[name]
}

// until waits for a peer to have seen something.
func (c *chromium) until(t *testing.T, name, what string, enough func(seen) bool) seen {
	t.Helper()
	deadline, ticker := time.After(2*bound), time.NewTicker(50*time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			if s := c.look(name); enough(s) {
				return s
			}
		case <-deadline:
			t.Fatalf("%s has not seen %s: %+v", name, what, c.look(name))
		}
	}
}

// film is a moving picture, encoded once and shown to every peer.
type film struct {
	encoder *encode.Encoder
	codec   Codec
	cast    []*Peer // before run
}

func newFilm(t *testing.T, cfg encode.Config) *film {
	t.Helper()
	source := &scroll{pic: image.NewYCbCr(image.Rect(0, 0, cfg.Width, cfg.Height), image.YCbCrSubsampleRatio420)}
	encoder, err := encode.Open(source, cfg)
	must(t, err)
	t.Cleanup(func() { must(t, encoder.Close()) })
	return &film{encoder: encoder, codec: Codec(cfg.Codec)}
}

// run shows the film at 30 fps until it is stopped or the test ends.
func (f *film) run(t *testing.T) (stop func()) {
	t.Helper()
	quit := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		ticker := time.NewTicker(time.Second / 30)
		defer ticker.Stop()
		for {
			select {
			case <-quit:
				return
			case <-ticker.C:
			}
			unit, err := f.encoder.Next()
			if err != nil {
				t.Error(err)
				return
			}
			for _, peer := range f.cast {
				if err := peer.WriteFrame(f.codec, unit.Data, unit.Captured); err != nil && !errors.Is(err, ErrPeerClosed) {
					t.Error(err)
				}
			}
		}
	})
	stop = sync.OnceFunc(func() { close(quit); wg.Wait() })
	t.Cleanup(stop)
	return stop
}

// scroll is a source of a pattern that moves.
type scroll struct {
	pic    *image.YCbCr
	number int
}

func (s *scroll) Read() (image.Image, func(), error) {
	s.number++
	for y := range s.pic.Rect.Dy() {
		row := s.pic.Y[y*s.pic.YStride:][:s.pic.Rect.Dx()]
		for x := range row {
			row[x] = byte((x+3*s.number)*(y+s.number)>>4&0x7f) + 64
		}
	}
	for i := range s.pic.Cb {
		s.pic.Cb[i], s.pic.Cr[i] = 120, 136
	}
	return s.pic, func() {}, nil
}

func (s *scroll) Captured() time.Time { return time.Now() }

// by lets a description name another port than the server's, and no other way.
func by(answer, port string) string {
	var out strings.Builder
	for line := range strings.Lines(answer) {
		if strings.HasPrefix(line, "a=candidate:") {
			fields := strings.Fields(line)
			if fields[4] != "127.0.0.1" {
				continue
			}
			fields[5] = port
			line = strings.Join(fields, " ") + "\r\n"
		}
		out.WriteString(line)
	}
	return out.String()
}

// withoutCandidates lets the server learn of the client by its checks alone.
func withoutCandidates(offer string) string {
	var out strings.Builder
	for line := range strings.Lines(offer) {
		if !strings.HasPrefix(line, "a=candidate:") {
			out.WriteString(line)
		}
	}
	return out.String()
}
