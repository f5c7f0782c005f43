package devissuer_test

import (
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/playcast/playcast/gateway/auth"
	"github.com/playcast/playcast/gateway/auth/devissuer"
)

func TestSignInGivesTokensThatVerify(t *testing.T) {
	w := newWorld(t)
	verifier := w.verifier()
	for name, role := range map[string]auth.Role{"player1": auth.RolePlayer, "player2": auth.RolePlayer,
		"support1": auth.RoleSupport, "analyst1": auth.RoleAnalyst} {
		got := w.browser().signIn(name)
		if got.Expires < 590 || got.Expires > 600 || got.Refresh == "" {
			t.Errorf("%s: got %+v", name, got)
		}
		id, err := verifier.Verify(t.Context(), got.Access)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if string(id.Player) != name || id.Name != name || !slices.Equal(id.Roles, []auth.Role{role}) || id.Login == "" {
			t.Errorf("%s: got %+v", name, id)
		}
		if left := time.Until(id.Expires); left < 9*time.Minute || left > 10*time.Minute {
			t.Errorf("%s: expires in %s", name, left)
		}
	}
}

func TestIDTokenIsNoAccessToken(t *testing.T) {
	w := newWorld(t)
	_, err := w.verifier().Verify(t.Context(), w.browser().signIn("player1").ID)
	if !errors.Is(err, auth.ErrInvalid) {
		t.Errorf("got %v", err)
	}
}

func TestWrongPasswordShowsThePageAgain(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	request := b.openLogin()
	for _, name := range []string{"player1", "nobody"} {
		got := b.submit(request, name, "wrong")
		if got.StatusCode != http.StatusUnauthorized || !strings.Contains(got.body, "4 attempts are left") ||
			!strings.Contains(got.body, `role="alert"`) {
			t.Errorf("%s: %s: %s", name, got.Status, got.body)
		}
	}
	if got := b.submit(request, "player1", w.password("player1")); got.StatusCode != http.StatusSeeOther {
		t.Errorf("after a wrong password the right one got %s", got.Status)
	}
}

func TestFiveWrongPasswordsCloseTheAccountForAQuarterHour(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	request := b.openLogin()
	for range 5 {
		if got := b.submit(request, "player1", "wrong"); got.StatusCode != http.StatusUnauthorized {
			t.Fatalf("got %s", got.Status)
		}
		w.clock.advance(time.Minute)
	}
	got := b.submit(request, "player1", w.password("player1"))
	if got.StatusCode != http.StatusTooManyRequests || got.Header.Get("Retry-After") != "600" ||
		!strings.Contains(got.body, "Try again in 10 minutes") {
		t.Fatalf("got %s %s: %s", got.Status, got.Header.Get("Retry-After"), got.body)
	}
	if got := b.submit(request, "player2", w.password("player2")); got.StatusCode != http.StatusSeeOther {
		t.Errorf("another account got %s", got.Status)
	}
	w.clock.advance(10 * time.Minute)
	b.signIn("player1")
}

func TestRightPasswordsAreNotLimited(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	for range 8 {
		b.signIn("player1")
	}
}

func TestRefreshTokensRotate(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	first := b.signIn("player1")
	second := b.refresh(first.Refresh)
	if second.Access == "" || second.Refresh == "" || second.Refresh == first.Refresh {
		t.Fatalf("got %+v", second)
	}
	before, err := w.verifier().Verify(t.Context(), first.Access)
	if err != nil {
		t.Fatal(err)
	}
	after, err := w.verifier().Verify(t.Context(), second.Access)
	if err != nil || after.Login != before.Login || after.Player != before.Player || !slices.Equal(after.Roles, before.Roles) {
		t.Errorf("got %+v (%v), want the identity of %+v", after, err, before)
	}

	if got := b.refresh(first.Refresh); got.Error != "invalid_grant" {
		t.Errorf("the old token got %+v", got)
	}
	third := b.refresh(second.Refresh)
	if third.Refresh == "" {
		t.Fatalf("an old token shown at once, as by a second tab, ended the login: %+v", third)
	}
	w.clock.advance(time.Minute)
	if got := b.refresh(second.Refresh); got.Error != "invalid_grant" {
		t.Errorf("the old token got %+v", got)
	}
	if got := b.refresh(third.Refresh); got.Error != "invalid_grant" {
		t.Errorf("a stolen token did not end the login: %+v", got)
	}
}

func TestEverythingOutlivesARestart(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	got, accounts := b.signIn("player1"), w.Accounts()
	w.restart()
	if !slices.Equal(w.Accounts(), accounts) {
		t.Errorf("accounts: got %v, want %v", w.Accounts(), accounts)
	}
	if _, err := w.verifier().Verify(t.Context(), got.Access); err != nil {
		t.Errorf("access token of before: %v", err)
	}
	if renewed := b.refresh(got.Refresh); renewed.Access == "" {
		t.Errorf("refresh token of before: %+v", renewed)
	}
	w.restart()
	if again := b.refresh(got.Refresh); again.Error != "invalid_grant" {
		t.Errorf("a used refresh token after a restart: %+v", again)
	}
	entries, err := os.ReadDir(w.dir)
	if err != nil || len(entries) != 3 {
		t.Fatalf("got %v, %v", entries, err)
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", entry.Name(), info.Mode(), err)
		}
	}
}

func TestSigningOutEndsTheLogin(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	left, other := b.signIn("player1"), b.signIn("player1")
	got := b.get(w.url + "/end_session?" + url.Values{"id_token_hint": {left.ID},
		"post_logout_redirect_uri": {w.origin + "/"}}.Encode()).location(t)
	if got.String() != w.origin+"/" {
		t.Errorf("sent to %s", got)
	}
	if got := b.refresh(left.Refresh); got.Error != "invalid_grant" {
		t.Errorf("after signing out: %+v", got)
	}
	if got := b.refresh(other.Refresh); got.Access == "" {
		t.Errorf("another login of the same player: %+v", got)
	}
}

func TestRevokingATokenEndsTheLogin(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	for _, pick := range []func(tokens) string{
		func(t tokens) string { return t.Refresh },
		func(t tokens) string { return t.Access },
	} {
		got := b.signIn("player1")
		answer := b.post(w.url+"/revoke", url.Values{"token": {pick(got)}, "client_id": {devissuer.ClientID}})
		if answer.StatusCode != http.StatusOK {
			t.Errorf("got %s: %s", answer.Status, answer.body)
		}
		if got := b.refresh(got.Refresh); got.Error != "invalid_grant" {
			t.Errorf("after revoking: %+v", got)
		}
	}
}

func TestUserinfo(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	r, err := http.NewRequest(http.MethodGet, w.url+"/userinfo", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+b.signIn("support1").Access)
	got := b.do(r)
	if got.StatusCode != http.StatusOK || !strings.Contains(got.body, `"name":"support1"`) ||
		!strings.Contains(got.body, `"roles":["support"]`) {
		t.Errorf("got %s: %s", got.Status, got.body)
	}
}

func TestConfigIsChecked(t *testing.T) {
	good := devissuer.Config{Issuer: "http://localhost:8080/dev", Dir: t.TempDir(),
		RedirectURIs: []string{"http://localhost:8080/signed-in"}}
	for name, c := range map[string]struct {
		change func(*devissuer.Config)
		want   string
	}{
		"public http issuer":    {func(c *devissuer.Config) { c.Issuer = "http://play.example.com/dev" }, "loopback"},
		"public https issuer":   {func(c *devissuer.Config) { c.Issuer = "https://play.example.com/dev" }, "loopback"},
		"no issuer":             {func(c *devissuer.Config) { c.Issuer = "" }, "issuer is empty"},
		"no directory":          {func(c *devissuer.Config) { c.Dir = "" }, "directory"},
		"no redirect":           {func(c *devissuer.Config) { c.RedirectURIs = nil }, "redirect URI"},
		"public redirect":       {func(c *devissuer.Config) { c.RedirectURIs = []string{"https://evil.example/x"} }, "loopback"},
		"public after sign-out": {func(c *devissuer.Config) { c.PostLogoutURIs = []string{"https://evil.example/x"} }, "loopback"},
		"unknown role":          {func(c *devissuer.Config) { c.Users = []devissuer.User{{Name: "eve", Role: "root"}} }, "no role"},
		"name not an id":        {func(c *devissuer.Config) { c.Users = []devissuer.User{{Name: "E ve", Role: "player"}} }, "player id"},
		"twice": {func(c *devissuer.Config) {
			c.Users = []devissuer.User{{Name: "eve", Role: "player"}, {Name: "eve", Role: "admin"}}
		}, "twice"},
	} {
		t.Run(name, func(t *testing.T) {
			config := good
			c.change(&config)
			if _, err := devissuer.New(config); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want one about %q", err, c.want)
			}
		})
	}
}

func TestDamagedFilesAreNamed(t *testing.T) {
	w := newWorld(t)
	w.browser().signIn("player1")
	for _, name := range []string{"signing-key.pem", "accounts.json", "logins.json"} {
		path := filepath.Join(w.dir, name)
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("{broken"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := devissuer.New(w.config()); err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "delete the file") {
			t.Errorf("%s broken: got %v", name, err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := devissuer.New(w.config()); err == nil || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("%s readable by all: got %v", name, err)
		}
		if err := os.Chmod(path, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w.restart()
}
