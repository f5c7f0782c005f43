package devissuer

import (
	"crypto/rand"
	"fmt"
	"net/http"

	"github.com/rs/cors"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// newProvider sets the library up: the code flow for one page, nothing else.
func newProvider(config Config, storage *storage) (*op.Provider, error) {
	options := []op.Option{op.WithCORSOptions(&cors.Options{
		AllowedOrigins: origins(config.RedirectURIs),
		AllowedMethods: []string{http.MethodGet, http.MethodPost},
		AllowedHeaders: []string{"Authorization", "Content-Type"},
	})}
	if !config.secure() {
		options = append(options, op.WithAllowInsecure())
	}
	settings := &op.Config{
		CodeMethodS256:        true,
		GrantTypeRefreshToken: true,
		SupportedScopes:       scopes(),
		SupportedClaims:       []string{"sub", "aud", "azp", "exp", "iat", "iss", "name", "roles", "sid"},
	}
	if len(config.PostLogoutURIs) > 0 {
		settings.DefaultLogoutRedirectURI = config.PostLogoutURIs[0]
	}
	// Seals authorization codes, which live in memory: a key of its own each start.
	if _, err := rand.Read(settings.CryptoKey[:]); err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	return op.NewProvider(settings, storage, op.StaticIssuer(config.Issuer), options...)
}
