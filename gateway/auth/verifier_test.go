package auth_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/gateway/auth"
)

func TestVerifyGivesTheIdentity(t *testing.T) {
	i := startedIssuer(t)
	all := i.good(nil)
	id, err := i.verifier(nil).Verify(t.Context(), i.sign(all))
	if err != nil {
		t.Fatal(err)
	}
	if id.Player != auth.PlayerOf(i.url, "user_1") || id.Name != "Ada" || id.Login != "sess_1" ||
		!slices.Equal(id.Roles, []auth.Role{auth.RoleSupport}) || id.Expires.Unix() != all["exp"] {
		t.Errorf("got %+v", id)
	}
}

func TestVerifyRefuses(t *testing.T) {
	i, other := startedIssuer(t), startedIssuer(t)
	good := i.sign(i.good(nil))
	parts := strings.Split(good, ".")
	admin, err := json.Marshal(i.good(claims{"roles": "admin"}))
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	public, err := i.key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		token string
		want  error
	}{
		"no token":          {"", auth.ErrMissing},
		"not a token":       {"hello", auth.ErrInvalid},
		"two dots":          {"..", auth.ErrInvalid},
		"changed claims":    {parts[0] + "." + encode(admin) + "." + parts[2], auth.ErrInvalid},
		"changed signature": {parts[0] + "." + parts[1] + "." + encode(make([]byte, 64)), auth.ErrInvalid},
		"no signature":      {parts[0] + "." + parts[1] + ".", auth.ErrInvalid},
		"alg none":          {encode([]byte(`{"alg":"none"}`)) + "." + parts[1] + ".", auth.ErrInvalid},
		"HMAC with the public key": {sign(t, jose.SigningKey{Algorithm: jose.HS256, Key: public},
			i.good(nil)), auth.ErrInvalid},
		"another issuer's key":  {other.sign(i.good(nil)), auth.ErrInvalid},
		"another issuer":        {i.sign(i.good(claims{"iss": other.url})), auth.ErrInvalid},
		"expired":               {i.sign(i.good(claims{"exp": time.Now().Add(-time.Second).Unix()})), auth.ErrExpired},
		"without an end":        {i.sign(i.good(claims{"exp": nil})), auth.ErrExpired},
		"not yet":               {i.sign(i.good(claims{"nbf": time.Now().Add(time.Hour).Unix()})), auth.ErrInvalid},
		"another audience":      {i.sign(i.good(claims{"aud": "shop"})), auth.ErrInvalid},
		"no audience":           {i.sign(i.good(claims{"aud": nil})), auth.ErrInvalid},
		"no subject":            {i.sign(i.good(claims{"sub": nil})), auth.ErrInvalid},
		"an ID token":           {i.sign(i.good(claims{"at_hash": "x"})), auth.ErrInvalid},
		"too long":              {i.sign(i.good(claims{"x": strings.Repeat("x", 20<<10)})), auth.ErrInvalid},
		"claims of other types": {i.sign(i.good(claims{"name": 7})), auth.ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			// A verifier each: bad signatures spend the budget of asking for keys.
			id, err := i.verifier(nil).Verify(t.Context(), c.token)
			if !errors.Is(err, c.want) || id.Player != "" {
				t.Errorf("got %+v, %v", id, err)
			}
			var fault *events.Fault
			if !errors.As(err, &fault) || fault.Kind != events.Unauthorized || fault.Message == "" {
				t.Errorf("not a fault: %v", err)
			}
		})
	}
}

func TestExpiryFollowsTheClock(t *testing.T) {
	i := startedIssuer(t)
	now := time.Now()
	v := i.verifier(func(c *auth.Config) { c.Now = func() time.Time { return now } })
	token := i.sign(i.good(nil))
	if _, err := v.Verify(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	now = now.Add(2 * time.Minute)
	if _, err := v.Verify(t.Context(), token); !errors.Is(err, auth.ErrExpired) {
		t.Errorf("got %v", err)
	}
}

func TestWhomTokensAreFor(t *testing.T) {
	i := startedIssuer(t)
	parties := func(c *auth.Config) {
		*c = auth.Config{Issuer: i.url, ClientID: "web", AuthorizedParties: []string{"https://play.example.com"}}
	}
	client := func(c *auth.Config) { *c = auth.Config{Issuer: i.url, ClientID: "web"} }
	both := func(c *auth.Config) { c.AuthorizedParties = []string{"https://play.example.com"} }
	for name, c := range map[string]struct {
		config func(*auth.Config)
		claims claims
		want   error
	}{
		"azp allowed, no aud":       {parties, claims{"aud": nil}, nil},
		"azp of somebody else":      {parties, claims{"azp": "https://evil.example"}, auth.ErrInvalid},
		"no azp":                    {parties, claims{"azp": nil}, auth.ErrInvalid},
		"aud right, azp wrong":      {both, claims{"azp": "https://evil.example"}, auth.ErrInvalid},
		"aud wrong, azp right":      {both, claims{"aud": "shop"}, auth.ErrInvalid},
		"both right":                {both, claims{"aud": []string{"shop", "playcast"}}, nil},
		"client in aud":             {client, claims{"aud": []string{"web"}}, nil},
		"client is azp":             {client, claims{"azp": "web"}, nil},
		"client is client_id":       {client, claims{"client_id": "web"}, nil},
		"client is somebody else's": {client, claims{"client_id": "shop"}, auth.ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := i.verifier(c.config).Verify(t.Context(), i.sign(i.good(c.claims)))
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestIssuerMayStartLater(t *testing.T) {
	i := startedIssuer(t)
	i.down.Store(true)
	v := i.verifier(nil)
	token := i.sign(i.good(nil))
	var fault *events.Fault
	if _, err := v.Verify(t.Context(), token); !errors.As(err, &fault) || fault.Kind != events.Unavailable {
		t.Fatalf("before the issuer is up: %v", err)
	}
	i.down.Store(false)
	if _, err := v.Verify(t.Context(), token); err != nil {
		t.Errorf("after: %v", err)
	}
}

func TestNobodyListens(t *testing.T) {
	i := newIssuer(t)
	i.listener.Close()
	if _, err := i.verifier(nil).Verify(t.Context(), i.sign(i.good(nil))); !errors.Is(err, auth.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

func TestIssuerDownForKeys(t *testing.T) {
	i := startedIssuer(t)
	v := i.verifier(nil)
	token := i.sign(i.good(nil))
	if _, err := v.Verify(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	i.down.Store(true)
	if _, err := v.Verify(t.Context(), token); err != nil {
		t.Errorf("known keys are kept: %v", err)
	}
	i.newKey("second")
	renewed := i.sign(i.good(nil))
	if _, err := v.Verify(t.Context(), renewed); !errors.Is(err, auth.ErrUnavailable) {
		t.Errorf("an unknown key while the issuer is down: %v", err)
	}
	i.down.Store(false)
	if _, err := v.Verify(t.Context(), renewed); err != nil {
		t.Errorf("a new key: %v", err)
	}
}

func TestBadSignaturesDoNotFloodTheIssuer(t *testing.T) {
	i, other := startedIssuer(t), startedIssuer(t)
	v := i.verifier(nil)
	forged, good := other.sign(i.good(nil)), i.sign(i.good(nil))
	if _, err := v.Verify(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	for range 200 {
		if _, err := v.Verify(t.Context(), forged); err == nil {
			t.Fatal("a forged token was accepted")
		}
	}
	if asked := i.asked.Load(); asked > 30 {
		t.Errorf("the issuer was asked %d times", asked)
	}
	if _, err := v.Verify(t.Context(), good); err != nil {
		t.Errorf("a good token meanwhile: %v", err)
	}
}

func TestACanceledRequestDoesNotWait(t *testing.T) {
	i := newIssuer(t) // takes connections and never answers
	v := i.verifier(nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := v.Verify(ctx, i.sign(i.good(nil))); !errors.Is(err, context.Canceled) || !errors.Is(err, auth.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	i.listener.Close()
}

func TestKeysComeOverASafeWay(t *testing.T) {
	i := startedIssuer(t)
	i.jwksURL = "http://keys.example.com/keys"
	if _, err := i.verifier(nil).Verify(t.Context(), i.sign(i.good(nil))); !errors.Is(err, auth.ErrUnavailable) ||
		!strings.Contains(err.Error(), "plain http") {
		t.Errorf("got %v", err)
	}
}

func TestRolesAreFoundWhereConfigured(t *testing.T) {
	i := startedIssuer(t)
	for name, c := range map[string]struct {
		path  string
		value claims
		want  []auth.Role
	}{
		"a list":                {"", claims{"roles": []string{"player", "support"}}, []auth.Role{"player", "support"}},
		"a word":                {"role", claims{"role": "analyst"}, []auth.Role{"analyst"}},
		"inside":                {"realm_access.roles", claims{"realm_access": claims{"roles": []string{"admin"}}}, []auth.Role{"admin"}},
		"others' are passed by": {"", claims{"roles": []any{"offline", "support", 7, "support"}}, []auth.Role{"support"}},
		"none of ours":          {"", claims{"roles": []string{"offline"}}, []auth.Role{"player"}},
		"no such claim":         {"a.b.c", nil, []auth.Role{"player"}},
		"no object on the way":  {"name.x", nil, []auth.Role{"player"}},
	} {
		t.Run(name, func(t *testing.T) {
			v := i.verifier(func(config *auth.Config) { config.RolesClaim = c.path })
			id, err := v.Verify(t.Context(), i.sign(i.good(c.value)))
			if err != nil || !slices.Equal(id.Roles, c.want) {
				t.Errorf("got %v, %v", id.Roles, err)
			}
		})
	}
}

func TestNamesAreFitToShow(t *testing.T) {
	i := startedIssuer(t)
	v := i.verifier(nil)
	for name, c := range map[string]struct {
		claims claims
		want   string
	}{
		"preferred": {claims{"name": " ", "preferred_username": "ada"}, "ada"},
		"none":      {claims{"name": nil}, string(auth.PlayerOf(i.url, "user_1"))},
		"control":   {claims{"name": "A\u202eda\n\x00"}, "Ada"},
		"long":      {claims{"name": strings.Repeat("ä", 100)}, strings.Repeat("ä", 64)},
	} {
		t.Run(name, func(t *testing.T) {
			id, err := v.Verify(t.Context(), i.sign(i.good(c.claims)))
			if err != nil || id.Name != c.want {
				t.Errorf("got %q, %v", id.Name, err)
			}
		})
	}
}

func TestSubjectIsPlayerWantsAnID(t *testing.T) {
	i := startedIssuer(t)
	v := i.verifier(func(c *auth.Config) { c.SubjectIsPlayer = true })
	id, err := v.Verify(t.Context(), i.sign(i.good(claims{"sub": "player1"})))
	if err != nil || id.Player != "player1" {
		t.Errorf("got %+v, %v", id, err)
	}
	if _, err := v.Verify(t.Context(), i.sign(i.good(claims{"sub": "../player1"}))); !errors.Is(err, auth.ErrInvalid) {
		t.Errorf("got %v", err)
	}
}
