package main

import (
	"fmt"
	"net"
	"net/url"

	"github.com/playcast/playcast/gateway/auth"
	"github.com/playcast/playcast/streamer/game"
)

// isolationFlags say what to do where games can't be kept apart.
type isolationFlags struct {
	Unsafe bool `name:"unsafe-without-isolation" help:"Serve others although games can't be kept from this machine and from each other. Offer only games that you trust." env:"PLAYCAST_UNSAFE_WITHOUT_ISOLATION"`
}

// lack is a means that does not work here, and without which a game, or who has
// got hold of one, is a danger to others.
type lack struct{ what, why, lost, remedy string }

func lacks(found game.Isolation) []lack {
	var all []lack
	if found.Sandbox != nil {
		all = append(all, lack{
			what: "sandbox of games", why: found.Sandbox.Error(),
			lost:   "a game can read and do whatever playcast's user can",
			remedy: "user namespaces must be permitted (sysctl user.max_user_namespaces; in a container see docker-compose.yml)",
		})
	}
	if found.Limits != nil {
		all = append(all, lack{
			what: "limits of games", why: found.Limits.Error(),
			lost:   "only single processes of a game are bounded, so that one game can starve the others",
			remedy: "run playcast where it may write to /sys/fs/cgroup",
		})
	}
	return all
}

// isolation is what doctor says of it.
func isolation() ([]finding, error) {
	found, err := game.Examine()
	if err != nil {
		return nil, err
	}
	findings := []finding{
		{what: "sandbox of games", detail: "bubblewrap works"},
		{what: "limits of games", detail: "cgroups can be made"},
		{what: "network of games", detail: "slirp4netns is there, for games that may use it"},
	}
	for i := range findings {
		for _, l := range lacks(found) {
			if l.what == findings[i].what {
				findings[i].missing, findings[i].optional = true, true
				findings[i].detail = fmt.Sprintf("%s: %s; %s. A public address is refused", l.why, l.lost, l.remedy)
			}
		}
	}
	if found.Network != nil {
		network := &findings[2]
		network.missing, network.optional = true, true
		network.detail = "a game with network: true does not start: " + found.Network.Error()
	}
	return findings, nil
}

// requireIsolation refuses to let others play where games can't be kept apart,
// and warns who plays alone.
func (p *platform) requireIsolation(found game.Isolation) error {
	for _, l := range lacks(found) {
		if p.command.public() && !p.command.Isolation.Unsafe {
			return fmt.Errorf("no %s on this machine: %s: %s. %s; or listen on loopback only; or serve others in spite of it with --unsafe-without-isolation (see playcast doctor)",
				l.what, l.why, l.lost, l.remedy)
		}
		p.terminal.log.Warn("no "+l.what, "reason", l.why, "lost", l.lost, "remedy", l.remedy)
	}
	if found.Network != nil {
		p.terminal.log.Info("games that may use the network can't start", "reason", found.Network)
	}
	return nil
}

// public says whether others than this machine's users can come in: by the
// gateway, or, where that is elsewhere, to the worker.
func (c *upCommand) public() bool {
	if !c.roles().has(gatewayRole) {
		return c.Media.IP != "" || !isLocal(c.Signalling.at())
	}
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil || !auth.IsLoopback(host) {
		return true
	}
	origin, err := url.Parse(c.PublicURL)
	return err != nil || !auth.IsLoopback(origin.Hostname())
}
