package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"github.com/playcast/playcast/gateway/web"
	"github.com/playcast/playcast/schema/local"
	"github.com/playcast/playcast/streamer/encode"
	"github.com/playcast/playcast/streamer/game"
	"github.com/playcast/playcast/streamer/gamepad"
	"github.com/playcast/playcast/streamer/storage"
)

// doctorCommand looks at everything that `playcast up` will need.
type doctorCommand struct {
	Role      []string `enum:"node,gateway,projections,policies,streamer" placeholder:"ROLE,…" help:"Look at what these parts of the platform need: node, gateway, projections, policies, streamer. Default: all." env:"PLAYCAST_ROLE"`
	Listen    string   `default:"localhost:8080" help:"Where the gateway is to listen." env:"PLAYCAST_LISTEN"`
	MediaPort int      `default:"8188" help:"UDP port of the WebRTC media." env:"PLAYCAST_MEDIA_PORT"`
	StorePort int      `default:"2113" help:"Port of the embedded event store node." env:"PLAYCAST_STORE_PORT"`
	Games     string   `type:"path" help:"The games.yaml to look at." env:"PLAYCAST_GAMES"`
	Saves     string   `placeholder:"FOLDER|s3://…" help:"The store of players' saves to try." env:"PLAYCAST_SAVES"`
}

// finding is one line of the doctor's report.
type finding struct {
	what     string
	detail   string // what was found, or why not and how to get it
	missing  bool
	optional bool // playcast runs without it
}

// errMissing ends the doctor's report when something needed is missing.
var errMissing = errors.New("something that playcast needs is missing, see above")

// Run prints the findings, and fails when something needed is missing.
func (c *doctorCommand) Run(ctx context.Context, t *terminal) error {
	findings, err := c.look(ctx)
	if err != nil {
		return err
	}
	failed := false
	for _, f := range findings {
		mark := "ok      "
		switch {
		case f.missing && f.optional:
			mark = "without "
		case f.missing:
			mark, failed = "MISSING ", true
		}
		if _, err := fmt.Fprintf(t.out, "%s %-28s %s\n", mark, f.what, f.detail); err != nil {
			return err
		}
	}
	if failed {
		return errMissing
	}
	return nil
}

// look looks at what the roles need.
func (c *doctorCommand) look(ctx context.Context) ([]finding, error) {
	var findings []finding
	roles := rolesNamed(c.Role)
	if roles.has(readRoles) {
		findings = append(findings, postgreSQL(ctx))
	}
	if roles.has(gatewayRole) {
		findings = append(findings, client())
	}
	findings = append(findings, c.ports(ctx, roles)...)
	if !roles.has(streamerRole) {
		return findings, nil
	}
	kept, err := isolation()
	if err != nil {
		return nil, err
	}
	games, err := c.games()
	if err != nil {
		return nil, err
	}
	findings = append(findings, xServer(), sound(), gamepads())
	return slices.Concat(findings, encoders(), kept, []finding{c.saves(ctx)}, games), nil
}

func xServer() finding {
	path, err := exec.LookPath("Xvfb")
	if err != nil {
		return finding{what: "X server", missing: true, detail: "Xvfb is not in PATH: apt-get install xvfb"}
	}
	return finding{what: "X server", detail: path}
}

func sound() finding {
	path, err := exec.LookPath("pulseaudio")
	if err != nil {
		return finding{what: "sound", missing: true, optional: true, detail: game.ErrNoPulseAudio.Error()}
	}
	return finding{what: "sound", detail: path}
}

func gamepads() finding {
	if gamepad.Library() == nil {
		return finding{what: "gamepads", missing: true, optional: true, detail: gamepad.ErrNotBuilt.Error()}
	}
	return finding{what: "gamepads", detail: "the library that games find them by is built in"}
}

func postgreSQL(ctx context.Context) finding {
	found, err := local.Find(ctx, "")
	if err != nil {
		return finding{what: "PostgreSQL", missing: true, detail: err.Error() + " (or name a database with --postgres)"}
	}
	if len(found) == 0 {
		return finding{what: "PostgreSQL", missing: true, detail: "not found: apt-get install postgresql (or name a database with --postgres)"}
	}
	return finding{what: "PostgreSQL", detail: fmt.Sprintf("version %d in %s", found[0].Version, found[0].Dir)}
}

func client() finding {
	if !web.Built() {
		return finding{what: "web client", missing: true, detail: "not built into this binary: build it with make build"}
	}
	return finding{what: "web client", detail: "built in"}
}

// encoders says which encoders work: one of H.264 is enough.
func encoders() []finding {
	available := encode.Available()
	one := slices.ContainsFunc(available, func(s encode.Support) bool {
		return s.Err == nil && s.Codec == encode.H264 && !s.ByName
	})
	findings := make([]finding, 0, len(available))
	for _, support := range available {
		f := finding{what: "encoder " + support.Name, optional: one || support.Codec != encode.H264}
		f.detail = fmt.Sprintf("%v in software", support.Codec)
		if support.Hardware {
			f.detail = fmt.Sprintf("%v in hardware", support.Codec)
		}
		if support.ByName {
			f.detail += ", where it is named"
		}
		if support.Err != nil {
			f.missing, f.detail = true, f.detail+": "+support.Err.Error()
		}
		findings = append(findings, f)
	}
	return findings
}

// ports tries the ports that up will listen on.
func (c *doctorCommand) ports(ctx context.Context, roles role) []finding {
	var listen net.ListenConfig
	loopback := func(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
	var findings []finding
	for _, tcp := range []struct {
		of                  role
		what, address, flag string
	}{
		{gatewayRole, "gateway port", c.Listen, "--listen"},
		{nodeRole, "event store port", loopback(c.StorePort), "--store-port"},
		{streamerRole, "media port (TCP)", loopback(c.MediaPort), "--media-tcp-port"},
	} {
		if !roles.has(tcp.of) {
			continue
		}
		f := finding{what: tcp.what, detail: tcp.address + " is free"}
		if listener, err := listen.Listen(ctx, "tcp", tcp.address); err != nil {
			f.missing, f.detail = true, fmt.Sprintf("%v: a playcast may be running; name another with %s", err, tcp.flag)
		} else if err := listener.Close(); err != nil {
			f.missing, f.detail = true, err.Error()
		}
		findings = append(findings, f)
	}
	if !roles.has(streamerRole) {
		return findings
	}
	media := finding{what: "media port", detail: loopback(c.MediaPort) + "/udp is free"}
	if conn, err := listen.ListenPacket(ctx, "udp", loopback(c.MediaPort)); err != nil {
		media.missing, media.detail = true, fmt.Sprintf("%v: a playcast may be running; name another with --media-port", err)
	} else if err := conn.Close(); err != nil {
		media.missing, media.detail = true, err.Error()
	}
	return append(findings, media)
}

// saves tries the store of saves.
func (c *doctorCommand) saves(ctx context.Context) finding {
	f := finding{what: "saves"}
	if c.Saves == "" {
		f.detail = "in the data directory; name another place, for several workers, with --saves"
		return f
	}
	f.detail = storage.Shown(c.Saves)
	store, err := savesFlags{Store: c.Saves}.openStore(ctx, "")
	if err == nil {
		err = store.Close()
	}
	if err != nil {
		f.missing, f.detail = true, err.Error()
	}
	return f
}

// games says which games of the catalog can be played.
func (c *doctorCommand) games() ([]finding, error) {
	catalog, err := game.Load(c.Games)
	if err != nil {
		return nil, err
	}
	findings := make([]finding, 0, len(catalog))
	for _, entry := range catalog {
		f := finding{what: "game " + string(entry.ID), detail: strings.Join(entry.Command, " "), optional: true}
		if err := entry.Installed(); err != nil {
			f.missing, f.detail = true, err.Error()
		}
		findings = append(findings, f)
	}
	return findings, nil
}
