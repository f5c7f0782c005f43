package transport

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"
)

// Config of a Server. The zero value listens on a free port of every
// interface and has the defaults named below.
type Config struct {
	// UDPAddr is the address of the one socket, as "127.0.0.1:0" or ":8188".
	// A host that is left out means every interface, IPv4 and IPv6.
	UDPAddr string
	// TCPAddr is where clients without UDP come in. Empty: nowhere.
	TCPAddr string
	// Relay, if any, relays to the media.
	Relay Relay
	// PublicIPs are addresses that a NAT maps one to one onto this host.
	// They are offered to clients beside the host's own.
	PublicIPs []string
	// Logger takes what the WebRTC library says: its errors at
	// Warn, the rest at Debug. Nil is silence.
	Logger *slog.Logger
	// Timeouts bound how long a client may be silent.
	Timeouts Timeouts
	// Bitrate bounds the estimate.
	Bitrate Bitrate
	// Congestion names the congestion control: "" is ours, GCC that of the
	// WebRTC library as it comes, to compare with.
	Congestion string
	// PlayoutDelay asks the client how long to hold a frame.
	PlayoutDelay PlayoutDelay
}

// GCC is the congestion control of the WebRTC library, for Config.Congestion.
const GCC = "gcc"

// Timeouts of a connection. Zero values take the defaults.
type Timeouts struct {
	// Connect is how long a client has from its offer until media can flow:
	// 20 s.
	Connect time.Duration
	// Disconnected is the silence after which a path is in doubt: 3 s.
	Disconnected time.Duration
	// Failed is the further silence after which the peer is given up: 7 s.
	Failed time.Duration
	// KeepAlive is the time between checks on a quiet path: 1 s.
	KeepAlive time.Duration
}

// Bitrate bounds in bits a second. Zero values take the defaults.
type Bitrate struct {
	Start int // 8 Mb/s
	Min   int // 300 kb/s
	Max   int // 30 Mb/s
}

// PlayoutDelay goes out in the header extension of that name where the client
// offers it, in steps of 10 ms, at most 40.95 s. The zero value (0, 0) means
// "show each frame as soon as it is decoded".
type PlayoutDelay struct {
	Min, Max time.Duration
}

const (
	playoutDelayStep = 10 * time.Millisecond
	playoutDelayMax  = 4095 * playoutDelayStep
)

// Validate says what is wrong with the configuration, its defaults taken.
func (c Config) Validate() error {
	c = c.withDefaults()
	for _, ip := range c.PublicIPs {
		if net.ParseIP(ip) == nil {
			return fmt.Errorf("public IP %q is not an IP address", ip)
		}
	}
	if c.Congestion != "" && c.Congestion != GCC {
		return fmt.Errorf("congestion control %q is not known", c.Congestion)
	}
	if err := c.Relay.validate(); err != nil {
		return err
	}
	b := c.Bitrate
	if b.Min <= 0 || b.Min > b.Start || b.Start > b.Max {
		return fmt.Errorf("bitrates must be in order: 0 < min %d <= start %d <= max %d", b.Min, b.Start, b.Max)
	}
	d := c.PlayoutDelay
	if d.Min < 0 || d.Min > d.Max || d.Max > playoutDelayMax {
		return fmt.Errorf("playout delay must be in order: 0 <= min %v <= max %v <= %v", d.Min, d.Max, playoutDelayMax)
	}
	t := c.Timeouts
	if t.Connect < 0 || t.Disconnected < 0 || t.Failed < 0 || t.KeepAlive < 0 {
		return errors.New("timeouts must not be negative")
	}
	return nil
}

func (c Config) withDefaults() Config {
	if c.UDPAddr == "" {
		c.UDPAddr = ":0"
	}
	if c.Logger == nil {
		c.Logger = discard
	}
	c.Relay = c.Relay.withDefaults()
	setDefault(&c.Timeouts.Connect, 20*time.Second)
	setDefault(&c.Timeouts.Disconnected, 3*time.Second)
	setDefault(&c.Timeouts.Failed, 7*time.Second)
	setDefault(&c.Timeouts.KeepAlive, time.Second)
	setDefault(&c.Bitrate.Max, 30_000_000)
	setDefault(&c.Bitrate.Start, min(8_000_000, c.Bitrate.Max))
	setDefault(&c.Bitrate.Min, min(300_000, c.Bitrate.Start))
	return c
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
