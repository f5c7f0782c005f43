package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/playcast/playcast/commands/player"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/gateway"
	"github.com/playcast/playcast/gateway/auth"
	"github.com/playcast/playcast/gateway/auth/devissuer"
	"github.com/playcast/playcast/queries"
	"github.com/playcast/playcast/schema/vault"
)

// entrance is where people come in.
type entrance struct {
	listener net.Listener
	issuer   *devissuer.Issuer // nil: another one signs players in
	vault    *vault.Vault
}

// keyring is the vault as the gateway asks it for keys.
type keyring struct{ vault *vault.Vault }

var _ gateway.Keys = keyring{}

// keyWithin bounds the wait for a key: a database that is silent is away.
const keyWithin = 3 * time.Second

func (k keyring) Key(ctx context.Context, id events.PlayerID) (events.SealingKey, error) {
	ctx, cancel := context.WithTimeout(ctx, keyWithin)
	defer cancel()
	key, err := k.vault.Key(ctx, id)
	switch {
	case err == nil:
		return key, nil
	case errors.Is(err, vault.ErrErased):
		return key, player.ErrErased
	case errors.Is(err, vault.ErrMasterKey):
		return key, err
	}
	return key, fmt.Errorf("%w: %w", queries.ErrUnavailable, err)
}

// listen takes the gateway's address before anything is recorded: one that is
// in use leaves no trace in the log. Nobody is answered until openGateway.
func (p *platform) listen(ctx context.Context) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", p.command.Listen)
	if err != nil {
		return fmt.Errorf("the gateway can't listen on %s: %w (name another address with --listen)", p.command.Listen, err)
	}
	p.onStop("gateway's address", func(context.Context) error {
		_ = listener.Close() // the gateway may have closed it
		return nil
	})
	p.listener = listener
	return nil
}

// openGateway lets people in.
func (p *platform) openGateway(ctx context.Context) error {
	config, verify, err := p.signIn()
	if err != nil {
		return err
	}
	verifier, err := auth.New(verify)
	if err != nil {
		return err
	}
	p.onStop("sign-in", func(context.Context) error { verifier.Close(); return nil })
	lease, asked, err := p.lease(ctx)
	if err != nil {
		return err
	}
	config.Lease = lease
	door, err := gateway.New(config, gateway.Parts{
		Commands: p.handler, Queries: p.queries, Verifier: verifier, Recordings: p.recordingsForGateway(), Log: p.terminal.log.With("part", "gateway"),
		Media: &forwarding{own: p.worker, others: p.workers, queries: p.queries, commands: p.handler}, Keys: keyring{p.vault},
	})
	if err != nil {
		return err
	}
	if err := p.holdLease(ctx, door, asked); err != nil {
		return err
	}
	server := &http.Server{Handler: door, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute}
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := server.Serve(p.listener); !errors.Is(err, http.ErrServerClosed) {
			p.fail(fmt.Errorf("the gateway has stopped: %w", err))
		}
	})
	p.onStop("gateway", func(ctx context.Context) error {
		defer serving.Wait()
		door.Close()
		short, cancel := context.WithTimeout(ctx, 3*time.Second)
		defer cancel()
		if err := server.Shutdown(short); err != nil {
			return server.Close()
		}
		return nil
	})
	return nil
}

// signIn says who signs players in: the issuer that is named, or the
// development one.
func (p *platform) signIn() (gateway.Config, auth.Config, error) {
	c := p.command
	config := gateway.Config{
		PublicURL: c.PublicURL, Scopes: "openid profile offline_access",
		RequestsPerMinute: c.Limits.Requests, MessagesPerMinute: c.Limits.Messages,
		OpenSessions: c.Limits.Sessions, PlansRequired: c.Plans == "required",
		Recordings: p.linkConfig(),
	}
	if c.OIDC.Issuer != "" {
		config.Issuer, config.ClientID = c.OIDC.Issuer, c.OIDC.Client
		return config, auth.Config{Issuer: c.OIDC.Issuer, ClientID: c.OIDC.Client, Audience: c.OIDC.Audience, RolesClaim: c.OIDC.Roles}, nil
	}
	issuer, err := devissuer.New(devissuer.Config{
		Issuer: c.PublicURL + "/dev", Dir: c.path("issuer"),
		RedirectURIs: []string{c.PublicURL + "/signed-in"}, PostLogoutURIs: []string{c.PublicURL + "/"},
	})
	if err != nil {
		return config, auth.Config{}, err
	}
	p.issuer = issuer
	config.Issuer, config.ClientID = c.PublicURL+"/dev", devissuer.ClientID
	config.DevIssuer, config.DevPattern = issuer, issuer.Pattern()
	return config, devissuer.VerifierConfig(config.Issuer), nil
}
