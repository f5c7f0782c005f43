package devissuer

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"path/filepath"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// signingKey signs every token. Its id is the thumbprint of its public half
// (RFC 7638), so that it is the same after a restart.
type signingKey struct {
	private *rsa.PrivateKey
	id      string
}

var _ op.SigningKey = (*signingKey)(nil)

func (k *signingKey) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k *signingKey) Key() any                                    { return k.private }
func (k *signingKey) ID() string                                  { return k.id }

// publicKey is the half that everybody may have.
type publicKey struct{ *signingKey }

var _ op.Key = publicKey{}

func (k publicKey) Algorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k publicKey) Use() string                        { return "sig" }
func (k publicKey) Key() any                           { return k.private.Public() }

// openKey reads the key, or makes and keeps one.
func openKey(dir string) (*signingKey, error) {
	name := filepath.Join(dir, "signing-key.pem")
	content, found, err := readPrivate(name)
	if err != nil {
		return nil, fmt.Errorf("read signing key: %w", err)
	}
	if found {
		private, err := parseKey(content)
		if err != nil {
			return nil, fmt.Errorf("read signing key: %s: %w: delete the file to have a new key made, which ends every sign-in", name, err)
		}
		return newSigningKey(private)
	}
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("make signing key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, fmt.Errorf("make signing key: %w", err)
	}
	if err := writePrivate(name, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})); err != nil {
		return nil, fmt.Errorf("write signing key: %w", err)
	}
	return newSigningKey(private)
}

func parseKey(content []byte) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode(content)
	if block == nil {
		return nil, fmt.Errorf("holds no PEM block")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	private, ok := key.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("holds a %T, want an RSA key", key)
	}
	return private, nil
}

func newSigningKey(private *rsa.PrivateKey) (*signingKey, error) {
	print, err := (&jose.JSONWebKey{Key: private.Public()}).Thumbprint(crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("name signing key: %w", err)
	}
	return &signingKey{private: private, id: base64.RawURLEncoding.EncodeToString(print)}, nil
}
