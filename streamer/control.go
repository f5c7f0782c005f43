package streamer

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/playcast/playcast/streamer/quality"
	"github.com/playcast/playcast/streamer/transport"
)

// control takes a message of the control channel: an object of JSON, whose
// "type" says what it is. What can't be understood is counted.
func (v *viewer) control(message []byte) {
	if err := v.obey(message); err != nil {
		v.figures.refused.control.Add(1)
		v.log.Debug("a control message was refused", "bytes", len(message), "error", err)
	}
}

func (v *viewer) obey(message []byte) error {
	var head struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(message, &head); err != nil {
		return err
	}
	if v.hand == nil {
		return errors.New("a spectator has no say")
	}
	switch head.Type {
	case "report":
		return v.report(message)
	case "keyboard":
		return v.keyboard(message)
	case "locks":
		return v.locks(message)
	case "text":
		return v.text(message)
	case "game":
		return v.await(message)
	default:
		return fmt.Errorf("a page does not send %.32q", head.Type)
	}
}

// report takes what the page says of itself.
func (v *viewer) report(message []byte) error {
	var report struct {
		Totals quality.ClientTotals `json:"totals"`
	}
	if err := json.Unmarshal(message, &report); err != nil {
		return err
	}
	if !v.figures.meter.AddClient(report.Totals) {
		return errors.New("a report that can't be true")
	}
	return nil
}

// refused counts what a viewer has sent in vain. Only one goroutine calls since.
type refused struct {
	input, control atomic.Uint64 // that could not be understood

	told refusals
}

// refusals are messages that were not taken: running totals, or some of them.
type refusals struct{ malformed, oversize, flooded uint64 }

// since returns what was refused since the last call, by the viewer and by its
// peer.
func (r *refused) since(peer transport.ChannelStats) refusals {
	now := refusals{
		malformed: r.input.Load() + r.control.Load(),
		oversize:  peer.Oversize,
		flooded:   peer.Flooded + peer.Overflow,
	}
	last := r.told
	r.told = now
	return refusals{now.malformed - last.malformed, now.oversize - last.oversize, now.flooded - last.flooded}
}

func (r refusals) all() int { return int(r.malformed + r.oversize + r.flooded) }

// log says what was refused in about a second, if anything was.
func (r refusals) log(log *slog.Logger) {
	if r.all() > 0 {
		log.Warn("a client's messages were refused", "malformed", r.malformed, "oversize", r.oversize, "flooded", r.flooded)
	}
}
