package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/gateway/auth"
	"github.com/playcast/playcast/gateway/auth/devissuer"
)

// upCommand runs every role in one process, or some.
type upCommand struct {
	Role       []string `enum:"node,gateway,projections,policies,streamer" placeholder:"ROLE" help:"Run these parts of the platform in this process: node, gateway, projections, policies, streamer. Default: all." env:"PLAYCAST_ROLE"`
	Data       string   `default:"./data" type:"path" help:"Where everything is kept." env:"PLAYCAST_DATA"`
	Listen     string   `default:"localhost:8080" help:"Where the gateway listens." env:"PLAYCAST_LISTEN"`
	PublicURL  string   `help:"The origin that browsers use. Default: http and the address of --listen." env:"PLAYCAST_PUBLIC_URL"`
	EventStore string   `name:"eventstore" placeholder:"esdb://…" help:"Use this event store instead of the embedded node." env:"PLAYCAST_EVENTSTORE"`
	Postgres   string   `placeholder:"postgres://…" help:"Use this database instead of a private one." env:"PLAYCAST_POSTGRES"`
	Games      string   `type:"path" help:"A games.yaml to use instead of the one that comes along." env:"PLAYCAST_GAMES"`
	Slots      int      `default:"2" help:"How many sessions the worker runs at once." env:"PLAYCAST_SLOTS"`
	Worker     string   `placeholder:"NAME" help:"The worker's name, which no other worker has. Default: worker-1 beside the gateway." env:"PLAYCAST_WORKER"`
	Region     string   `placeholder:"NAME" help:"Where the worker is, as eu-west: sessions that need a region are given to workers there. Default: none is named." env:"PLAYCAST_REGION"`
	Encoder    string   `placeholder:"NAME" help:"Encode with this one alone (playcast doctor lists them), in its codec, instead of the first that works of each codec." env:"PLAYCAST_ENCODER"`
	Gamepads   string   `default:"auto" enum:"auto,preload,off" help:"How games get their players' gamepads: by a library that is preloaded into them (preload, and auto where it was built), or not at all (off)." env:"PLAYCAST_GAMEPADS"`
	Plans      string   `default:"optional" enum:"optional,required" help:"Who may play: everybody, on the terms of their plan if they have one (optional), or only who has a plan or credits (required)." env:"PLAYCAST_PLANS"`
	Trace      string   `type:"path" placeholder:"FILE" help:"Write to this file when each input and frame passed which point of the streamer, for measuring. What it holds is overwritten." env:"PLAYCAST_TRACE"`
	Congestion string   `hidden:"" enum:",gcc" default:"" help:"Use this congestion control, to compare with ours."`

	Isolation  isolationFlags  `embed:"" group:"Isolation:"`
	Saves      savesFlags      `embed:"" group:"Saves:"`
	Recording  recordingFlags  `embed:"" group:"Recordings:" envprefix:"PLAYCAST_"`
	Billing    billingFlags    `embed:"" group:"Billing:" envprefix:"PLAYCAST_"`
	Node       nodeFlags       `embed:"" group:"Event store:" envprefix:"PLAYCAST_"`
	Signalling signallingFlags `embed:"" group:"Workers in other processes:" prefix:"worker-" envprefix:"PLAYCAST_WORKER_"`
	Lease      leaseFlags      `embed:"" group:"Gateways in other processes:" prefix:"gateway-" envprefix:"PLAYCAST_GATEWAY_"`
	Media      mediaFlags      `embed:"" group:"Media:" prefix:"media-" envprefix:"PLAYCAST_MEDIA_"`
	Turn       turnFlags       `embed:"" group:"Relay:" prefix:"turn-" envprefix:"PLAYCAST_TURN_"`
	OIDC       oidcFlags       `embed:"" group:"Sign-in:" prefix:"oidc-" envprefix:"PLAYCAST_OIDC_"`
	Limits     limitFlags      `embed:"" group:"Limits:" prefix:"limit-" envprefix:"PLAYCAST_LIMIT_"`
}

// oidcFlags name the issuer that signs players in.
type oidcFlags struct {
	Issuer   string `help:"Sign players in at this OpenID Connect issuer instead of the development one." env:"ISSUER"`
	Client   string `default:"playcast-web" help:"The web client's id at the issuer." env:"CLIENT"`
	Audience string `help:"What the issuer's tokens are made out to." env:"AUDIENCE"`
	Roles    string `default:"roles" help:"The claim that holds the roles." env:"ROLES"`
}

// limitFlags bound what one player sends.
type limitFlags struct {
	Requests int `default:"100" help:"Requests a minute of one player." env:"REQUESTS"`
	Messages int `default:"1000" help:"WebSocket messages a minute of one player." env:"MESSAGES"`
	Sessions int `default:"3" help:"Sessions that one player has open at once whose plan does not say how many." env:"SESSIONS"`
}

// regionName is written one way only, so that who needs a region finds it.
var regionName = regexp.MustCompile(`^([a-z0-9][a-z0-9-]{0,63})?$`)

// stopWithin bounds the end of a run: beyond it what is left is dropped.
const stopWithin = 20 * time.Second

// Validate looks at what kong can't.
func (c *upCommand) Validate() error {
	if err := c.validateRoles(); err != nil {
		return err
	}
	if err := errors.Join(c.Node.validate(), c.Saves.validate(), c.Media.validate(), c.Turn.validate(), c.Recording.validate(), c.Billing.validate()); err != nil {
		return err
	}
	if _, err := events.ParseWorkerID(c.Worker); err != nil {
		return fmt.Errorf("--worker: %w", err)
	}
	if !regionName.MatchString(c.Region) {
		return fmt.Errorf("--region %q: a region is a word of at most 64 small letters, digits and dashes, like eu-west", c.Region)
	}
	if c.Slots < 1 || c.Slots > 64 {
		return fmt.Errorf("--slots %d: a worker has 1 to 64 slots", c.Slots)
	}
	return nil
}

// validateGateway finds what would keep people from getting in, or let in too
// many.
func (c *upCommand) validateGateway() error {
	if err := c.Lease.validate(); err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("--listen %q is not host:port", c.Listen)
	}
	if c.PublicURL == "" {
		if port == "0" {
			return fmt.Errorf("--listen needs a port: browsers have to know it")
		}
		if !auth.IsLoopback(host) {
			return fmt.Errorf("--listen %s can be reached by others: name the origin that browsers use with --public-url", c.Listen)
		}
		c.PublicURL = "http://" + c.Listen
	}
	if public, err := url.Parse(c.PublicURL); err != nil || public.Host == "" || strings.Trim(public.Path, "/") != "" {
		return fmt.Errorf("--public-url %q is not an origin like https://play.example.org", c.PublicURL)
	}
	c.PublicURL = strings.TrimSuffix(c.PublicURL, "/")
	if c.Limits.Requests < 1 || c.Limits.Messages < 1 || c.Limits.Sessions < 1 {
		return fmt.Errorf("--limit-requests, --limit-messages and --limit-sessions are at least 1")
	}
	if c.OIDC.Issuer == "" {
		return devissuer.CheckBind(c.Listen)
	}
	return nil
}

// Run starts everything, waits for the end, and stops everything in the
// reverse order.
func (c *upCommand) Run(ctx context.Context, t *terminal) (err error) {
	began := time.Now()
	p := &platform{command: c, terminal: t, metrics: prometheus.NewRegistry(), signs: signs{
		failed: make(chan error, 1), stopped: make(chan error), started: make(chan struct{}),
	}}
	defer func() {
		if stopErr := p.stop(); err == nil {
			err = stopErr
		}
	}()
	if err := p.start(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // ended by the person who started it
		}
		return err
	}
	p.announce(time.Since(began))
	select {
	case <-ctx.Done():
		t.log.Info("stopping")
		return nil
	case err := <-p.failed:
		return err
	}
}

// announce says how to get in. Each line begins with a word that programs may
// look for.
func (p *platform) announce(took time.Duration) {
	out := p.terminal.out
	if p.issuer != nil {
		for _, a := range p.issuer.Accounts() {
			fmt.Fprintf(out, "account %s password %s role %s\n", a.Name, a.Password, a.Role)
		}
	}
	fmt.Fprintf(out, "store %s\n", withoutPassword(p.connection))
	roles := p.command.roles()
	if p.address != "" {
		fmt.Fprintf(out, "worker %s at %s\n", p.command.Worker, p.address)
	}
	p.terminal.log.Info("started", "took", took.Round(time.Millisecond), "data", p.command.Data, "roles", roles.String())
	if roles.has(gatewayRole) {
		fmt.Fprintf(out, "ready %s\n", p.command.PublicURL)
	} else {
		fmt.Fprintf(out, "ready %s\n", roles)
	}
}

// withoutPassword is a connection string as it may be shown. One of a cluster
// has several hosts, and is no URL.
func withoutPassword(connection string) string {
	scheme, rest, _ := strings.Cut(connection, "://")
	if _, hosts, found := strings.Cut(rest, "@"); found {
		rest = hosts
	}
	return scheme + "://" + rest
}

func (c *upCommand) path(parts ...string) string {
	return filepath.Join(append([]string{c.Data}, parts...)...)
}
