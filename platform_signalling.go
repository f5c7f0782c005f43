package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/gateway"
	"github.com/playcast/playcast/queries"
	"github.com/playcast/playcast/streamer"
	"github.com/playcast/playcast/streamer/signalling"
)

// signallingFlags say how gateways and policies in other processes reach a
// worker.
type signallingFlags struct {
	Listen     string `placeholder:"127.0.0.1:0" help:"Where the worker hears gateways and policies of other processes. Default: a free port of this machine's own where they run elsewhere, else nowhere." env:"LISTEN"`
	Address    string `placeholder:"HOST:PORT" help:"By what they reach it. Default: the address of --worker-listen." env:"ADDRESS"`
	Secret     string `help:"What all processes of a platform share, so that they hear nobody else: 24 characters or more." env:"SECRET"`
	SecretFile string `type:"path" placeholder:"FILE" help:"A file with that secret. Default: worker-secret in the data directory, made where it is missing." env:"SECRET_FILE"`
}

// secretFile is the secret's place in the data directory.
const secretFile = "worker-secret"

// at is where the worker hears others, if it does.
func (f signallingFlags) at() string { return cmp.Or(f.Listen, "127.0.0.1:0") }

// validate holds the secret to be one that the others can know, and the address
// one that they can reach.
func (f signallingFlags) validate(roles role) error {
	if f.Secret != "" && f.SecretFile != "" {
		return errors.New("--worker-secret and --worker-secret-file name one thing: leave out one of them")
	}
	if f.Secret != "" {
		if _, err := signalling.ParseSecret(f.Secret); err != nil {
			return fmt.Errorf("--worker-secret: %w", err)
		}
	}
	if roles.has(askingRoles|streamerRole) && !roles.all(askingRoles) && f.Secret == "" && f.SecretFile == "" {
		return fmt.Errorf("--role %s needs the secret that gateway, policies and workers share: --worker-secret-file names the file of the one with the gateway (%s in its data directory), --worker-secret says it", roles, secretFile)
	}
	return reachable("worker", f.Listen, f.Address)
}

// knowSecret reads or makes what the platform's processes share.
func (p *platform) knowSecret(context.Context) (err error) {
	flags := p.command.Signalling
	if flags.Secret != "" {
		p.secret, err = signalling.ParseSecret(flags.Secret)
	} else {
		p.secret, err = signalling.SecretIn(cmp.Or(flags.SecretFile, p.command.path(secretFile)))
	}
	return err
}

// hearOthers lets other processes reach the worker, before it is registered.
func (p *platform) hearOthers(ctx context.Context) error {
	flags := p.command.Signalling
	if flags.Listen == "" && p.command.roles().all(askingRoles) {
		return nil // who asks is here
	}
	at := flags.at()
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", at)
	if err != nil {
		return fmt.Errorf("the worker can't listen on %s: %w (name another address with --worker-listen)", at, err)
	}
	p.address = cmp.Or(flags.Address, listener.Addr().String())
	server, err := signalling.Serve(listener, p.secret, p.worker, p.registration.current, p.terminal.log.With("part", "signalling"))
	if err != nil {
		return err
	}
	p.onStop("signalling", server.Close)
	return nil
}

// askOthers makes the client for workers in other processes.
func (p *platform) askOthers(context.Context) error {
	client, err := signalling.NewClient(p.secret)
	if err != nil {
		return err
	}
	p.onStop("signalling to workers", func(context.Context) error { client.Close(); return nil })
	p.workers = client
	return nil
}

// forwarding takes signalling to whoever has the session: the worker of this
// process, with nothing between, or that of another.
type forwarding struct {
	own      *streamer.Worker // nil: none
	others   *signalling.Client
	queries  *queries.DB
	commands *commands.Handler
}

var _ gateway.Media = (*forwarding)(nil)

// holder finds the worker that has a session.
func (f *forwarding) holder(ctx context.Context, id events.SessionID) (signalling.Worker, error) {
	if f.own != nil && f.own.Has(id) {
		return f.own, nil
	}
	holder, err := f.queries.Holder(ctx, id)
	if errors.Is(err, queries.ErrUnavailable) {
		holder, err = f.written(ctx, id)
	}
	switch {
	case err != nil && f.own != nil && errors.Is(err, queries.ErrNoHolder), err == nil && holder.Address == "" && f.own != nil:
		return f.own, nil // which says why it can't
	case err != nil:
		return nil, err
	case holder.Address == "" || !holder.Running:
		return nil, queries.ErrNoHolder
	}
	return f.others.At(holder.Address), nil
}

// written is the holder as the write side has it, while the read side is away.
func (f *forwarding) written(ctx context.Context, id events.SessionID) (queries.Holder, error) {
	s, err := commands.Ask(ctx, f.commands, events.SessionStream(id), func(s session.State, _ time.Time) session.State { return s })
	switch {
	case err != nil:
		return queries.Holder{}, err
	case s.Worker == "" || s.Phase.Over():
		return queries.Holder{}, queries.ErrNoHolder
	}
	w, err := commands.Ask(ctx, f.commands, events.WorkerStream(s.Worker), func(w worker.State, _ time.Time) worker.State { return w })
	return queries.Holder{Worker: s.Worker, Address: w.Address, Running: w.Running}, err
}

func (f *forwarding) Connect(ctx context.Context, id events.SessionID, seat events.Seat, offer string) (peer, answer string, err error) {
	holder, err := f.holder(ctx, id)
	if err != nil {
		return "", "", err
	}
	return holder.Connect(ctx, id, seat, offer)
}

func (f *forwarding) Trickle(ctx context.Context, peer events.Peer, ice, fragment string) error {
	holder, err := f.holder(ctx, peer.Session)
	if err != nil {
		return err
	}
	return holder.Trickle(ctx, peer, ice, fragment)
}

func (f *forwarding) Restart(ctx context.Context, peer events.Peer, fragment string) (answer string, err error) {
	holder, err := f.holder(ctx, peer.Session)
	if err != nil {
		return "", err
	}
	return holder.Restart(ctx, peer, fragment)
}

func (f *forwarding) Disconnect(ctx context.Context, peer events.Peer) error {
	holder, err := f.holder(ctx, peer.Session)
	if err != nil {
		return err
	}
	return holder.Disconnect(ctx, peer)
}

func (f *forwarding) Relays(ctx context.Context, id events.SessionID) ([]gateway.ICEServer, error) {
	holder, err := f.holder(ctx, id)
	if err != nil {
		return nil, err
	}
	relays, err := holder.Relays(ctx, id)
	servers := make([]gateway.ICEServer, 0, len(relays))
	for _, relay := range relays {
		servers = append(servers, gateway.ICEServer(relay))
	}
	return servers, err
}
