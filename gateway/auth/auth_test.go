package auth_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/gateway/auth"
)

func TestPlayerOf(t *testing.T) {
	got := auth.PlayerOf("https://issuer.example", "auth0|5f7c8ec7")
	if got != "bc836c27-4db5-511a-afad-68fe12ac68b8" {
		t.Errorf("got %s: a player's id must never change", got)
	}
	if _, err := events.ParsePlayerID(string(got)); err != nil {
		t.Error(err)
	}
	if auth.PlayerOf("https://other.example", "auth0|5f7c8ec7") == got {
		t.Error("two issuers share a player")
	}
}

func TestConfigIsChecked(t *testing.T) {
	for name, c := range map[string]struct {
		config auth.Config
		want   string // "" means accepted
	}{
		"https":                {auth.Config{Issuer: "https://issuer.example/x", ClientID: "web"}, ""},
		"http on this machine": {auth.Config{Issuer: "http://localhost:8080/dev", ClientID: "web"}, ""},
		"http on IPv6":         {auth.Config{Issuer: "http://[::1]:8080/dev", ClientID: "web"}, ""},
		"parties alone":        {auth.Config{Issuer: "https://issuer.example", AuthorizedParties: []string{"x"}}, ""},
		"http elsewhere":       {auth.Config{Issuer: "http://issuer.example", ClientID: "web"}, "https"},
		"http that looks near": {auth.Config{Issuer: "http://localhost.example", ClientID: "web"}, "https"},
		"another scheme":       {auth.Config{Issuer: "ftp://localhost", ClientID: "web"}, "https"},
		"no issuer":            {auth.Config{ClientID: "web"}, "empty"},
		"not a URL":            {auth.Config{Issuer: "http://[", ClientID: "web"}, "issuer"},
		"no host":              {auth.Config{Issuer: "issuer", ClientID: "web"}, "scheme, host"},
		"a query":              {auth.Config{Issuer: "https://issuer.example/?a=b", ClientID: "web"}, "scheme, host"},
		"a password":           {auth.Config{Issuer: "https://a:b@issuer.example", ClientID: "web"}, "scheme, host"},
		"for anybody":          {auth.Config{Issuer: "https://issuer.example"}, "client id"},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.config.Validate()
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v", err)
			}
			if _, newErr := auth.New(c.config); (newErr == nil) != (err == nil) {
				t.Errorf("New: %v, Validate: %v", newErr, err)
			}
		})
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	order := []auth.Permission{auth.PlaySessions, auth.ReadOwn, auth.ReadAnySession, auth.EndAnySession,
		auth.ReadAnyAccount, auth.ReadPlatform, auth.ReadHistory, auth.ManagePlatform, auth.WatchRecording}
	for role, want := range map[auth.Role]string{
		auth.RolePlayer:  "yy.......",
		auth.RoleSupport: "yyyyyy..y",
		auth.RoleAnalyst: ".yy..yy..",
		auth.RoleAdmin:   "yyyyyyyyy",
		"stranger":       ".........",
	} {
		got := ""
		for _, permission := range order {
			if role.May(permission) {
				got += "y"
			} else {
				got += "."
			}
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", role, got, want)
		}
	}
}

func TestRequire(t *testing.T) {
	id := auth.Identity{Roles: []auth.Role{auth.RolePlayer, auth.RoleAnalyst}}
	if err := id.Require(auth.ReadHistory); err != nil {
		t.Errorf("by the second role: %v", err)
	}
	if err := id.Require(auth.EndAnySession); !errors.Is(err, auth.ErrForbidden) || !strings.Contains(err.Error(), "end any session") {
		t.Errorf("got %v", err)
	}
}

func TestVerifyRequest(t *testing.T) {
	i := startedIssuer(t)
	good := i.sign(i.good(nil))
	verifier := i.verifier(nil)
	for name, c := range map[string]struct {
		headers         []string
		want, challenge string
	}{
		"good":          {[]string{"Bearer " + good}, "Ada", ""},
		"lower case":    {[]string{"bearer " + good}, "Ada", ""},
		"none":          {nil, "sign-in-required", `Bearer realm="playcast"`},
		"empty":         {[]string{"Bearer "}, "sign-in-required", `Bearer realm="playcast"`},
		"another kind":  {[]string{"Basic " + good}, "token-invalid", `Bearer realm="playcast", error="invalid_token"`},
		"two":           {[]string{"Bearer " + good, "Bearer x"}, "token-invalid", `Bearer realm="playcast", error="invalid_token"`},
		"with a suffix": {[]string{"Bearer " + good + " x"}, "token-invalid", `Bearer realm="playcast", error="invalid_token"`},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/v1/sessions", nil)
			r.Header["Authorization"] = c.headers
			id, err := verifier.VerifyRequest(r)
			got, challenge := id.Name, ""
			if err != nil {
				var fault *events.Fault
				if !errors.As(err, &fault) {
					t.Fatalf("not a fault: %v", err)
				}
				got, challenge = fault.Code, auth.Challenge(err)
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if challenge != c.challenge {
				t.Errorf("challenge: got %q", challenge)
			}
		})
	}
}
