// Package auth says who is asking and what they may do.
//
// A [Verifier] turns a bearer access token of an OpenID Connect issuer into an
// [Identity]; a [Role] says what an identity may do. The order of a request is
// always the same:
//
//	token ─▶ Verify: signature, issuer, time, audience ─▶ Identity ─▶ Require(permission)
//
// Every refusal is an [events.Fault], so that the gateway's one place of
// mapping turns it into a status code and a problem-details body. The cause is
// wrapped beside it for the operator, and is not for the client.
//
// The issuer is found by discovery when the first token comes, not at
// construction: it may live in the same process and start later.
package auth

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/playcast/playcast/events"
)

// The refusals. Compare with errors.Is: a returned error may carry its cause.
var (
	ErrMissing = &events.Fault{Kind: events.Unauthorized, Code: "sign-in-required",
		Message: "This needs a signed-in player. Sign in and try again."}
	ErrExpired = &events.Fault{Kind: events.Unauthorized, Code: "token-expired",
		Message: "The sign-in has expired. Renew the access token, or sign in again."}
	ErrInvalid = &events.Fault{Kind: events.Unauthorized, Code: "token-invalid",
		Message: "The access token is not valid here. Sign in again."}
	ErrForbidden = &events.Fault{Kind: events.Forbidden, Code: "not-permitted",
		Message: "This account may not do that."}
	ErrUnavailable = &events.Fault{Kind: events.Unavailable, Code: "sign-in-unavailable",
		Message: "Sign-ins can't be checked now because the issuer does not answer. Try again in a moment."}
)

// Config says whose tokens are accepted. Audience and AuthorizedParties each
// narrow what is accepted when they are set; with neither, ClientID does. At
// least one of the three must be set: a token that the issuer made for another
// application is never good here.
type Config struct {
	// Issuer is the URL under which discovery finds the issuer, exactly as in
	// its tokens' iss claim. Plain http is accepted for loopback hosts only.
	Issuer string
	// ClientID must be in a token's aud, or be its azp or client_id, unless
	// Audience or AuthorizedParties says what to check instead.
	ClientID string
	// Audience, where set, must be in a token's aud.
	Audience string
	// AuthorizedParties, where set, must hold a token's azp. For issuers whose
	// tokens have no dependable aud.
	AuthorizedParties []string
	// RolesClaim names the claim with the roles, a string or a list; dots walk
	// into objects ("realm_access.roles"). Empty means "roles".
	RolesClaim string
	// SubjectIsPlayer takes the subject as the player's id. Only right for the
	// development issuer, whose subjects are well-formed ids; see PlayerOf.
	SubjectIsPlayer bool
	// Now tells the time. Nil means time.Now.
	Now func() time.Time
}

// Validate reports the first thing that is wrong with the configuration.
func (c Config) Validate() error {
	if err := CheckIssuer(c.Issuer); err != nil {
		return err
	}
	if c.ClientID == "" && c.Audience == "" && len(c.AuthorizedParties) == 0 {
		return errors.New("name a client id, an audience or the authorized parties: " +
			"without one, tokens made for other applications would be accepted")
	}
	return nil
}

// CheckIssuer accepts an https URL, or an http URL whose host is loopback,
// without user, query or fragment.
func CheckIssuer(issuer string) error {
	u, err := url.Parse(issuer)
	if err != nil {
		return fmt.Errorf("issuer: %w", err)
	}
	switch {
	case issuer == "":
		return errors.New("issuer is empty: name the URL of the OpenID Connect issuer")
	case u.Host == "" || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return fmt.Errorf("issuer %q: want a URL of scheme, host and path alone", issuer)
	}
	return checkTransport("issuer", u)
}

func checkTransport(what string, u *url.URL) error {
	switch {
	case u.Scheme == "https":
		return nil
	case u.Scheme == "http" && IsLoopback(u.Hostname()):
		return nil
	case u.Scheme == "http":
		return fmt.Errorf("%s %q: plain http is accepted for loopback hosts only, use https", what, u)
	}
	return fmt.Errorf("%s %q: want https", what, u)
}

// IsLoopback reports whether host, without a port, is "localhost" or an
// address of the loopback interface. It never asks the resolver: any other
// name is not loopback, whatever it resolves to today.
func IsLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && addr.Unmap().IsLoopback()
}

// HostOnly strips the port from a host as in a request's Host header.
func HostOnly(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return host
	}
	return strings.Trim(hostport, "[]")
}
