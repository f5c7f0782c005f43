package devissuer

import (
	"slices"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// webClient is the one client, a page in a browser.
type webClient struct {
	redirects, postLogout []string
	loginPath             string
}

var _ op.Client = (*webClient)(nil)

func (c *webClient) GetID() string                       { return ClientID }
func (c *webClient) RedirectURIs() []string              { return c.redirects }
func (c *webClient) PostLogoutRedirectURIs() []string    { return c.postLogout }
func (c *webClient) ApplicationType() op.ApplicationType { return op.ApplicationTypeUserAgent }
func (c *webClient) AuthMethod() oidc.AuthMethod         { return oidc.AuthMethodNone }
func (c *webClient) ResponseTypes() []oidc.ResponseType {
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}
func (c *webClient) GrantTypes() []oidc.GrantType {
	return []oidc.GrantType{oidc.GrantTypeCode, oidc.GrantTypeRefreshToken}
}
func (c *webClient) LoginURL(request string) string       { return c.loginPath + "?request=" + request }
func (c *webClient) AccessTokenType() op.AccessTokenType  { return op.AccessTokenTypeJWT }
func (c *webClient) IDTokenLifetime() time.Duration       { return accessLifetime }
func (c *webClient) ClockSkew() time.Duration             { return 0 }
func (c *webClient) IDTokenUserinfoClaimsAssertion() bool { return true }
func (c *webClient) IsScopeAllowed(scope string) bool     { return slices.Contains(scopes(), scope) }

// DevMode lets redirects be plain http; Config.Validate keeps them on loopback.
func (c *webClient) DevMode() bool { return true }

func (c *webClient) RestrictAdditionalIdTokenScopes() func([]string) []string { return slices.Clone }
func (c *webClient) RestrictAdditionalAccessTokenScopes() func([]string) []string {
	return slices.Clone
}
