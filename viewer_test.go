package main_test

import (
	"sync/atomic"
	"testing"

	"github.com/pion/rtcp"

	client "github.com/playcast/playcast/bench/player"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/input"
)

// viewer is a player's connection to the picture of a session.
type viewer struct {
	*client.Connection
	t      *testing.T
	frames atomic.Int64
	keys   atomic.Int64  // key frames among them
	sent   input.Message // the last one
}

// connect connects to a session by WHEP, and returns when the picture runs.
func (c *player) connect(session string) *viewer {
	c.t.Helper()
	return c.view(session, client.Options{})
}

// view connects as the options say, and counts frames.
func (c *player) view(session string, o client.Options) *viewer {
	c.t.Helper()
	id, err := events.ParseSessionID(session)
	if err != nil {
		c.t.Fatal(err)
	}
	v := &viewer{t: c.t}
	o.Unit = func(u *client.Unit) {
		v.frames.Add(1)
		if u.Key {
			v.keys.Add(1)
		}
	}
	v.Connection, err = c.account.Connect(c.t.Context(), id, o)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(v.close)
	v.await(1)
	return v
}

// await waits for more frames.
func (v *viewer) await(more int64) {
	v.t.Helper()
	enough := v.frames.Load() + more
	eventually(v.t, "frames of the picture", func() (bool, any) {
		seen := v.frames.Load()
		return seen >= enough, seen
	})
}

// press presses a key and releases it.
func (v *viewer) press(name string) {
	v.t.Helper()
	code, known := input.KeyCode(name)
	if !known {
		v.t.Fatalf("no key %q", name)
	}
	for _, pressed := range []bool{true, false} {
		m := &v.sent
		m.Sequence++
		m.Changes++
		m.Recent = append(m.Recent, input.Change{Code: code, Pressed: pressed})
		m.Recent = m.Recent[max(0, len(m.Recent)-input.MaxRecent):]
		m.Held = nil
		if pressed {
			m.Held = []input.Code{code}
		}
		wire, err := m.Append(nil)
		if err != nil {
			v.t.Fatal(err)
		}
		if err := v.Send(wire); err != nil {
			v.t.Fatalf("send input: %v", err)
		}
	}
}

// report sends RTCP about the picture.
func (v *viewer) report(about func(picture uint32) []rtcp.Packet) {
	v.t.Helper()
	if err := v.Report(about); err != nil {
		v.t.Fatalf("send RTCP: %v", err)
	}
}

// leave says farewell, as a page does that is closed.
func (v *viewer) leave() {
	v.t.Helper()
	if err := v.Close(); err != nil {
		v.t.Error(err)
	}
}

// close ends the connection without a farewell. It may be called again.
func (v *viewer) close() {
	if err := v.Drop(); err != nil {
		v.t.Errorf("close the connection: %v", err)
	}
}
