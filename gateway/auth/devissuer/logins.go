package devissuer

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/playcast/playcast/gateway/auth"
)

const (
	loginLifetime = 30 * 24 * time.Hour // without a renewal
	// rotationGrace is how long an old refresh token is refused without being
	// taken for a stolen one: two tabs may renew at the same moment.
	rotationGrace = 10 * time.Second
	maxLogins     = 1_000
)

var (
	errRefused   = errors.New("the refresh token is not valid any more")
	errUnchanged = errors.New("nothing to change")
)

// login is a sign-in that can be renewed. It keeps hashes: the file alone lets
// nobody in.
type login struct {
	grant
	Current  string    `json:"current"`            // hash of the refresh token's secret
	Previous string    `json:"previous,omitempty"` // hash of the one before
	Rotated  time.Time `json:"rotated"`
}

// logins holds what can be renewed, by family: one family has all the refresh
// tokens that came of one sign-in, of which the newest alone is good. A token
// is "family.secret". Showing an older one again ends the family (RFC 9700,
// section 4.14.2), because then somebody has a copy.
//
// Each change is written to the file before it takes effect. When there are
// maxLogins, the one renewed longest ago makes room.
type logins struct {
	file string
	now  func() time.Time

	mu       sync.Mutex
	byFamily map[string]login // replaced as a whole, never changed
}

func openLogins(dir string, now func() time.Time) (*logins, error) {
	l := &logins{file: filepath.Join(dir, "logins.json"), now: now, byFamily: map[string]login{}}
	content, found, err := readPrivate(l.file)
	if err != nil {
		return nil, fmt.Errorf("read sign-ins: %w", err)
	}
	if !found {
		return l, nil
	}
	if err := json.Unmarshal(content, &l.byFamily); err != nil {
		return nil, fmt.Errorf("read sign-ins: %s: %w: delete the file, and everybody signs in again", l.file, err)
	}
	if l.byFamily == nil { // the file says null
		l.byFamily = map[string]login{}
	}
	return l, nil
}

// start returns the first refresh token of a grant.
func (l *logins) start(g grant) (token string, err error) {
	family, secret := rand.Text(), rand.Text()
	err = l.change(func(next map[string]login) error {
		oldest := ""
		for family, login := range next {
			if oldest == "" || login.Rotated.Before(next[oldest].Rotated) {
				oldest = family
			}
		}
		if len(next) >= maxLogins {
			delete(next, oldest)
		}
		next[family] = login{grant: g, Current: hash(secret), Rotated: l.now()}
		return nil
	})
	return family + "." + secret, err
}

// check returns the grant of a refresh token, or errRefused.
func (l *logins) check(token string) (grant, error) {
	family, secret, _ := strings.Cut(token, ".")
	l.mu.Lock()
	found, ok := l.byFamily[family]
	l.mu.Unlock()
	switch {
	case !ok || l.expired(found):
		return grant{}, errRefused
	case same(found.Current, secret):
		return found.grant, nil
	case same(found.Previous, secret) && l.now().Sub(found.Rotated) < rotationGrace:
		return grant{}, errRefused
	}
	return grant{}, errors.Join(errRefused, l.end(func(of string, _ login) bool { return of == family }))
}

// rotate exchanges a refresh token for the next one.
func (l *logins) rotate(token string) (next string, err error) {
	family, secret, _ := strings.Cut(token, ".")
	fresh := rand.Text()
	err = l.change(func(next map[string]login) error {
		found, ok := next[family]
		if !ok || !same(found.Current, secret) {
			return errRefused // another request was faster
		}
		found.Current, found.Previous, found.Rotated = hash(fresh), found.Current, l.now()
		next[family] = found
		return nil
	})
	return family + "." + fresh, err
}

// end ends every login that matches. Where none does, nothing is written:
// anybody may ask to revoke a token that is not one.
func (l *logins) end(match func(family string, of login) bool) error {
	err := l.change(func(next map[string]login) error {
		before := len(next)
		if maps.DeleteFunc(next, match); len(next) == before {
			return errUnchanged
		}
		return nil
	})
	if errors.Is(err, errUnchanged) {
		return nil
	}
	return err
}

func (l *logins) endLogin(id auth.LoginID) error {
	return l.end(func(_ string, of login) bool { return of.Login == id })
}

// change applies to a copy, keeps the copy on disk, and then lets it count.
func (l *logins) change(apply func(next map[string]login) error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	next := maps.Clone(l.byFamily)
	maps.DeleteFunc(next, func(_ string, of login) bool { return l.expired(of) })
	if err := apply(next); err != nil {
		return err
	}
	content, err := json.Marshal(next)
	if err != nil {
		return fmt.Errorf("write sign-ins: %w", err)
	}
	if err := writePrivate(l.file, content); err != nil {
		return fmt.Errorf("write sign-ins: %w", err)
	}
	l.byFamily = next
	return nil
}

func (l *logins) expired(of login) bool { return l.now().Sub(of.Rotated) >= loginLifetime }

func hash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func same(hashed, secret string) bool {
	return hashed != "" && subtle.ConstantTimeCompare([]byte(hashed), []byte(hash(secret))) == 1
}
