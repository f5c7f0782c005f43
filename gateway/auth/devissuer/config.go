package devissuer

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/playcast/playcast/gateway/auth"
)

// User is an account to have.
type User struct {
	Name string // also the subject of its tokens; the form of a player id
	Role auth.Role
}

// DefaultUsers returns the accounts of a Config that names none.
func DefaultUsers() []User {
	return []User{
		{"player1", auth.RolePlayer}, {"player2", auth.RolePlayer},
		{"support1", auth.RoleSupport}, {"analyst1", auth.RoleAnalyst},
	}
}

// Config describes the issuer.
type Config struct {
	// Issuer is the URL it answers under, on a loopback host, with the path it
	// is mounted at: http://localhost:8080/dev.
	Issuer string
	// Dir holds its files. It is made if missing.
	Dir string
	// RedirectURIs and PostLogoutURIs are where the page may be sent back to,
	// compared exactly, on loopback hosts. One redirect URI is required. Their
	// origins may call the issuer from a page (CORS).
	RedirectURIs, PostLogoutURIs []string
	// Users are the accounts. Nil means DefaultUsers.
	Users []User
	// Now tells the time for limits and for the life of what is kept. Nil
	// means time.Now. The times in tokens are always the machine's.
	Now func() time.Time
}

// Validate reports the first thing that is wrong with the configuration.
func (c Config) Validate() error {
	if err := auth.CheckIssuer(c.Issuer); err != nil {
		return err
	}
	if c.Dir == "" {
		return errors.New("name the directory to keep the signing key and the accounts in")
	}
	if len(c.RedirectURIs) == 0 {
		return errors.New("name at least one redirect URI")
	}
	for _, uri := range append([]string{c.Issuer}, append(c.RedirectURIs, c.PostLogoutURIs...)...) {
		u, err := url.Parse(uri)
		if err != nil {
			return err
		}
		if u.Scheme != "http" && u.Scheme != "https" || !auth.IsLoopback(u.Hostname()) {
			return fmt.Errorf("%q: want an http URL on a loopback host", uri)
		}
	}
	return nil
}

// path returns the path of the issuer's URL, without a slash at the end.
func (c Config) path() string {
	u, err := url.Parse(c.Issuer)
	if err != nil {
		return "" // Validate has refused it
	}
	return strings.TrimSuffix(u.Path, "/")
}

// VerifierConfig returns what a gateway accepts the tokens of issuer by.
func VerifierConfig(issuer string) auth.Config {
	return auth.Config{Issuer: issuer, ClientID: ClientID, Audience: Audience, SubjectIsPlayer: true}
}

func (c Config) secure() bool { return strings.HasPrefix(c.Issuer, "https://") }

// origins returns the distinct origins of URLs that Validate has accepted.
func origins(uris []string) []string {
	var all []string
	seen := map[string]bool{}
	for _, uri := range uris {
		u, err := url.Parse(uri)
		if err != nil {
			continue
		}
		if origin := u.Scheme + "://" + u.Host; !seen[origin] {
			seen[origin] = true
			all = append(all, origin)
		}
	}
	return all
}
