package devissuer

import (
	"slices"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"github.com/playcast/playcast/gateway/auth"
)

// grant is what somebody's sign-in gave the client. Every token comes of one.
type grant struct {
	Login    auth.LoginID `json:"login"`
	Subject  string       `json:"subject"`
	Scopes   []string     `json:"scopes"`
	SignedIn time.Time    `json:"signedIn"`
}

var _ op.IDTokenRequest = (*grant)(nil)

func (g *grant) GetAMR() []string       { return []string{"pwd"} }
func (g *grant) GetAudience() []string  { return []string{Audience, ClientID} }
func (g *grant) GetAuthTime() time.Time { return g.SignedIn }
func (g *grant) GetClientID() string    { return ClientID }
func (g *grant) GetScopes() []string    { return g.Scopes }
func (g *grant) GetSubject() string     { return g.Subject }

func (g *grant) granted() *grant { return g }

// renewal is a grant on its way to new tokens.
type renewal struct{ grant }

var _ op.RefreshTokenRequest = (*renewal)(nil)

// SetCurrentScopes narrows this renewal, not the grant that is kept.
func (r *renewal) SetCurrentScopes(scopes []string) { r.Scopes = slices.Clone(scopes) }

func scopes() []string {
	return []string{oidc.ScopeOpenID, oidc.ScopeProfile, oidc.ScopeOfflineAccess}
}

// grantOf finds the grant in the library's request types.
func grantOf(request any) (*grant, error) {
	if of, ok := request.(interface{ granted() *grant }); ok {
		return of.granted(), nil
	}
	return nil, oidc.ErrUnsupportedGrantType()
}
