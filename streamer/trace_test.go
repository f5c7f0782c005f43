package streamer

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/adapt"
	"github.com/playcast/playcast/streamer/transport"
)

// page is what a trace writes on; it may be read along.
type page struct {
	mu   sync.Mutex
	text bytes.Buffer
}

var _ io.Writer = (*page)(nil)

func (p *page) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

// line is one line of a trace.
type line struct {
	Kind               string
	Session            string
	Seq, RTP           uint32
	Received, Injected int64

	Captured, Converted int64
	EncodeStart         int64 `json:"encode_start"`
	Encoded, Sent       int64
	Bytes               int
	Key                 bool

	At, RTT              int64
	Estimate, Sending    int
	Loss                 float64
	Probe, Width, Height int
	QueueDelay           int64 `json:"queue_delay"`
	BitRate              int   `json:"bit_rate"`
	FrameRate            int   `json:"frame_rate"`
}

func (p *page) lines(t *testing.T) (lines []line) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	text := p.text.String()
	for text := range strings.Lines(text[:strings.LastIndex(text, "\n")+1]) {
		var l line
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.DisallowUnknownFields()
		must(t, decoder.Decode(&l))
		lines = append(lines, l)
	}
	return lines
}

func TestTraceOfSession(t *testing.T) {
	h := newHouse(t)
	before := time.Now().UnixNano()
	session := h.draw(t, "draws")
	b := h.join(t, session)
	first := b.frame(t)
	b.hold(t, "KeyA")
	var input, frame, path line
	eventually(t, "an input, a frame and the path are traced", func() bool {
		found := map[string]line{} // the first of each kind
		for _, l := range slices.Backward(h.traced.lines(t)) {
			found[l.Kind] = l
		}
		input, frame, path = found["input"], found["frame"], found["path"]
		return len(found) == 3
	})
	if path.At < before || path.Estimate == 0 || path.BitRate == 0 || path.Width == 0 {
		t.Errorf("the path is traced as %+v", path)
	}
	if input.Session != session.String() || input.Seq != 1 || input.Received < before || input.Injected < input.Received {
		t.Errorf("the input is traced as %+v", input)
	}
	way := []int64{before, frame.Captured, frame.Converted, frame.EncodeStart, frame.Encoded, frame.Sent}
	if frame.Kind != "frame" || !frame.Key || frame.Bytes == 0 || !slices.IsSorted(way) {
		t.Errorf("the first frame is traced as %+v", frame)
	}
	if frame.RTP != first.rtp {
		t.Errorf("the first frame is traced with the RTP time %d, and arrives with %d", frame.RTP, first.rtp)
	}
}

func TestTraceLines(t *testing.T) {
	session, err := events.ParseSessionID("01890a5d-ac96-774b-bcce-b302099a8057")
	must(t, err)
	at := func(ns int64) time.Time { return time.Unix(1, ns) }
	p := &page{}
	trace := NewTrace(p)
	trace.input(session, tracedInput{sequence: 7, received: at(1), injected: at(2)})
	trace.frame(session, tracedFrame{
		stamps: stamps{captured: at(3), converted: at(4), started: at(5), ended: at(6)},
		sent:   transport.SentFrame{RTP: 8, Sent: at(9), Bytes: 10, Key: true},
	})
	trace.path(session, tracedPath{
		sample:  adapt.Sample{At: at(1), Estimate: 2, Sent: 3, Loss: 0.25, RTT: 4, QueueDelay: 5},
		decided: adapt.Decision{Shape: adapt.Rung{Width: 6, Height: 7, FrameRate: 8}, BitRate: 9, Probe: 10},
	})
	must(t, trace.Close())
	want := `{"kind":"input","session":"01890a5d-ac96-774b-bcce-b302099a8057","seq":7,"received":1000000001,"injected":1000000002}
{"kind":"frame","session":"01890a5d-ac96-774b-bcce-b302099a8057","rtp":8,"captured":1000000003,"converted":1000000004,` +
		`"encode_start":1000000005,"encoded":1000000006,"sent":1000000009,"bytes":10,"key":true}
{"kind":"path","session":"01890a5d-ac96-774b-bcce-b302099a8057","at":1000000001,"estimate":2,"sending":3,"loss":0.25,` +
		`"rtt":4,"queue_delay":5,"bit_rate":9,"probe":10,"width":6,"height":7,"frame_rate":8}
`
	if got := p.text.String(); got != want {
		t.Errorf("written is\n%swant\n%s", got, want)
	}
	trace.input(session, tracedInput{}) // too late, and no harm
	must(t, trace.Close())
	(*Trace)(nil).input(session, tracedInput{})
}

// stuck writes nothing until it is freed, and then fails.
type stuck chan struct{}

var errStuck = errors.New("the disk is full")

func (s stuck) Write([]byte) (int, error) {
	<-s
	return 0, errStuck
}

func TestTraceDrops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := make(stuck)
		trace := NewTrace(disk)
		trace.input(events.SessionID{}, tracedInput{})
		synctest.Wait() // it is being written
		for range traceQueue + 5 {
			trace.input(events.SessionID{}, tracedInput{})
		}
		if trace.dropped != 5 {
			t.Errorf("%d lines were dropped, want 5", trace.dropped)
		}
		close(disk)
		if err := trace.Close(); !errors.Is(err, errStuck) {
			t.Errorf("close says %v", err)
		}
	})
}
