package node

import (
	"bufio"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"

	"golang.org/x/crypto/bcrypt"
)

// A User may sign in with the password that Hash was made of.
type User struct {
	Name  string
	Hash  string // of HashPassword, or of any other bcrypt
	Roles []string
}

// HashPassword makes the Hash of a User. bcrypt takes 72 bytes at most.
func HashPassword(password string) (string, error) {
	if password == "" {
		return "", errors.New("an empty password is none")
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost)
	return string(hash), err
}

// String is the user's line in a file of users.
func (u User) String() string { return u.Name + ":" + u.Hash + ":" + strings.Join(u.Roles, ",") }

func (u User) validate() error {
	switch {
	case u.Name == "" || strings.ContainsAny(u.Name, ":\n\r") || strings.HasPrefix(u.Name, "$"):
		return fmt.Errorf("user %q: a name is not empty, has no colon and does not begin with $", u.Name)
	case slices.Contains(u.Roles, RoleAll):
		return fmt.Errorf("user %q: everyone has the role %s: it is not given", u.Name, RoleAll)
	}
	if _, err := bcrypt.Cost([]byte(u.Hash)); err != nil {
		return fmt.Errorf("user %q: the hash of the password is none of bcrypt: %w", u.Name, err)
	}
	return nil
}

// ReadUsers reads users, one a line, as name:hash:role,role. Empty lines and
// those that begin with # are passed over.
func ReadUsers(from io.Reader) ([]User, error) {
	var all []User
	scanner := bufio.NewScanner(from)
	for number := 1; scanner.Scan(); number++ {
		line := strings.TrimSpace(scanner.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.Split(line, ":")
		if len(parts) != 3 {
			return nil, fmt.Errorf("line %d is not name:hash:role,role", number)
		}
		u := User{Name: parts[0], Hash: parts[1], Roles: strings.FieldsFunc(parts[2], func(r rune) bool { return r == ',' || r == ' ' })}
		if err := u.validate(); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		all = append(all, u)
	}
	return all, scanner.Err()
}

func readUsersFile(name string) ([]User, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("node: read users: %w", err)
	}
	defer f.Close()
	all, err := ReadUsers(f)
	if err != nil {
		return nil, fmt.Errorf("node: read users: %s: %w", name, err)
	}
	return all, nil
}

// users checks passwords. bcrypt is slow on purpose, so that what it has found
// right is remembered, under a key that only this process knows.
type users struct {
	byName map[string]User
	nobody User          // what an unknown name is compared with, to take as long
	turns  chan struct{} // at most so many comparisons at once: the rest wait
	secret []byte

	mu    sync.Mutex
	known map[[sha256.Size]byte]User // bounded by knownLogins; started again when full
}

const (
	loginsAtOnce = 2
	knownLogins  = 1024
)

func newUsers(all []User) (*users, error) {
	u := &users{
		byName: map[string]User{}, turns: make(chan struct{}, loginsAtOnce),
		secret: make([]byte, 32), known: map[[sha256.Size]byte]User{},
	}
	for _, one := range all {
		if err := one.validate(); err != nil {
			return nil, fmt.Errorf("node: %w", err)
		}
		if _, twice := u.byName[one.Name]; twice {
			return nil, fmt.Errorf("node: there are two users %q", one.Name)
		}
		u.byName[one.Name] = one
	}
	if _, err := rand.Read(u.secret); err != nil {
		return nil, err
	}
	hash, err := HashPassword(rand.Text())
	u.nobody = User{Hash: hash}
	return u, err
}

// signIn finds the user with this name and password; false where there is none.
func (u *users) signIn(ctx context.Context, name, password string) (User, bool, error) {
	mac := hmac.New(sha256.New, u.secret)
	fmt.Fprintf(mac, "%d:%s:%s", len(name), name, password)
	key := [sha256.Size]byte(mac.Sum(nil))
	u.mu.Lock()
	found, ok := u.known[key]
	u.mu.Unlock()
	if ok {
		return found, true, nil
	}
	select {
	case u.turns <- struct{}{}:
		defer func() { <-u.turns }()
	case <-ctx.Done():
		return User{}, false, ctx.Err()
	}
	found, ok = u.byName[name]
	if !ok {
		found = u.nobody
	}
	if bcrypt.CompareHashAndPassword([]byte(found.Hash), []byte(password)) != nil || !ok {
		return User{}, false, nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.known) >= knownLogins {
		clear(u.known)
	}
	u.known[key] = found
	return found, true, nil
}

// has says whether the user has the role, or is named by it.
func (u User) has(role string) bool {
	return role == RoleAll || role == u.Name || slices.Contains(u.Roles, role)
}

// plays says whether the user has the role. A user can't be named like one of
// the roles that begin with $, but can be named "reader".
func (u User) plays(role string) bool { return slices.Contains(u.Roles, role) }
