package streamer

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/adapt"
	"github.com/playcast/playcast/streamer/transport"
)

// traceQueue is how many lines may wait for the writer: half a minute of one
// session, or a slow disk. When it is full, new lines are dropped and counted.
const traceQueue = 4096

// Trace writes when each input and each frame passed which point of its way,
// and what was made of the path, as lines of JSON, for who measures. Times are
// Unix nanoseconds, spans nanoseconds, rates bits a second.
//
//	{"kind":"input","session":ID,"seq":N,"received":ns,"injected":ns}
//	{"kind":"frame","session":ID,"rtp":T,"captured":ns,"converted":ns,
//	 "encode_start":ns,"encoded":ns,"sent":ns,"bytes":n,"key":bool}
//	{"kind":"path","session":ID,"at":ns,"estimate":bps,"sending":bps,"loss":share,
//	 "rtt":ns,"queue_delay":ns,"bit_rate":bps,"probe":bps,"width":n,"height":n,"frame_rate":n}
//
// An input has a line where it changed something. A frame has one for each
// peer it left to, since each has an RTP time of its own. The path has one for
// each look of the adaptation, with what that decided. A line is written
// soon after the fact and in no strict order. A nil Trace writes nothing.
type Trace struct {
	lines chan traced
	done  chan struct{}
	err   error // the first of the writer; read after done

	mu      sync.Mutex // over what follows, and over sending on lines
	closed  bool
	dropped int
}

// traced is one line: of the one that has a time.
type traced struct {
	session events.SessionID
	frame   tracedFrame
	path    tracedPath
	input   tracedInput
}

type tracedFrame struct {
	stamps
	sent transport.SentFrame
}

type tracedPath struct {
	sample  adapt.Sample
	decided adapt.Decision
}

type tracedInput struct {
	sequence           uint32
	received, injected time.Time
}

// NewTrace writes lines to w until Close.
func NewTrace(w io.Writer) *Trace {
	t := &Trace{lines: make(chan traced, traceQueue), done: make(chan struct{})}
	go t.write(w)
	return t
}

// Close writes what waits, and returns the first error of the writer, or how
// many lines were dropped if any were. What is traced after it is dropped.
func (t *Trace) Close() error {
	t.mu.Lock()
	if !t.closed {
		t.closed = true
		close(t.lines)
	}
	dropped := t.dropped
	t.mu.Unlock()
	<-t.done
	if t.err == nil && dropped > 0 {
		return fmt.Errorf("trace: %d lines were dropped, because the file was too slow", dropped)
	}
	return t.err
}

func (t *Trace) input(session events.SessionID, in tracedInput) {
	t.add(traced{session: session, input: in})
}

func (t *Trace) frame(session events.SessionID, f tracedFrame) {
	t.add(traced{session: session, frame: f})
}

func (t *Trace) path(session events.SessionID, p tracedPath) {
	t.add(traced{session: session, path: p})
}

// add queues a line, and never waits.
func (t *Trace) add(line traced) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return
	}
	select {
	case t.lines <- line:
	default:
		t.dropped++
	}
}

func (t *Trace) write(w io.Writer) {
	defer close(t.done)
	out := bufio.NewWriter(w)
	var buffer []byte
	for line := range t.lines {
		buffer = line.append(buffer[:0])
		_, err := out.Write(buffer)
		if err == nil && len(t.lines) == 0 { // whoever reads along shall not wait
			err = out.Flush()
		}
		if err != nil && t.err == nil {
			t.err = fmt.Errorf("write the trace: %w", err)
		}
	}
}

func (l *traced) append(b []byte) []byte {
	switch {
	case !l.frame.captured.IsZero():
		b = l.frame.append(appendKind(b, "frame", l.session))
	case !l.path.sample.At.IsZero():
		b = l.path.append(appendKind(b, "path", l.session))
	default:
		b = l.input.append(appendKind(b, "input", l.session))
	}
	return append(b, "}\n"...)
}

func (f *tracedFrame) append(b []byte) []byte {
	b = appendNumber(b, "rtp", int64(f.sent.RTP))
	b = appendTime(b, "captured", f.captured)
	b = appendTime(b, "converted", f.converted)
	b = appendTime(b, "encode_start", f.started)
	b = appendTime(b, "encoded", f.ended)
	b = appendTime(b, "sent", f.sent.Sent)
	b = appendNumber(b, "bytes", int64(f.sent.Bytes))
	return strconv.AppendBool(append(b, `,"key":`...), f.sent.Key)
}

func (p *tracedPath) append(b []byte) []byte {
	b = appendTime(b, "at", p.sample.At)
	b = appendNumber(b, "estimate", int64(p.sample.Estimate))
	b = appendNumber(b, "sending", int64(p.sample.Sent))
	b = strconv.AppendFloat(append(b, `,"loss":`...), p.sample.Loss, 'f', -1, 64)
	b = appendNumber(b, "rtt", int64(p.sample.RTT))
	b = appendNumber(b, "queue_delay", int64(p.sample.QueueDelay))
	b = appendNumber(b, "bit_rate", int64(p.decided.BitRate))
	b = appendNumber(b, "probe", int64(p.decided.Probe))
	b = appendNumber(b, "width", int64(p.decided.Shape.Width))
	b = appendNumber(b, "height", int64(p.decided.Shape.Height))
	return appendNumber(b, "frame_rate", int64(p.decided.Shape.FrameRate))
}

func (i *tracedInput) append(b []byte) []byte {
	b = appendNumber(b, "seq", int64(i.sequence))
	b = appendTime(b, "received", i.received)
	return appendTime(b, "injected", i.injected)
}

// appendKind begins a line. A session's name is a UUID, or it would need
// quoting.
func appendKind(b []byte, kind string, session events.SessionID) []byte {
	b = append(b, `{"kind":"`+kind+`","session":"`...)
	b = append(b, session.String()...)
	return append(b, '"')
}

func appendTime(b []byte, name string, t time.Time) []byte {
	return appendNumber(b, name, t.UnixNano())
}

func appendNumber(b []byte, name string, n int64) []byte {
	b = append(b, `,"`+name+`":`...)
	return strconv.AppendInt(b, n, 10)
}
