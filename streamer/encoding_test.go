package streamer

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/encode"
)

// failing is an encoder's Next that fails at some calls, counted from 1.
func failing(at ...int) func(*encode.Encoder) (encode.AccessUnit, error) {
	call := 0
	return func(e *encode.Encoder) (encode.AccessUnit, error) {
		if call++; slices.Contains(at, call) {
			return encode.AccessUnit{}, fmt.Errorf("%w: %s: out of memory", encode.ErrFailed, e.Name())
		}
		return e.Next()
	}
}

// An encoder that fails is opened anew, and the picture goes on with a key
// frame. Failing again, it is followed by the next, where there is one.
func TestEncoderFails(t *testing.T) {
	h := newHouse(t)
	session := h.draw(t, "draws")
	e := h.worker.slot(session).stage.picture.encoding
	first, failures := e.encoderName(), []int{3}
	if order() > 1 {
		failures = append(failures, 6)
	}
	e.pull = failing(failures...) // it is not called before somebody watches
	b := h.join(t, session)
	for i := range 2 + 2*len(failures) {
		if got, want := b.frame(t).key, i%2 == 0; got != want {
			t.Errorf("frame %d is a key frame: %t, want %t", i, got, want)
		}
	}
	again := report[Adapted](t, h.reports, session).Picture
	if again.Encoder != first || again.Cause != events.PictureEncoderFailed || again.Width != 640 || again.FrameRate != 30 {
		t.Errorf("the first failure is reported as %+v", again)
	}
	if len(failures) > 1 {
		if next := report[Adapted](t, h.reports, session).Picture; next.Encoder == first || next.Encoder == "" {
			t.Errorf("the second failure is reported as %+v", next)
		}
	}
	h.reports.none(t)
}

// order is how many encoders this build would try that work.
func order() (n int) {
	for _, s := range encode.Available() {
		if s.Err == nil && s.Codec == encode.H264 && !s.ByName {
			n++
		}
	}
	return n
}

// Where no encoder works any more, that is the end of the session.
func TestAllEncodersFail(t *testing.T) {
	h := newHouse(t)
	session := h.draw(t, "draws")
	h.worker.slot(session).stage.picture.encoding.pull = func(*encode.Encoder) (encode.AccessUnit, error) {
		return encode.AccessUnit{}, fmt.Errorf("%w: out of memory", encode.ErrFailed)
	}
	h.knock(t, session)
	report[Connected](t, h.reports, session)
	for next := h.reports.next(t); ; next = h.reports.next(t) {
		switch got := next.report.(type) {
		case Adapted:
			continue
		case Broken:
			if got.Cause != events.FailedPicture || got.Detail == "" {
				t.Errorf("got %+v", got)
			}
		default:
			t.Errorf("%+v is reported", got)
		}
		break
	}
	h.freed(t, session)
}

// An error of the screen is not the encoder's.
func TestSourceFails(t *testing.T) {
	h := newHouse(t)
	session := h.draw(t, "draws")
	gone := errors.New("the screen is gone")
	h.worker.slot(session).stage.picture.encoding.pull = func(*encode.Encoder) (encode.AccessUnit, error) {
		return encode.AccessUnit{}, gone
	}
	h.knock(t, session)
	report[Connected](t, h.reports, session)
	h.over(t, session, Broken{Cause: events.FailedPicture, Detail: gone.Error()})
}
