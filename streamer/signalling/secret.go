package signalling

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"os"
	"strings"
	"time"
)

// shortestSecret keeps out what could be guessed: keys are made of it.
const shortestSecret = 24

// Secret is what all processes of a platform share. Each side of a connection
// has a key that follows from it (HKDF, RFC 5869; Ed25519), and wants the other
// to have the other one: the secret itself is never sent, and what is said is
// private to those who know it.
type Secret struct{ text string }

// errNotOurs refuses who does not know the secret.
var errNotOurs = errors.New("the other side has another secret: name the same one to all of them")

// ParseSecret takes a secret that somebody has chosen.
func ParseSecret(text string) (Secret, error) {
	if len(text) < shortestSecret {
		return Secret{}, fmt.Errorf("the workers' secret is too short: take %d characters or more that nobody can guess", shortestSecret)
	}
	return Secret{text}, nil
}

// SecretIn reads the secret from a file that only its owner can read, or makes
// one there.
func SecretIn(path string) (Secret, error) {
	made := make([]byte, 32)
	if _, err := rand.Read(made); err != nil {
		return Secret{}, err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = file.WriteString(base64.RawURLEncoding.EncodeToString(made) + "\n")
		err = errors.Join(err, file.Close())
	}
	if err != nil && !errors.Is(err, os.ErrExist) {
		return Secret{}, fmt.Errorf("make the workers' secret: %w", err)
	}
	read, err := os.ReadFile(path)
	if err != nil {
		return Secret{}, fmt.Errorf("read the workers' secret: %w", err)
	}
	secret, err := ParseSecret(strings.TrimSpace(string(read)))
	if err != nil {
		return Secret{}, fmt.Errorf("%s: %w", path, err)
	}
	return secret, nil
}

// The two sides of a connection.
const (
	workerSide  = "playcast worker"
	gatewaySide = "playcast gateway"
)

// tls has a side's own key, and takes only the other side's.
func (s Secret) tls(own, other string) (*tls.Config, error) {
	key, err := s.key(own)
	if err != nil {
		return nil, err
	}
	expected, err := s.key(other)
	if err != nil {
		return nil, err
	}
	// A certificate is the form in which TLS carries a key; nothing in it counts.
	form := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Unix(0, 0), NotAfter: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}
	certificate, err := x509.CreateCertificate(rand.Reader, form, form, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make the key of the %s: %w", own, err)
	}
	return &tls.Config{
		MinVersion:   tls.VersionTLS13,
		Certificates: []tls.Certificate{{Certificate: [][]byte{certificate}, PrivateKey: key}},
		ClientAuth:   tls.RequireAnyClientCert,
		// Names and authorities say nothing here: VerifyConnection holds the
		// other side to the one key.
		InsecureSkipVerify: true,
		VerifyConnection: func(state tls.ConnectionState) error {
			if !expected.Public().(ed25519.PublicKey).Equal(state.PeerCertificates[0].PublicKey) {
				return errNotOurs
			}
			return nil
		},
	}, nil
}

func (s Secret) key(side string) (ed25519.PrivateKey, error) {
	seed, err := hkdf.Key(sha256.New, []byte(s.text), nil, side, ed25519.SeedSize)
	if err != nil {
		return nil, fmt.Errorf("make the key of the %s: %w", side, err)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}
