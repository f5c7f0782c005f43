package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/playcast/playcast/streamer/transport"
)

// mediaFlags say how browsers reach the media.
type mediaFlags struct {
	Port    int    `default:"8188" help:"UDP port of the WebRTC media; 0 takes a free one." env:"PORT"`
	IP      string `name:"ip" help:"Public address of the media, where a NAT maps one onto this machine." env:"IP"`
	TCPPort string `name:"tcp-port" default:"same" help:"TCP port of the media, for browsers whose network lets no UDP out: 'same' number as the UDP port, another number, or 'off'." env:"TCP_PORT"`

	MaxMbps float64 `name:"max-mbps" default:"30" help:"The most that one player is sent, in Mb/s: the picture is made to fit, as on a path that carries no more." env:"MAX_MBPS"`
}

// turnFlags open a relay to the media, for browsers that can't reach it.
type turnFlags struct {
	Listen string `placeholder:":3478" help:"Serve TURN here, UDP and TCP, for browsers that can't reach the media; nowhere by default. It relays to the media alone." env:"LISTEN"`
	Host   string `help:"Name or address by which browsers reach it. Default: --media-ip, or the host of --public-url." env:"HOST"`
	Realm  string `default:"playcast" help:"The realm of its credentials." env:"REALM"`
	Ports  string `default:"49160-49959" help:"UDP ports that it relays from; only playcast itself sends to them." env:"PORTS"`
	Secret string `help:"What its credentials are made with. Default: something new at each start." env:"SECRET"`
}

// config leaves what is wrong with it to be said by the transport.
func (f turnFlags) config(host string) (transport.Relay, error) {
	relay := transport.Relay{Addr: f.Listen, Host: cmp.Or(f.Host, host), Realm: f.Realm}
	if f.Secret != "" {
		relay.Secret = []byte(f.Secret)
	}
	from, to, found := strings.Cut(f.Ports, "-")
	var err error
	if relay.MinPort, err = strconv.Atoi(from); err == nil && found {
		relay.MaxPort, err = strconv.Atoi(to)
	}
	if err != nil || !found {
		return relay, fmt.Errorf("--turn-ports %q is no range like 49160-49959", f.Ports)
	}
	return relay, nil
}

// validate finds what is wrong before anything is started. The host does not
// matter: it follows from other flags.
func (f turnFlags) validate() error {
	relay, err := f.config("localhost")
	if err != nil {
		return err
	}
	if f.Listen != "" {
		if _, _, err := net.SplitHostPort(f.Listen); err != nil {
			return fmt.Errorf("--turn-listen %q is not host:port", f.Listen)
		}
	}
	return transport.Config{Relay: relay}.Validate()
}

const (
	tcpSame = "same"
	tcpOff  = "off"
)

func (f mediaFlags) validate() error {
	if f.Port < 0 || f.Port > 65535 {
		return fmt.Errorf("a port is a number from 0 to 65535")
	}
	if !(f.MaxMbps >= 0.5 && f.MaxMbps <= 200) {
		return fmt.Errorf("--media-max-mbps %g: 0.5 to 200 make sense", f.MaxMbps)
	}
	if f.IP != "" && net.ParseIP(f.IP) == nil {
		return fmt.Errorf("--media-ip %q is not an IP address", f.IP)
	}
	if f.TCPPort == tcpSame || f.TCPPort == tcpOff {
		return nil
	}
	if port, err := strconv.ParseUint(f.TCPPort, 10, 16); err != nil || port == 0 {
		return fmt.Errorf("--media-tcp-port %q is neither a port from 1 to 65535 nor %q nor %q", f.TCPPort, tcpSame, tcpOff)
	}
	return nil
}

// bitrate begins with what 1080p at 60 frames a second needs, so that the
// picture can begin with that.
func (f mediaFlags) bitrate() transport.Bitrate {
	most := int(f.MaxMbps * 1_000_000)
	return transport.Bitrate{Start: min(10_000_000, most), Max: most}
}

// openMedia takes the media's addresses.
func (p *platform) openMedia() (*transport.Server, error) {
	config, err := p.mediaConfig()
	if err != nil {
		return nil, err
	}
	media, err := transport.Listen(config)
	var taken *transport.AddressInUseError
	if errors.As(err, &taken) {
		return nil, fmt.Errorf("%w (with --media-port, for TCP with --media-tcp-port, for the relay with --turn-listen)", err)
	}
	if err != nil {
		return nil, fmt.Errorf("open the media: %w", err)
	}
	p.onStop("media", func(context.Context) error { return media.Close() })
	return media, nil
}

// mediaConfig keeps the media to this machine where whoever sends players here
// is, and no public address is named: one is where the gateway is behind a
// proxy.
func (p *platform) mediaConfig() (transport.Config, error) {
	flags, host := p.command.Media, ""
	door := p.command.Listen
	if !p.command.roles().has(gatewayRole) {
		door = p.command.Signalling.at()
	}
	if isLocal(door) && flags.IP == "" {
		host = "127.0.0.1"
	}
	port := strconv.Itoa(flags.Port)
	config := transport.Config{
		UDPAddr:    net.JoinHostPort(host, port),
		Logger:     p.terminal.log.With("part", "media"),
		Bitrate:    flags.bitrate(),
		Congestion: p.command.Congestion,
	}
	switch flags.TCPPort {
	case tcpOff:
	case tcpSame:
		config.TCPAddr = net.JoinHostPort(host, port)
	default:
		config.TCPAddr = net.JoinHostPort(host, flags.TCPPort)
	}
	if flags.IP != "" {
		config.PublicIPs = []string{flags.IP}
	}
	public, err := url.Parse(p.command.PublicURL)
	if err != nil {
		return config, err
	}
	config.Relay, err = p.command.Turn.config(cmp.Or(flags.IP, public.Hostname()))
	return config, err
}
