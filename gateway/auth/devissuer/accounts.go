package devissuer

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/gateway/auth"
)

// Account is one who can sign in.
type Account struct {
	Name, Password string
	Role           auth.Role
}

// accounts are fixed from the start on. Their passwords are kept readable,
// because whoever may read the file is whom they are printed for.
type accounts struct {
	all []Account
}

// openAccounts reads the passwords and makes those that are missing.
func openAccounts(dir string, users []User) (*accounts, error) {
	name := filepath.Join(dir, "accounts.json")
	passwords := map[string]string{}
	content, found, err := readPrivate(name)
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	if found {
		if err := json.Unmarshal(content, &passwords); err != nil {
			return nil, fmt.Errorf("read accounts: %s: %w: delete the file to have new passwords made", name, err)
		}
	}
	if passwords == nil { // the file says null
		passwords = map[string]string{}
	}
	a := &accounts{}
	fresh := false
	for _, user := range users {
		if err := checkUser(user, a); err != nil {
			return nil, err
		}
		if passwords[user.Name] == "" {
			passwords[user.Name] = newPassword()
			fresh = true
		}
		a.all = append(a.all, Account{Name: user.Name, Password: passwords[user.Name], Role: user.Role})
	}
	if !fresh {
		return a, nil
	}
	content, err = json.MarshalIndent(passwords, "", "\t")
	if err != nil {
		return nil, fmt.Errorf("write accounts: %w", err)
	}
	if err := writePrivate(name, append(content, '\n')); err != nil {
		return nil, fmt.Errorf("write accounts: %w", err)
	}
	return a, nil
}

func checkUser(user User, known *accounts) error {
	if _, err := events.ParsePlayerID(user.Name); err != nil {
		return fmt.Errorf("account: %w", err)
	}
	if _, ok := auth.ParseRole(string(user.Role)); !ok {
		return fmt.Errorf("account %s: there is no role %q", user.Name, user.Role)
	}
	if _, twice := known.byName(user.Name); twice {
		return fmt.Errorf("account %s is named twice", user.Name)
	}
	return nil
}

func (a *accounts) list() []Account { return slices.Clone(a.all) }

func (a *accounts) byName(name string) (Account, bool) {
	for _, account := range a.all {
		if account.Name == name {
			return account, true
		}
	}
	return Account{}, false
}

// check takes the same time for a wrong password and for an unknown name.
func (a *accounts) check(name, password string) (Account, bool) {
	account, known := a.byName(name)
	given, want := sha256.Sum256([]byte(password)), sha256.Sum256([]byte(account.Password))
	return account, subtle.ConstantTimeCompare(given[:], want[:]) == 1 && known
}

// newPassword returns 60 random bits, to be typed by a person.
func newPassword() string {
	text := strings.ToLower(rand.Text()[:12])
	return text[:4] + "-" + text[4:8] + "-" + text[8:]
}
