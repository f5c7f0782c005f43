package auth

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/playcast/playcast/events"
)

const maxName = 64

// claims are those of a token beside the registered ones the library reads.
type claims struct {
	AuthorizedParty string `json:"azp"`
	ClientID        string `json:"client_id"`
	Login           string `json:"sid"`
	Name            string `json:"name"`
	Preferred       string `json:"preferred_username"`
	CodeHash        string `json:"c_hash"`

	all map[string]any // for the roles, whose place is configured
}

func (c *claims) UnmarshalJSON(data []byte) error {
	type plain claims
	if err := json.Unmarshal(data, (*plain)(c)); err != nil {
		return err
	}
	return json.Unmarshal(data, &c.all)
}

func (v *Verifier) identify(token *oidc.IDToken, c claims) (Identity, error) {
	if token.Subject == "" {
		return Identity{}, fmt.Errorf("%w: no subject", ErrInvalid)
	}
	if token.AccessTokenHash != "" || c.CodeHash != "" {
		return Identity{}, fmt.Errorf("%w: an ID token, which is for the client alone", ErrInvalid)
	}
	if err := v.checkAudience(token.Audience, c); err != nil {
		return Identity{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	player := PlayerOf(token.Issuer, token.Subject)
	if v.config.SubjectIsPlayer {
		var err error
		if player, err = events.ParsePlayerID(token.Subject); err != nil {
			return Identity{}, fmt.Errorf("%w: subject: %w", ErrInvalid, err)
		}
	}
	return Identity{
		Player:  player,
		Name:    displayName(c, player),
		Roles:   rolesAt(c.all, v.config.RolesClaim),
		Expires: token.Expiry,
		Login:   LoginID(c.Login),
	}, nil
}

func (v *Verifier) checkAudience(audience []string, c claims) error {
	client := v.config.ClientID
	switch {
	case v.config.Audience != "" && !slices.Contains(audience, v.config.Audience):
		return errors.New("made for another audience")
	case len(v.config.AuthorizedParties) > 0 && !slices.Contains(v.config.AuthorizedParties, c.AuthorizedParty):
		return errors.New("made for a party that is not authorized")
	case v.config.Audience != "" || len(v.config.AuthorizedParties) > 0:
		return nil
	case slices.Contains(audience, client) || c.AuthorizedParty == client || c.ClientID == client:
		return nil
	}
	return errors.New("made for another client")
}

// displayName keeps what a person chose readable wherever it is shown.
func displayName(c claims, player events.PlayerID) string {
	for _, candidate := range []string{c.Name, c.Preferred} {
		name := strings.Map(func(r rune) rune {
			if unicode.IsPrint(r) {
				return r
			}
			return -1
		}, candidate)
		if runes := []rune(name); len(runes) > maxName {
			name = string(runes[:maxName])
		}
		if name = strings.TrimSpace(name); name != "" {
			return name
		}
	}
	return string(player)
}

// rolesAt reads the roles at a dotted path. Names of other applications' roles
// are passed over; who has none of ours is a player, because whoever the
// issuer signs in for our client is a customer.
func rolesAt(claims map[string]any, path string) []Role {
	var value any = claims
	for step := range strings.SplitSeq(path, ".") {
		object, _ := value.(map[string]any)
		value = object[step]
	}
	var names []any
	switch value := value.(type) {
	case string:
		names = []any{value}
	case []any:
		names = value
	}
	var roles []Role
	for _, name := range names {
		text, _ := name.(string)
		if role, known := ParseRole(text); known && !slices.Contains(roles, role) {
			roles = append(roles, role)
		}
	}
	if roles == nil {
		return []Role{RolePlayer}
	}
	return roles
}
