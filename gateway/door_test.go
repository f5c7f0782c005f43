package gateway_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/playcast/playcast/gateway"
	"github.com/playcast/playcast/gateway/auth"
	"github.com/playcast/playcast/gateway/auth/devissuer"
)

func TestAPlayerMayAskAHundredTimesAMinute(t *testing.T) {
	t.Parallel()
	s := newStack(t, func(with *setup) { with.gateway.RequestsPerMinute = 0 })
	player := s.as(t, "player1")
	began, n := time.Now(), 0
	got := player.get("/v1/me")
	for ; got.status == http.StatusOK; n++ {
		got = player.get("/v1/me")
	}
	got.refused(http.StatusTooManyRequests, "too-many-requests")
	if refilled := int(time.Since(began).Minutes()*100) + 1; n < 100 || n > 100+refilled {
		t.Errorf("%d requests were answered", n)
	}
	if got.header.Get("Retry-After") != "1" { // there is a token each 0.6 s
		t.Errorf("Retry-After is %q", got.header.Get("Retry-After"))
	}
	if got := s.as(t, "player2").get("/v1/me"); got.status != http.StatusOK {
		t.Errorf("another player got %d", got.status)
	}
	s.with(t, "").get("/v1/me").refused(http.StatusUnauthorized, "sign-in-required")
}

func TestACommandTooManyIsNotCarriedOut(t *testing.T) {
	t.Parallel()
	s := newStack(t, func(with *setup) { with.gateway.RequestsPerMinute = 1 })
	player := s.as(t, "player1")
	player.request()
	s.appendsNothing(t, func() {
		got := player.do(ask{method: http.MethodPost, path: "/v1/sessions", body: `{"game":"doom"}`})
		got.refused(http.StatusTooManyRequests, "too-many-requests")
		if seconds, err := strconv.Atoi(got.header.Get("Retry-After")); err != nil || seconds < 1 || seconds > 60 {
			t.Errorf("Retry-After is %q", got.header.Get("Retry-After"))
		}
	})
}

func TestHeadersKeepAPageToItself(t *testing.T) {
	t.Parallel()
	s := newStack(t, func(with *setup) { with.gateway.Issuer = "https://id.example.org/realm" })
	visitor := s.with(t, "")
	for _, path := range []string{"/", "/v1/config", "/v1/nothing", "/no-such.file"} {
		header := visitor.get(path).header
		policy := header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'self'", "connect-src 'self' https://id.example.org;", "frame-ancestors 'none'",
			"object-src 'none'", "base-uri 'none'"} {
			if !strings.Contains(policy, part) {
				t.Errorf("%s: the policy %q lacks %q", path, policy, part)
			}
		}
		if header.Get("X-Content-Type-Options") != "nosniff" || header.Get("Referrer-Policy") != "same-origin" ||
			!strings.Contains(header.Get("Permissions-Policy"), "camera=()") {
			t.Errorf("%s: got %v", path, header)
		}
	}
}

func TestPagesAreSentToThePublicName(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	visitor := s.with(t, "")
	other := map[string]string{"Host": "other.example:1"}
	for path, want := range map[string]string{
		"/":                  s.url + "/",
		"/play/a?b=c%20d":    s.url + "/play/a?b=c%20d",
		"/a%2fb":             s.url + "/a%2fb",
		"/assets/missing.js": s.url + "/assets/missing.js",
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			got := visitor.do(ask{method: method, path: path, header: other})
			if got.status != http.StatusTemporaryRedirect || got.header.Get("Location") != want {
				t.Errorf("%s %s: got %d to %q", method, path, got.status, got.header.Get("Location"))
			}
		}
		if got := visitor.do(ask{method: http.MethodPut, path: path, header: other}); got.status != http.StatusMethodNotAllowed {
			t.Errorf("PUT %s: got %d", path, got.status)
		}
		if got := visitor.get(path); got.status == http.StatusTemporaryRedirect {
			t.Errorf("%s is sent away from the public name", path)
		}
	}
	for path, want := range map[string]int{"/v1/config": http.StatusOK, "/v1/nothing": http.StatusNotFound, "/healthz": http.StatusNoContent} {
		if got := visitor.do(ask{method: http.MethodGet, path: path, header: other}); got.status != want {
			t.Errorf("%s: got %d", path, got.status)
		}
	}
}

func TestTheDevelopmentIssuerIsServedBeside(t *testing.T) {
	t.Parallel()
	var issuer *devissuer.Issuer
	s := newStack(t, func(with *setup) {
		public := with.gateway.PublicURL
		var err error
		issuer, err = devissuer.New(devissuer.Config{Issuer: public + "/dev", Dir: t.TempDir(), RedirectURIs: []string{public + "/signed-in"}})
		if err != nil {
			t.Fatal(err)
		}
		with.gateway.Issuer, with.gateway.DevIssuer, with.gateway.DevPattern = public+"/dev", issuer, issuer.Pattern()
		with.verify = func(c *auth.Config) { *c = devissuer.VerifierConfig(public + "/dev") }
	})
	player := s.with(t, signIn(t, issuer, s.url+"/dev", s.url+"/signed-in", "player2"))
	var me struct{ Player string }
	player.get("/v1/me").into(http.StatusOK, &me)
	if me.Player != "player2" {
		t.Errorf("got %+v", me)
	}
	s.as(t, "player2").get("/v1/me").refused(http.StatusUnauthorized, "token-invalid") // another issuer's
}

func TestTheConfigurationIsChecked(t *testing.T) {
	t.Parallel()
	good := gateway.Config{PublicURL: "https://play.example.org", Issuer: "https://id.example.org", ClientID: "c", Scopes: "openid"}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*gateway.Config){
		"no public URL":    func(c *gateway.Config) { c.PublicURL = "" },
		"a path":           func(c *gateway.Config) { c.PublicURL += "/play" },
		"no scheme":        func(c *gateway.Config) { c.PublicURL = "play.example.org" },
		"no issuer":        func(c *gateway.Config) { c.Issuer = "" },
		"no client":        func(c *gateway.Config) { c.ClientID = "" },
		"no scopes":        func(c *gateway.Config) { c.Scopes = "" },
		"a negative limit": func(c *gateway.Config) { c.RequestsPerMinute = -1 },
	} {
		config := good
		change(&config)
		if err := config.Validate(); err == nil {
			t.Errorf("%s: it is valid", name)
		}
		if _, err := gateway.New(config, gateway.Parts{}); err == nil {
			t.Errorf("%s: there is a gateway", name)
		}
	}
}
