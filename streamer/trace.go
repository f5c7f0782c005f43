package streamer

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/transport"
)

// traceQueue is how many lines may wait for the writer: half a minute of one
// session, or a slow disk. When it is full, new lines are dropped and counted.
const traceQueue = 4096

// Trace writes when each input and each frame passed which point of its way,
// as lines of JSON, for who measures latency. Times are Unix nanoseconds.
//
//	{"kind":"input","session":ID,"seq":N,"received":ns,"injected":ns}
//	{"kind":"frame","session":ID,"rtp":T,"captured":ns,"converted":ns,
//	 "encode_start":ns,"encoded":ns,"sent":ns,"bytes":n,"key":bool}
//
// An input has a line where it changed something. A frame has one for each
// peer it left to, since each has an RTP time of its own. A line is written
// soon after the fact and in no strict order. A nil Trace writes nothing.
type Trace struct {
	lines chan traced
	done  chan struct{}
	err   error // the first of the writer; read after done

	mu      sync.Mutex // over what follows, and over sending on lines
	closed  bool
	dropped int
}

// traced is one line: of a frame where it has a time, else of an input.
type traced struct {
	session events.SessionID
	frame   tracedFrame
	input   tracedInput
}

type tracedFrame struct {
	stamps
	sent transport.SentFrame
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
	session := l.session.String() // a UUID, or it would need quoting
	if l.frame.captured.IsZero() {
		b = append(b, `{"kind":"input","session":"`+session...)
		b = append(b, `","seq":`...)
		b = strconv.AppendUint(b, uint64(l.input.sequence), 10)
		b = appendTime(b, "received", l.input.received)
		b = appendTime(b, "injected", l.input.injected)
		return append(b, "}\n"...)
	}
	f := &l.frame
	b = append(b, `{"kind":"frame","session":"`+session...)
	b = append(b, `","rtp":`...)
	b = strconv.AppendUint(b, uint64(f.sent.RTP), 10)
	b = appendTime(b, "captured", f.captured)
	b = appendTime(b, "converted", f.converted)
	b = appendTime(b, "encode_start", f.started)
	b = appendTime(b, "encoded", f.ended)
	b = appendTime(b, "sent", f.sent.Sent)
	b = append(b, `,"bytes":`...)
	b = strconv.AppendInt(b, int64(f.sent.Bytes), 10)
	b = append(b, `,"key":`...)
	b = strconv.AppendBool(b, f.sent.Key)
	return append(b, "}\n"...)
}

func appendTime(b []byte, name string, t time.Time) []byte {
	b = append(b, `,"`+name+`":`...)
	return strconv.AppendInt(b, t.UnixNano(), 10)
}
