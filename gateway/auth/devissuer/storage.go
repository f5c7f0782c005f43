package devissuer

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"github.com/playcast/playcast/gateway/auth"
)

// accessLifetime is short because a JWT can't be taken back: what is revoked
// ends when its access token does.
const accessLifetime = 10 * time.Minute

var errNotOffered = errors.New("the development issuer does not offer this")

// storage gives the library what it asks for. It holds no state of its own.
type storage struct {
	accounts *accounts
	key      *signingKey
	logins   *logins
	requests *requests
	client   *webClient
}

var (
	_ op.Storage                        = (*storage)(nil)
	_ op.CanSetUserinfoFromRequest      = (*storage)(nil)
	_ op.CanGetPrivateClaimsFromRequest = (*storage)(nil)
	_ op.CanTerminateSessionFromRequest = (*storage)(nil)
)

func openStorage(config Config) (*storage, error) {
	if err := os.MkdirAll(config.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make directory: %w", err)
	}
	accounts, err := openAccounts(config.Dir, config.Users)
	if err != nil {
		return nil, err
	}
	key, err := openKey(config.Dir)
	if err != nil {
		return nil, err
	}
	logins, err := openLogins(config.Dir, config.Now)
	if err != nil {
		return nil, err
	}
	return &storage{
		accounts: accounts, key: key, logins: logins,
		requests: newRequests(config.Now),
		client: &webClient{redirects: config.RedirectURIs, postLogout: config.PostLogoutURIs,
			loginPath: config.path() + "/login"},
	}, nil
}

// CreateAuthRequest refuses what the page never asks for, most of all a
// request without PKCE.
func (s *storage) CreateAuthRequest(ctx context.Context, params *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	switch {
	case !slices.Contains(s.client.redirects, params.RedirectURI):
		return nil, oidc.ErrInvalidRequestRedirectURI().WithDescription("the redirect_uri is not registered")
	case params.CodeChallenge == "" || params.CodeChallengeMethod != oidc.CodeChallengeMethodS256:
		return nil, oidc.ErrInvalidRequest().WithDescription("a code_challenge with method S256 is required")
	case slices.Contains(params.Prompt, oidc.PromptNone):
		return nil, oidc.ErrLoginRequired().WithDescription("each sign-in asks for the password")
	case !slices.Contains(params.Scopes, oidc.ScopeOpenID):
		return nil, oidc.ErrInvalidScope().WithDescription("the scope openid is required")
	}
	return s.requests.add(params, browserOf(ctx)), nil
}

// AuthRequestByID finds the request only for the browser that made it.
func (s *storage) AuthRequestByID(ctx context.Context, id string) (op.AuthRequest, error) {
	request, found := s.requests.of(id, browserOf(ctx))
	if !found {
		return nil, oidc.ErrInvalidRequest().WithDescription("this sign-in has expired, or was started in another browser")
	}
	return request, nil
}

func (s *storage) AuthRequestByCode(_ context.Context, code string) (op.AuthRequest, error) {
	request, live := s.requests.redeem(code)
	if !live {
		return nil, errors.New("no such code")
	}
	return request, nil
}

func (s *storage) SaveAuthCode(_ context.Context, id, code string) error {
	s.requests.setCode(id, code)
	return nil
}

func (s *storage) DeleteAuthRequest(_ context.Context, id string) error {
	s.requests.remove(id)
	return nil
}

// CreateAccessToken names the token so that its login can be found by it.
func (s *storage) CreateAccessToken(_ context.Context, request op.TokenRequest) (string, time.Time, error) {
	grant, err := grantOf(request)
	if err != nil {
		return "", time.Time{}, err
	}
	return string(grant.Login) + "." + rand.Text(), time.Now().Add(accessLifetime), nil
}

func (s *storage) CreateAccessAndRefreshTokens(ctx context.Context, request op.TokenRequest, current string) (id, refresh string, expires time.Time, err error) {
	id, expires, err = s.CreateAccessToken(ctx, request)
	if err != nil {
		return "", "", time.Time{}, err
	}
	if current != "" {
		refresh, err = s.logins.rotate(current)
	} else {
		var of *grant
		if of, err = grantOf(request); err == nil {
			refresh, err = s.logins.start(*of)
		}
	}
	if errors.Is(err, errRefused) {
		err = oidc.ErrInvalidGrant().WithParent(err)
	}
	return id, refresh, expires, err
}

// TokenRequestByRefreshToken refuses a login whose account is gone.
func (s *storage) TokenRequestByRefreshToken(_ context.Context, token string) (op.RefreshTokenRequest, error) {
	of, err := s.logins.check(token)
	if err != nil {
		return nil, err
	}
	if _, known := s.accounts.byName(of.Subject); !known {
		return nil, fmt.Errorf("there is no account %q any more", of.Subject)
	}
	return &renewal{of}, nil
}

func (s *storage) GetRefreshTokenInfo(_ context.Context, _ string, token string) (userID, tokenID string, err error) {
	of, err := s.logins.check(token)
	if err != nil {
		return "", "", op.ErrInvalidRefreshToken
	}
	return of.Subject, string(of.Login) + ".", nil
}

// RevokeToken ends the login of a token of either kind: both are named by it.
func (s *storage) RevokeToken(_ context.Context, tokenID, _, _ string) *oidc.Error {
	id, _, _ := strings.Cut(tokenID, ".")
	if err := s.logins.endLogin(auth.LoginID(id)); err != nil {
		return oidc.ErrServerError().WithParent(err)
	}
	return nil
}

// TerminateSessionFromRequest ends the login that the ID token names. Without
// one nothing is known of who leaves, and only the redirect happens.
func (s *storage) TerminateSessionFromRequest(_ context.Context, request *op.EndSessionRequest) (string, error) {
	redirect := request.RedirectURI
	if redirect == "" {
		redirect = s.client.redirects[0]
	}
	if request.IDTokenHintClaims == nil || request.IDTokenHintClaims.SessionID == "" {
		return redirect, nil
	}
	return redirect, s.logins.endLogin(auth.LoginID(request.IDTokenHintClaims.SessionID))
}

func (s *storage) TerminateSession(_ context.Context, subject, _ string) error {
	return s.logins.end(func(_ string, of login) bool { return of.Subject == subject })
}

func (s *storage) SigningKey(context.Context) (op.SigningKey, error) { return s.key, nil }

func (s *storage) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{s.key.SignatureAlgorithm()}, nil
}

func (s *storage) KeySet(context.Context) ([]op.Key, error) {
	return []op.Key{publicKey{s.key}}, nil
}

func (s *storage) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	if id != ClientID {
		return nil, oidc.ErrInvalidClient().WithDescription("the only client is " + ClientID)
	}
	return s.client, nil
}

// AuthorizeClientIDSecret always refuses: a page can't keep a secret.
func (s *storage) AuthorizeClientIDSecret(context.Context, string, string) error {
	return errNotOffered
}

func (s *storage) Health(context.Context) error { return nil }
