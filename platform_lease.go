package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/gateway"
	"github.com/playcast/playcast/streamer/signalling"
)

// leaseFlags say what the gateway is called, and how policies in other processes
// find out whether it is there.
type leaseFlags struct {
	Name    string `placeholder:"NAME" help:"The gateway's name, which no other gateway has. Default: one that is made up once and kept in the data directory." env:"NAME"`
	Listen  string `placeholder:"127.0.0.1:0" help:"Where policies of other processes ask whether the gateway is there. Default: a free port of this machine's own where they run elsewhere, else nowhere." env:"LISTEN"`
	Address string `placeholder:"HOST:PORT" help:"By what they reach it. Default: the address of --gateway-listen." env:"ADDRESS"`
}

// gatewayFile is the place of the made-up name in the data directory.
const gatewayFile = "gateway-name"

func (f leaseFlags) validate() error {
	if f.Name != "" {
		if _, err := events.ParseGatewayID(f.Name); err != nil {
			return fmt.Errorf("--gateway-name: %w", err)
		}
	}
	return reachable("gateway", f.Listen, f.Address)
}

// reachable holds where something of this process listens, and by what others
// reach it, to be addresses that say so.
func reachable(what, listen, address string) error {
	if listen == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return fmt.Errorf("--%s-listen %q is not host:port", what, listen)
	}
	if ip := net.ParseIP(host); address == "" && (host == "" || ip != nil && ip.IsUnspecified()) {
		return fmt.Errorf("--%s-listen %s is every address of this machine: name the one that others use with --%s-address", what, listen, what)
	}
	if _, _, err := net.SplitHostPort(address); address != "" && err != nil {
		return fmt.Errorf("--%s-address %q is not host:port", what, address)
	}
	return nil
}

// nameGateway reads or makes up what the gateway is called. A process that
// follows another one on its data directory is of the same name, and so ends what
// that one held.
func (p *platform) nameGateway() (events.GatewayID, error) {
	if name := p.command.Lease.Name; name != "" {
		return events.ParseGatewayID(name)
	}
	path := p.command.path(gatewayFile)
	kept, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		random := make([]byte, 4)
		if _, err := rand.Read(random); err != nil {
			return "", err
		}
		kept = []byte("gateway-" + hex.EncodeToString(random))
		err = os.WriteFile(path, append(kept, '\n'), 0o644)
	}
	if err != nil {
		return "", fmt.Errorf("keep the gateway's name: %w", err)
	}
	name, err := events.ParseGatewayID(strings.TrimSpace(string(kept)))
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return name, nil
}

// listenForLeases takes the address where policies ask for the gateway; nil: they
// are all here.
func (p *platform) listenForLeases(ctx context.Context) (net.Listener, error) {
	flags := p.command.Lease
	if flags.Listen == "" && p.command.roles().all(askingRoles) {
		return nil, nil
	}
	at := cmp.Or(flags.Listen, "127.0.0.1:0")
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", at)
	if err != nil {
		return nil, fmt.Errorf("the gateway can't be asked on %s: %w (name another address with --gateway-listen)", at, err)
	}
	p.onStop("gateway's lease", func(context.Context) error {
		_ = listener.Close() // who answered there may have closed it
		return nil
	})
	return listener, nil
}

// lease is how the gateway is known to others, and the listener where they ask.
func (p *platform) lease(ctx context.Context) (config gateway.LeaseConfig, listener net.Listener, err error) {
	if config.Gateway, err = p.nameGateway(); err != nil {
		return config, nil, err
	}
	listener, err = p.listenForLeases(ctx)
	if listener != nil {
		config.Address = cmp.Or(p.command.Lease.Address, listener.Addr().String())
	}
	return config, listener, err
}

// holdLease has the gateway asked, registers it, and keeps it registered until
// the stop: it closes first, and then says that it has.
func (p *platform) holdLease(ctx context.Context, door *gateway.Gateway, listener net.Listener) error {
	if listener != nil {
		server, err := signalling.ServeHere(listener, p.secret, door.Incarnation, p.terminal.log.With("part", "gateway"))
		if err != nil {
			return err
		}
		p.onStop("gateway's answers", server.Close)
	}
	if err := door.Register(ctx); err != nil {
		return err
	}
	keep, cancel := context.WithCancel(context.Background())
	kept := make(chan struct{})
	go func() {
		defer close(kept)
		if err := door.KeepLease(keep); err != nil {
			p.fail(err)
		}
	}()
	p.onStop("gateway's registration", func(ctx context.Context) error {
		cancel()
		<-kept
		return door.Leave(ctx)
	})
	return nil
}
