package auth

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// VerifyRequest verifies the token of the request's Authorization header.
func (v *Verifier) VerifyRequest(r *http.Request) (Identity, error) {
	token, err := bearer(r)
	if err != nil {
		return Identity{}, err
	}
	return v.Verify(r.Context(), token)
}

// bearer reads the Authorization header only: a token in a URL ends up in logs.
func bearer(r *http.Request) (string, error) {
	values := r.Header.Values("Authorization")
	switch len(values) {
	case 0:
		return "", ErrMissing
	case 1:
	default:
		return "", fmt.Errorf("%w: %d Authorization headers", ErrInvalid, len(values))
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "Bearer") {
		return "", fmt.Errorf("%w: the Authorization header is not of the Bearer scheme", ErrInvalid)
	}
	if token == "" {
		return "", ErrMissing
	}
	return token, nil
}

// Challenge is the WWW-Authenticate value of RFC 6750, section 3: no error
// code where the request brought no token at all.
func Challenge(err error) string {
	if errors.Is(err, ErrMissing) || !(errors.Is(err, ErrInvalid) || errors.Is(err, ErrExpired)) {
		return `Bearer realm="playcast"`
	}
	return `Bearer realm="playcast", error="invalid_token"`
}
