package streamer

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/playcast/playcast/streamer/keyboard"
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
	said, err := readControl(message)
	if err != nil {
		return err
	}
	if v.hand == nil {
		return errors.New("a spectator has no say")
	}
	switch said := said.(type) {
	case *saidReport:
		return v.report(said)
	case *saidKeyboard:
		return v.keyboard(said)
	case *saidLocks:
		return v.hand.lock(keyboard.Locks{Caps: said.Caps, Num: said.Num})
	case *saidText:
		return v.hand.typeText(said.Text)
	case *saidClipboard:
		return v.clipboard(said)
	case *saidGame:
		return v.await(said)
	}
	return nil
}

// What a page says, in the form of its messages.
type (
	// {"type":"report","totals":{…}}: of itself.
	saidReport struct{ Totals quality.ClientTotals }
	// {"type":"keyboard","layout":"de","variant":"nodeadkeys"}: which one the
	// player has, by XKB's names.
	saidKeyboard struct{ Layout, Variant string }
	// {"type":"locks","caps":false,"num":true}: CapsLock and NumLock at the player's.
	saidLocks struct{ Caps, Num bool }
	// {"type":"text","text":"Grüße 😀\n"}: to be typed, from a keyboard on the
	// screen for instance.
	saidText struct{ Text string }
	// {"type":"clipboard","text":"…","more":true}: a part of what the player
	// pastes; more: there is another one.
	saidClipboard struct {
		Text string
		More bool
	}
	// {"type":"game","wait":true}: the player waits for a game that hangs.
	saidGame struct{ Wait bool }
)

// readControl reads a message into one of the types above.
func readControl(message []byte) (said any, err error) {
	var head struct{ Type string }
	if err := json.Unmarshal(message, &head); err != nil {
		return nil, err
	}
	switch head.Type {
	case "report":
		said = &saidReport{}
	case "keyboard":
		said = &saidKeyboard{}
	case "locks":
		said = &saidLocks{}
	case "text":
		said = &saidText{}
	case "clipboard":
		said = &saidClipboard{}
	case "game":
		said = &saidGame{}
	default:
		return nil, fmt.Errorf("a page does not send %.32q", head.Type)
	}
	return said, json.Unmarshal(message, said)
}

// report takes what the page says of itself.
func (v *viewer) report(said *saidReport) error {
	if !v.figures.meter.AddClient(said.Totals) {
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
