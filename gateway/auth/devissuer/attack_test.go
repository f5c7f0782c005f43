package devissuer_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/playcast/playcast/gateway/auth/devissuer"
)

func TestAuthorizeRefuses(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	for name, c := range map[string]struct {
		change url.Values
		want   string // in the redirect back, or in the body where there is none
	}{
		"no PKCE":          {url.Values{"code_challenge": {""}}, "code_challenge"},
		"plain PKCE":       {url.Values{"code_challenge_method": {"plain"}}, "code_challenge"},
		"implicit flow":    {url.Values{"response_type": {"id_token token"}}, "unauthorized_client"},
		"no openid":        {url.Values{"scope": {"profile"}}, "invalid_scope"},
		"silent sign-in":   {url.Values{"prompt": {"none"}}, "login_required"},
		"another client":   {url.Values{"client_id": {"other"}}, "client"},
		"another redirect": {url.Values{"redirect_uri": {"https://evil.example/"}}, "redirect_uri"},
		"encoded redirect": {url.Values{"redirect_uri": {url.QueryEscape(w.origin + callback)}}, "redirect_uri"},
	} {
		t.Run(name, func(t *testing.T) {
			got := b.get(b.authorizeURL(c.change))
			back := got.Header.Get("Location")
			if strings.Contains(back, "/login") || strings.Contains(back, "evil") {
				t.Fatalf("sent to %s", back)
			}
			if !strings.Contains(back+got.body, c.want) {
				t.Errorf("got %s, %s, %s", got.Status, back, got.body)
			}
		})
	}
}

func TestACodeIsGoodOnceAndWithItsVerifierAlone(t *testing.T) {
	w := newWorld(t)
	b := w.browser()

	code := b.code("player1")
	thief := w.browser()
	if got := thief.exchange(code); got.Error != "invalid_grant" {
		t.Errorf("with another verifier: %+v", got)
	}
	if got := b.exchange(code); got.Error != "invalid_grant" {
		t.Errorf("after somebody tried it: %+v", got)
	}

	code = b.code("player1")
	if got := b.exchange(code); got.Access == "" {
		t.Fatalf("got %+v", got)
	}
	if got := b.exchange(code); got.Error != "invalid_grant" {
		t.Errorf("the second time: %+v", got)
	}

	code = b.code("player1")
	w.clock.advance(2 * time.Minute)
	if got := b.exchange(code); got.Error != "invalid_grant" {
		t.Errorf("too late: %+v", got)
	}
}

// Somebody starts a sign-in, has another person finish it, and wants the code.
func TestASignInBelongsToItsBrowser(t *testing.T) {
	w := newWorld(t)
	attacker, victim := w.browser(), w.browser()
	request := attacker.openLogin()
	victim.openLogin() // has a cookie of its own
	for name, b := range map[string]*browser{"with another cookie": victim, "with none": w.browser()} {
		if got := b.get(w.url + "/login?request=" + request); got.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: login page: %s", name, got.Status)
		}
		if got := b.submit(request, "player1", w.password("player1")); got.StatusCode != http.StatusBadRequest ||
			!strings.Contains(got.body, "This sign-in is over") {
			t.Errorf("%s: form: %s", name, got.Status)
		}
	}

	request = victim.openLogin()
	if got := victim.submit(request, "player1", w.password("player1")); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("got %s", got.Status)
	}
	got := attacker.get(w.url + "/authorize/callback?id=" + request)
	if strings.Contains(got.Header.Get("Location"), "code=") || got.StatusCode != http.StatusBadRequest {
		t.Errorf("the attacker got %s, %s", got.Status, got.Header.Get("Location"))
	}
}

func TestASignInExpires(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	request := b.openLogin()
	w.clock.advance(11 * time.Minute)
	if got := b.submit(request, "player1", w.password("player1")); got.StatusCode != http.StatusBadRequest {
		t.Errorf("got %s", got.Status)
	}
	if got := b.get(w.url + "/authorize/callback?id=" + request); got.StatusCode != http.StatusBadRequest {
		t.Errorf("got %s", got.Status)
	}
}

func TestAFormFromElsewhereIsRefused(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	form := url.Values{"request": {b.openLogin()}, "username": {"player1"}, "password": {w.password("player1")}}
	r, err := http.NewRequest(http.MethodPost, w.url+"/login", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if got := b.do(r); got.StatusCode != http.StatusForbidden {
		t.Errorf("got %s", got.Status)
	}
}

func TestTheLoginPageIsClosed(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	page := b.get(b.get(b.authorizeURL(nil)).location(t).String())
	policy := page.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "style-src 'sha256-", "form-action 'self' " + w.origin} {
		if !strings.Contains(policy, want) {
			t.Errorf("policy %q lacks %q", policy, want)
		}
	}
	if page.Header.Get("Cache-Control") != "no-store" || strings.Contains(page.body, "<script") {
		t.Errorf("headers %v", page.Header)
	}
	got := b.submit(b.openLogin(), `"><script>alert(1)</script>`, "x")
	if strings.Contains(got.body, "<script") {
		t.Error("a typed name became markup")
	}
	if got := b.submit(b.openLogin(), "player1", strings.Repeat("x", 100<<10)); got.StatusCode != http.StatusBadRequest {
		t.Errorf("a huge form got %s", got.Status)
	}
}

func TestOnlyItsOwnMachineIsServed(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct {
		remote, host, header string
		want                 int
	}{
		"local":               {"127.0.0.1:5000", "localhost:8080", "", http.StatusOK},
		"local over IPv6":     {"[::1]:5000", "[::1]:8080", "", http.StatusOK},
		"another machine":     {"192.0.2.7:5000", "localhost:8080", "", http.StatusForbidden},
		"a rebound name":      {"127.0.0.1:5000", "evil.example:8080", "", http.StatusForbidden},
		"a name that fits":    {"127.0.0.1:5000", "127.0.0.1.evil.example", "", http.StatusForbidden},
		"a proxy":             {"127.0.0.1:5000", "localhost:8080", "X-Forwarded-For", http.StatusForbidden},
		"a proxy of RFC 7239": {"127.0.0.1:5000", "localhost:8080", "Forwarded", http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/dev/.well-known/openid-configuration", nil)
			r.RemoteAddr, r.Host = c.remote, c.host
			if c.header != "" {
				r.Header.Set(c.header, "198.51.100.1")
			}
			answer := httptest.NewRecorder()
			w.ServeHTTP(answer, r)
			if answer.Code != c.want {
				t.Errorf("got %d: %s", answer.Code, answer.Body)
			}
		})
	}
}

func TestCheckBind(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:8080", "127.8.8.8:0", "[::1]:8080", "localhost:8080"} {
		if err := devissuer.CheckBind(addr); err != nil {
			t.Errorf("%s: %v", addr, err)
		}
	}
	for _, addr := range []string{":8080", "0.0.0.0:8080", "[::]:8080", "192.168.1.5:8080", "[fe80::1%eth0]:8080",
		"play.example.com:443", "localhost.evil.example:80", "[::ffff:192.0.2.1]:80"} {
		var public *devissuer.PublicBindError
		if err := devissuer.CheckBind(addr); !errors.As(err, &public) || !strings.Contains(err.Error(), "127.0.0.1") {
			t.Errorf("%s: got %v", addr, err)
		}
	}
	if err := devissuer.CheckBind("8080"); err == nil {
		t.Error("an address without a port was accepted")
	}
}

func TestOnlyThePagesOriginMayCall(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	for origin, want := range map[string]string{w.origin: w.origin, "http://evil.example": ""} {
		r, err := http.NewRequest(http.MethodGet, w.url+"/.well-known/openid-configuration", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Origin", origin)
		if got := b.do(r).Header.Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("%s: got %q", origin, got)
		}
	}
}
