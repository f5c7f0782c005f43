package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/time/rate"
)

const (
	// maxToken is above what issuers make (about 1–4 KB) and below what costs.
	maxToken = 16 << 10
	// issuerPatience bounds what one Verify waits for the issuer in all.
	issuerPatience = 5 * time.Second
)

// asymmetric lists the signatures a token may have. "none" and the HMACs are
// not among them: those would let a client sign for itself.
var asymmetric = []string{
	oidc.RS256, oidc.RS384, oidc.RS512,
	oidc.PS256, oidc.PS384, oidc.PS512,
	oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA,
}

// Verifier verifies access tokens. It is safe for concurrent use.
type Verifier struct {
	config Config
	client *http.Client
	keys   atomic.Pointer[oidc.RemoteKeySet] // nil until discovery has succeeded
	// discovering holds one token: who has it may run discovery, the others
	// wait for the result, so that a slow issuer sees one request, not all.
	discovering chan struct{}
}

// New returns a verifier that asks the issuer for nothing yet. Close frees it.
func New(config Config) (*Verifier, error) {
	if err := config.Validate(); err != nil {
		return nil, fmt.Errorf("sign-in configuration: %w", err)
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.RolesClaim == "" {
		config.RolesClaim = "roles"
	}
	return &Verifier{
		config:      config,
		client:      &http.Client{Timeout: issuerPatience, Transport: newIssuerTransport()},
		discovering: make(chan struct{}, 1),
	}, nil
}

// Close drops the connections to the issuer.
func (v *Verifier) Close() { v.client.CloseIdleConnections() }

// Verify returns the identity of a raw JWT. Its errors are ErrMissing,
// ErrExpired, ErrInvalid and ErrUnavailable, the last one while the issuer
// can't be asked for its keys.
func (v *Verifier) Verify(ctx context.Context, rawToken string) (Identity, error) {
	if rawToken == "" {
		return Identity{}, ErrMissing
	}
	if len(rawToken) > maxToken {
		return Identity{}, fmt.Errorf("%w: longer than %d bytes", ErrInvalid, maxToken)
	}
	keys, err := v.discover(ctx)
	if err != nil {
		return Identity{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	// The library flattens the key set's errors to text; watching it keeps
	// "the issuer is down" apart from "the signature is wrong".
	watched := &watchedKeys{keys: keys}
	token, err := oidc.NewVerifier(v.config.Issuer, watched, &oidc.Config{
		SkipClientIDCheck:    true, // checkAudience knows azp as well
		SupportedSigningAlgs: asymmetric,
		Now:                  v.config.Now,
	}).Verify(ctx, rawToken)
	if err != nil {
		return Identity{}, classify(err, watched.err)
	}
	var claims claims
	if err := token.Claims(&claims); err != nil {
		return Identity{}, fmt.Errorf("%w: claims: %w", ErrInvalid, err)
	}
	return v.identify(token, claims)
}

// discover returns the issuer's key set, finding the issuer first if need be.
func (v *Verifier) discover(ctx context.Context) (*oidc.RemoteKeySet, error) {
	if keys := v.keys.Load(); keys != nil {
		return keys, nil
	}
	ctx, cancel := context.WithTimeout(ctx, issuerPatience)
	defer cancel()
	select {
	case v.discovering <- struct{}{}:
		defer func() { <-v.discovering }()
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for discovery: %w", ctx.Err())
	}
	if keys := v.keys.Load(); keys != nil {
		return keys, nil
	}
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, v.client), v.config.Issuer)
	if err != nil {
		return nil, fmt.Errorf("discover issuer: %w", err)
	}
	var metadata struct {
		Keys string `json:"jwks_uri"`
	}
	if err := provider.Claims(&metadata); err != nil {
		return nil, fmt.Errorf("read discovery document: %w", err)
	}
	location, err := url.Parse(metadata.Keys)
	if err != nil {
		return nil, fmt.Errorf("read discovery document: %w", err)
	}
	if err := checkTransport("jwks_uri", location); err != nil {
		return nil, fmt.Errorf("read discovery document: %w", err)
	}
	// The key set keeps its context for its client and ignores cancellation.
	keys := oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), v.client), metadata.Keys)
	v.keys.Store(keys)
	return keys, nil
}

func classify(err, keysErr error) error {
	var expired *oidc.TokenExpiredError
	var unreachable *url.Error
	switch {
	case errors.As(err, &expired):
		return fmt.Errorf("%w: %w", ErrExpired, err)
	case errors.As(keysErr, &unreachable), errors.Is(keysErr, context.Canceled), errors.Is(keysErr, context.DeadlineExceeded):
		return fmt.Errorf("%w: %w", ErrUnavailable, keysErr)
	}
	return fmt.Errorf("%w: %w", ErrInvalid, err)
}

// watchedKeys remembers why the key set refused. One serves one token.
type watchedKeys struct {
	keys oidc.KeySet
	err  error
}

var _ oidc.KeySet = (*watchedKeys)(nil)

func (w *watchedKeys) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	payload, err := w.keys.VerifySignature(ctx, jwt)
	w.err = err
	return payload, err
}

// issuerTransport asks the issuer at most about once a second. Any token with
// a bad signature makes the key set ask again, in case the keys have changed,
// so that without a limit anybody could make the gateway flood its issuer.
type issuerTransport struct {
	*http.Transport
	limit *rate.Limiter
}

func newIssuerTransport() *issuerTransport {
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 1,
		IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true}
	return &issuerTransport{Transport: transport, limit: rate.NewLimiter(rate.Every(time.Second), 20)}
}

func (t *issuerTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if !t.limit.Allow() {
		return nil, errors.New("the issuer has been asked too often in a short time")
	}
	response, err := t.Transport.RoundTrip(r)
	if err != nil || response.StatusCode < 400 {
		return response, err
	}
	response.Body.Close()
	return nil, fmt.Errorf("the issuer answered %s", response.Status)
}
