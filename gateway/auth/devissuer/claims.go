package devissuer

import (
	"context"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"github.com/playcast/playcast/gateway/auth"
)

// GetPrivateClaimsFromRequest puts into an access token what the gateway
// reads beside the registered claims.
func (s *storage) GetPrivateClaimsFromRequest(_ context.Context, request op.TokenRequest, _ []string) (map[string]any, error) {
	of, err := grantOf(request)
	if err != nil {
		return nil, err
	}
	account, err := s.account(of.Subject)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"name":  account.Name,
		"roles": []auth.Role{account.Role},
		"sid":   of.Login,
		"azp":   ClientID,
	}, nil
}

// SetUserinfoFromRequest fills an ID token.
func (s *storage) SetUserinfoFromRequest(_ context.Context, info *oidc.UserInfo, request op.IDTokenRequest, _ []string) error {
	of, err := grantOf(request)
	if err != nil {
		return err
	}
	info.AppendClaims("sid", of.Login)
	return s.describe(info, of.Subject)
}

// SetUserinfoFromToken answers /userinfo.
func (s *storage) SetUserinfoFromToken(_ context.Context, info *oidc.UserInfo, _, subject, _ string) error {
	return s.describe(info, subject)
}

func (s *storage) describe(info *oidc.UserInfo, subject string) error {
	account, err := s.account(subject)
	if err != nil {
		return err
	}
	info.Subject = account.Name
	info.Name = account.Name
	info.PreferredUsername = account.Name
	info.AppendClaims("roles", []auth.Role{account.Role})
	return nil
}

func (s *storage) account(subject string) (Account, error) {
	account, known := s.accounts.byName(subject)
	if !known {
		return Account{}, oidc.ErrAccessDenied().WithDescription("there is no such account any more")
	}
	return account, nil
}

// SetUserinfoFromScopes is empty: SetUserinfoFromRequest takes its place.
func (s *storage) SetUserinfoFromScopes(context.Context, *oidc.UserInfo, string, string, []string) error {
	return nil
}

// GetPrivateClaimsFromScopes is not asked: GetPrivateClaimsFromRequest is.
func (s *storage) GetPrivateClaimsFromScopes(context.Context, string, string, []string) (map[string]any, error) {
	return nil, errNotOffered
}

// SetIntrospectionFromToken refuses: introspection takes a client with a secret.
func (s *storage) SetIntrospectionFromToken(context.Context, *oidc.IntrospectionResponse, string, string, string) error {
	return errNotOffered
}

// GetKeyByIDAndClientID refuses: no client signs its own assertions.
func (s *storage) GetKeyByIDAndClientID(context.Context, string, string) (*jose.JSONWebKey, error) {
	return nil, errNotOffered
}

// ValidateJWTProfileScopes refuses for the same reason.
func (s *storage) ValidateJWTProfileScopes(context.Context, string, []string) ([]string, error) {
	return nil, errNotOffered
}
