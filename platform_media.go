package main

import (
	"fmt"
	"net"
	"strconv"

	"github.com/playcast/playcast/gateway/auth"
	"github.com/playcast/playcast/streamer/transport"
)

// mediaFlags say how browsers reach the media.
type mediaFlags struct {
	Port    int    `default:"8188" help:"UDP port of the WebRTC media; 0 takes a free one." env:"PORT"`
	IP      string `name:"ip" help:"Public address of the media, where a NAT maps one onto this machine." env:"IP"`
	TCPPort string `name:"tcp-port" default:"same" help:"TCP port of the media, for browsers whose network lets no UDP out: 'same' number as the UDP port, another number, or 'off'." env:"TCP_PORT"`
}

const (
	tcpSame = "same"
	tcpOff  = "off"
)

func (f mediaFlags) validate() error {
	if f.Port < 0 || f.Port > 65535 {
		return fmt.Errorf("a port is a number from 0 to 65535")
	}
	if f.TCPPort == tcpSame || f.TCPPort == tcpOff {
		return nil
	}
	if port, err := strconv.ParseUint(f.TCPPort, 10, 16); err != nil || port == 0 {
		return fmt.Errorf("--media-tcp-port %q is neither a port from 1 to 65535 nor %q nor %q", f.TCPPort, tcpSame, tcpOff)
	}
	return nil
}

// mediaConfig keeps the media to this machine where the gateway is, and no
// public address is named: one is where the gateway is behind a proxy.
func (p *platform) mediaConfig() transport.Config {
	flags := p.command.Media
	host, _, err := net.SplitHostPort(p.command.Listen)
	if err != nil || !auth.IsLoopback(host) || flags.IP != "" {
		host = ""
	} else {
		host = "127.0.0.1"
	}
	port := strconv.Itoa(flags.Port)
	config := transport.Config{
		UDPAddr: net.JoinHostPort(host, port),
		Logger:  p.terminal.log.With("part", "media"),
		// What 1080p at 60 frames a second needs, so that it can begin with it.
		Bitrate:    transport.Bitrate{Start: 10_000_000},
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
	return config
}
